// SPDX-License-Identifier: GPL-2.0-or-later

// Which mailboxes have room for ordinary mail, by what the mail store says and what is under way to them.
//
//     Rooms rooms(std::move(quotas), aliases, clock);
//     rooms.has_room("tutti@pec.alfa.example", declared);                    // at RCPT
//     rooms.take_room({"anna@pec.alfa.example"}, message.size());            // at the end of data
//
// The store counts what was delivered. What was admitted since, and is not there yet, counts too: otherwise
// twenty messages at once would all fit into the room of one. It counts until the store has grown by as much,
// or for some minutes. Each node knows what it has admitted itself.
//
// An answer of the store, or of the tables of aliases, is used for some seconds: whoever repeats RCPT costs
// nothing more. A fixed number of addresses is remembered. The store is asked one question after the other: it
// has few processes for them, and what more than these bear would get no answer. That it gives none is
// remembered, too, so that who waits for his question does not wait for each one before it.
//
// An alias has room while one of its mailboxes has. Errors: unavailable, as Quotas and Aliases have it. Any
// thread; a call may wait for the store.
#pragma once

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "pec/ports.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pec::milter {

inline constexpr std::chrono::seconds room_known_for{10};
inline constexpr std::chrono::seconds no_answer_for{1};
inline constexpr std::chrono::minutes longest_under_way{5};

class Rooms {
public:
  // `aliases`: none, and each address is a mailbox of its own. It must live as long.
  Rooms(std::unique_ptr<const Quotas> quotas, const Aliases* aliases, const Clock& clock,
        std::size_t most_remembered = 10'000);

  // `address`: of a mailbox or alias, in any case.
  Result<bool> has_room(const std::string& address, std::uint64_t octets);
  // Whether all of them have; then the message is under way to them.
  Result<bool> take_room(const std::vector<std::string>& addresses, std::uint64_t octets);
  // It is under way to them, whether they have or not.
  Result<void> note_admitted(const std::vector<std::string>& addresses, std::uint64_t octets);

private:
  struct UnderWay {
    Instant since;
    std::uint64_t octets = 0, messages = 0;
    std::uint64_t used_before = 0;  // octets, as the store had it
  };
  struct Mailbox {
    Instant asked;
    std::vector<Quota> quotas;
    UnderWay under_way;
  };
  struct Alias {
    Instant asked;
    std::vector<std::string> mailboxes;
  };
  struct State {
    std::map<std::string, Mailbox> mailboxes;
    std::map<std::string, Alias> aliases;
  };
  struct NoAnswer {
    Instant at;
    Error error;
  };
  using Behind = std::vector<std::vector<std::string>>;  // the mailboxes of each address

  Result<Behind> looked_up(const std::vector<std::string>& addresses);
  Result<std::vector<std::string>> mailboxes_of(const std::string& address);
  Result<void> ask(const std::string& mailbox);
  bool is_known(const std::string& mailbox, Instant now);
  static bool any_has_room(State& state, const std::vector<std::string>& mailboxes,
                           std::uint64_t octets);
  static void enter(State& state, const Behind& behind, std::uint64_t octets);

  const std::unique_ptr<const Quotas> quotas_;
  const Aliases* const aliases_;
  const Clock& clock_;
  const std::size_t most_remembered_;
  Guarded<State> state_;
  Guarded<std::optional<NoAnswer>> question_;  // held while the store is asked
};

}  // namespace pec::milter
