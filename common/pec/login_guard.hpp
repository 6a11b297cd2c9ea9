// SPDX-License-Identifier: GPL-2.0-or-later

// Whether a login may try a password: pure functions over the ledger's counts of failed logins.
//
//     LoginAttempt attempt{"anna@alfa.example", *network_of("192.0.2.7"), now};
//     if (auto why = refuse_login(facts)) ...           // refused, whatever the password
//
// Six rules:
//   - An account takes twenty wrong passwords in an hour, from all strangers together.
//   - A network is not a stranger to an account whose holder logged in well from it in the last
//     thirty days. So guesses from elsewhere keep nobody out of his mailbox.
//   - From such a network, an account takes a hundred wrong passwords in an hour, counted apart.
//   - A network takes fifty wrong passwords in an hour, for all accounts to which it is a stranger.
//   - A login under way counts as wrong until its end is known. So guesses at the same moment gain
//     nothing over guesses one after the other.
//   - The same wrong password of an account counts once in an hour: an old password in a forgotten
//     device is not a guess.
//
// A network is one IPv4 address, or the 64 bits of IPv6 that one site has. An hour begins with the
// first failed login. A refused login tries no password, so it is not counted: an hour later it may
// be tried again. Any thread.
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

// Attempts that were allowed and whose end is not known yet.
struct LoginsUnderWay {
  std::uint64_t at_known = 0, of_account = 0, of_network = 0;  // as below

  bool operator==(const LoginsUnderWay&) const = default;
};

// The failures in the window.
struct LoginFacts {
  bool known = false;            // the account logged in well from this network lately
  std::uint64_t at_known = 0;    // of the account, from this network, if it is known
  std::uint64_t of_account = 0;  // of the account, from strangers
  std::uint64_t of_network = 0;  // from this network, at accounts to which it is a stranger
  LoginsUnderWay under_way{};    // not included above

  bool operator==(const LoginFacts&) const = default;
};

struct LoginRefusal {
  enum class Of { account, network } of;  // whose limit it is
  std::string why;                        // in English, for the administrator

  bool operator==(const LoginRefusal&) const = default;
};

// Nothing: the password may be tried.
std::optional<LoginRefusal> refuse_login(const LoginFacts& facts);

// "192.0.2.7", "2001:db8:1:2::/64"; nothing: not an address. IPv4 within IPv6 counts as IPv4.
std::optional<std::string> network_of(const std::string& address);

}  // namespace pec
