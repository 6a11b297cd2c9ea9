// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/login_guard.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using enum LoginRefusal::Of;

TEST_CASE("an account takes twenty wrong passwords from all strangers together") {
  CHECK_FALSE(refuse_login({.of_account = 19}));
  CHECK(refuse_login({.of_account = 20}) ==
        LoginRefusal{account, "20 wrong passwords for this account in one hour"});
}

TEST_CASE("strangers' guesses do not keep a holder out where he has been") {
  CHECK_FALSE(refuse_login({.known = true, .at_known = 99, .of_account = 900, .of_network = 900}));
  CHECK(refuse_login({.known = true, .at_known = 100}) ==
        LoginRefusal{account, "100 wrong passwords from this network in one hour"});
}

TEST_CASE("a network takes fifty wrong passwords at accounts to which it is a stranger") {
  CHECK_FALSE(refuse_login({.of_network = 49}));
  CHECK(refuse_login({.of_network = 50}) ==
        LoginRefusal{network, "50 wrong passwords for any account from this network in one hour"});
}

TEST_CASE("a password that is being tried counts as wrong") {
  CHECK_FALSE(refuse_login({.of_account = 12, .under_way = {.of_account = 7}}));
  CHECK(
      refuse_login({.of_account = 12, .under_way = {.of_account = 8}}) ==
      LoginRefusal{account, "12 wrong passwords for this account in one hour, and 8 being tried"});
  CHECK(refuse_login({.of_network = 49, .under_way = {.of_network = 1}})->of == network);
  CHECK(refuse_login({.known = true, .at_known = 99, .under_way = {.at_known = 1}})->of == account);
  CHECK_FALSE(refuse_login({.known = true, .under_way = {.of_account = 900, .of_network = 900}}));
}

TEST_CASE("a network is one IPv4 address, or the 64 bits of IPv6 that one site has") {
  CHECK(network_of("192.0.2.7") == "192.0.2.7");
  CHECK(network_of("::ffff:192.0.2.7") == "192.0.2.7");
  CHECK(network_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
  CHECK(network_of("2001:DB8:1:2::9") == "2001:db8:1:2::/64");
  for (const std::string nothing : {"", "anna", "192.0.2", "192.0.2.7 ", "unix:/run/x"})
    CHECK_FALSE(network_of(nothing));
}
