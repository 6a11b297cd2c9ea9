// SPDX-License-Identifier: GPL-2.0-or-later

// Who may try a password: pure functions over what the ledger has counted of logins that failed.
//
//     LoginAttempt attempt{"anna@alfa.example", *network_of("192.0.2.7"), now};
//     if (auto why = refuse_login(facts)) ...           // refused, whatever the password
//
// Six sentences:
//   - An account takes twenty wrong passwords in an hour, from all strangers together.
//   - A network from which its holder logged in well in the last thirty days is no stranger to it: what
//     others guess elsewhere keeps nobody out of his mailbox.
//   - From such a network, an account takes a hundred wrong passwords in an hour, counted apart.
//   - A network takes fifty wrong passwords in an hour, for all accounts to which it is a stranger.
//   - What is being tried counts as wrong until it is known how it ended: guesses at the same moment are no
//     more than guesses one after the other.
//   - The same wrong password of an account counts once in an hour: an old one in a forgotten device is no
//     guess.
//
// A network is one IPv4 address, or the 64 bits of IPv6 that one site has. An hour begins with the first
// login that failed. Who is refused tries no password, so nothing is counted: what was refused an hour ago
// may be tried again. Any thread.
#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pec {

struct LoginAttempt {
  std::string account;  // canonical
  std::string network;  // network_of()
  Instant at;

  bool operator==(const LoginAttempt&) const = default;
};

inline constexpr std::chrono::hours login_window{1};
inline constexpr std::chrono::days network_is_known_for{30};
inline constexpr std::uint64_t most_failures_of_account = 20, most_failures_at_known = 100,
                               most_failures_of_network = 50;

// Attempts that were allowed, and of which it is not known yet how they end.
struct LoginsUnderWay {
  std::uint64_t at_known = 0, of_account = 0, of_network = 0;  // as below

  bool operator==(const LoginsUnderWay&) const = default;
};

// What failed in the window.
struct LoginFacts {
  bool known = false;            // the account logged in well from this network lately
  std::uint64_t at_known = 0;    // of the account, from this network, if that is known
  std::uint64_t of_account = 0;  // of the account, from strangers
  std::uint64_t of_network = 0;  // from this network, at accounts to which it is a stranger
  LoginsUnderWay under_way{};    // beside these

  bool operator==(const LoginFacts&) const = default;
};

struct LoginRefusal {
  enum class Of { account, network } of;  // whose limit it is
  std::string why;                        // in English, for the administrator

  bool operator==(const LoginRefusal&) const = default;
};

// Nothing: it may be tried.
std::optional<LoginRefusal> refuse_login(const LoginFacts& facts);

// "192.0.2.7", "2001:db8:1:2::/64"; nothing: it is no address. IPv4 within IPv6 is IPv4.
std::optional<std::string> network_of(const std::string& address);

}  // namespace pec
