// SPDX-License-Identifier: GPL-2.0-or-later

// Says which mailboxes have room for ordinary mail: it counts what the mail store holds, and what
// is under way.
//
//     Rooms rooms(std::move(quotas), aliases, clock);
//     rooms.has_room("tutti@pec.alfa.example", declared);                    // at RCPT
//     rooms.take_room({"anna@pec.alfa.example"}, message.size());            // at the end of data
//
// The store counts only delivered messages. Admitted messages that are not there yet count too.
// Otherwise twenty messages at once would all fit into the room of one. They count until the store
// has grown by as much, or for some minutes. Each node knows only the messages that it has admitted
// itself.
//
// An answer of the store, or of the alias tables, is used for some seconds, so a client that
// repeats RCPT costs nothing more. The number of remembered addresses is limited. The store gets
// one question at a time: it has few processes for them, and more questions would get no answer. A
// failed question is remembered, too. So a session that waits for its own question does not wait
// for all the failing ones before it.
//
// An alias has room if one of its mailboxes has. Errors: unavailable, as in Quotas and Aliases. Any
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
  // `aliases`: if null, each address is a mailbox. It must outlive this.
  Rooms(std::unique_ptr<const Quotas> quotas, const Aliases* aliases, const Clock& clock,
        std::size_t most_remembered = 10'000);

  // `address`: of a mailbox or alias, in any case.
  Result<bool> has_room(const std::string& address, std::uint64_t octets);
  // Whether all of them have room. If so, the message is under way to them.
  Result<bool> take_room(const std::vector<std::string>& addresses, std::uint64_t octets);
  // Counts the message as under way to them, whether they have room or not.
  Result<void> note_admitted(const std::vector<std::string>& addresses, std::uint64_t octets);

private:
  struct UnderWay {
    Instant since;
    std::uint64_t octets = 0, messages = 0;
    std::uint64_t used_before = 0;  // octets, as the store said
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
