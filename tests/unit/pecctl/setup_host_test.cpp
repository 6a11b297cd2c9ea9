// SPDX-License-Identifier: GPL-2.0-or-later

// What set-up reads of a host, and what it refuses. That it reads real programs: tests/packages.
#include "pecctl/setup/host_parts.hpp"
#include "pecctl/setup/own_files.hpp"
#include "pecctl/setup/refusals.hpp"
#include "support/results.hpp"
#include "unit/pecctl/default_config.hpp"

#include <catch2/catch.hpp>
#include <functional>

using namespace pec;
using namespace pec::pecctl;
using namespace pec::test;
using Catch::Contains;
using Words = std::vector<std::string>;

namespace {

const Words both_addresses{"192.0.2.10", "192.0.2.11"};

config::Config wanted() {
  auto config = default_config();
  config.provider.domain = "pec.alfa.example";
  config.internal.receipts_address = "127.0.0.1:10588";
  config.site.addresses = {"192.0.2.11"};
  return config;
}

// An ordinary host with two addresses, at both of which ordinary mail comes in.
Facts ordinary_host() {
  Facts facts;
  facts.has_systemd = true;
  facts.addresses = both_addresses;
  facts.loopback = {"127.0.0.1"};
  facts.postfix_version = "3.7.11";
  facts.dovecot_version = "2.3.19.1";
  facts.has_dovecot_plugin = true;
  facts.postfix_interfaces = {"all"};
  facts.dovecot_listen = {"*", "::"};
  facts.ordinary_domains = {{"mydestination", {"mail.alfa.example", "alfa.example"}, {}}};
  facts.listeners = {
      {"*", 25, "master", 100}, {"*", 993, "dovecot", 101}, {"127.0.0.1", 5432, "postgres", 7}};
  facts.has_ordinary_mail = true;
  facts.has_virus_database = true;
  return facts;
}

}  // namespace

TEST_CASE("the sockets that ss lists") {
  const auto found = listeners_in(
      "LISTEN 0 100          0.0.0.0:25         0.0.0.0:*    users:((\"master\",pid=812,fd=13))\n"
      "LISTEN 0 4096   127.0.0.53%lo:53         0.0.0.0:*    "
      "users:((\"systemd-resolve\",pid=9,fd=14),(\"x\",pid=1,fd=2))\n"
      "LISTEN 0 128            [::1]:631           [::]:*\n"
      "LISTEN 0 128                *:80               *:*    users:((\"apache2\",pid=3,fd=4))\n"
      "something else\n");
  CHECK(found == std::vector<Listener>{{"*", 25, "master", 812},
                                       {"127.0.0.53", 53, "systemd-resolve", 9},
                                       {"::1", 631, "", 0},
                                       {"*", 80, "apache2", 3}});
  CHECK(covers("*", "192.0.2.1"));
  CHECK(covers("192.0.2.1", "192.0.2.1"));
  CHECK_FALSE(covers("192.0.2.1", "192.0.2.2"));
}

TEST_CASE("lists and the release as the host has them") {
  CHECK(words_in("a.example, b.example\n\tc.example,") ==
        Words{"a.example", "b.example", "c.example"});
  CHECK(words_in(" \n").empty());
  CHECK(distribution_in("NAME=\"Debian\"\nID=debian\nVERSION_ID=\"12\"\n") == "debian 12");
  CHECK(distribution_in("").empty());
}

TEST_CASE("the addresses that stay with the host's own services") {
  const Words host{"127.0.0.1", "::1", "192.0.2.10", "192.0.2.11", "2001:db8::a", "2001:db8::b"};
  const Words ours{"192.0.2.11", "2001:db8::b"};
  CHECK(interfaces_without({"all"}, {"all"}, host, ours) ==
        Words{"127.0.0.1", "::1", "192.0.2.10", "2001:db8::a"});
  CHECK(interfaces_without({"*", "::"}, {"*", "::"}, host, ours) ==
        Words{"127.0.0.1", "192.0.2.10", "::1", "2001:db8::a"});
  CHECK(interfaces_without({"*"}, {"*", "::"}, host, ours) == Words{"127.0.0.1", "192.0.2.10"});
  CHECK(interfaces_without({"192.0.2.10", "[2001:db8::b]"}, {"all"}, host, ours) ==
        Words{"192.0.2.10"});
  SECTION("nothing changes where nothing is in the way, and so a second set-up changes nothing") {
    for (const auto& now : {Words{"loopback-only"}, Words{"192.0.2.10", "[2001:db8::a]"}, Words{}})
      CHECK(interfaces_without(now, {"all"}, host, ours) == now);
    const auto once = interfaces_without({"all"}, {"all"}, host, ours);
    CHECK(interfaces_without(once, {"all"}, host, ours) == once);
  }
}

TEST_CASE("no service is told of an address that the host does not have") {
  auto facts = ordinary_host();
  CHECK(postfix_without_ours(wanted(), facts) == Words{"127.0.0.1", "192.0.2.10"});
  CHECK(dovecot_without_ours(wanted(), facts) == Words{"127.0.0.1", "192.0.2.10"});
  facts.loopback.emplace_back("::1");
  facts.addresses.emplace_back("2001:db8::a");
  CHECK(postfix_without_ours(wanted(), facts) ==
        Words{"127.0.0.1", "::1", "192.0.2.10", "2001:db8::a"});
  facts.postfix_without_v6 = true;
  CHECK(postfix_without_ours(wanted(), facts) == Words{"127.0.0.1", "192.0.2.10"});
}

TEST_CASE("a file of Dovecot's that sets listen for all services") {
  CHECK(sets_listen("# x\nlisten = *\n"));
  CHECK(sets_listen("  listen=192.0.2.10"));
  CHECK_FALSE(sets_listen("#listen = *, ::\nlistener = x\nlisten_x = y\n"));
}

TEST_CASE("the addresses without ordinary mail") {
  auto facts = ordinary_host();
  CHECK(free_addresses(facts).empty());
  facts.postfix_interfaces = {"loopback-only"};
  CHECK(free_addresses(facts) == both_addresses);
  facts.postfix_interfaces = {"127.0.0.1", "192.0.2.10"};
  CHECK(free_addresses(facts) == Words{"192.0.2.11"});
  facts.postfix_interfaces = {"all"};
  facts.has_ordinary_mail = false;  // Debian's Postfix as it is installed
  CHECK(free_addresses(facts) == both_addresses);
}

TEST_CASE("an ordinary host with an address to spare is not refused") {
  CHECK(refusals(wanted(), ordinary_host()).empty());
}

TEST_CASE("each refusal says what, where and the remedy") {
  struct Case {
    const char* told;
    std::function<void(config::Config&, Facts&)> damage;
  };
  const std::vector<Case> cases{
      {"systemd does not run here", [](auto&, auto& facts) { facts.has_systemd = false; }},
      {"Postfix is not installed: install the package postfix",
       [](auto&, auto& facts) { facts.postfix_version.clear(); }},
      {"no /etc/postfix/main.cf: run \"dpkg-reconfigure postfix\"",
       [](auto&, auto& facts) { facts.postfix_interfaces.clear(); }},
      {"Dovecot is not installed", [](auto&, auto& facts) { facts.dovecot_version.clear(); }},
      {"Dovecot 2.4.1 is installed, and this version",
       [](auto&, auto& facts) { facts.dovecot_version = "2.4.1"; }},
      {"plugin for certified mail is missing: install dovecot-pec",
       [](auto&, auto& facts) { facts.has_dovecot_plugin = false; }},
      {"site.addresses names no address for certified mail; this host has 192.0.2.10, 192.0.2.11",
       [](auto& config, auto&) { config.site.addresses.clear(); }},
      {"site.addresses has 192.0.2.12, which this host does not have",
       [](auto& config, auto&) { config.site.addresses = {"192.0.2.12"}; }},
      {"certified mail needs an address of its own",
       [](auto& config, auto&) { config.site.addresses = both_addresses; }},
      {"port 465 of 192.0.2.11 (site.smtps) is taken by stunnel (process 5): stop that program",
       [](auto&, auto& facts) {
         facts.listeners.push_back({"192.0.2.11", 465, "stunnel", 5});
       }},
      {"port 465 of 192.0.2.11 (site.smtps) is taken by master (process 5): a service in the "
       "master.cf of the host's own Postfix",
       [](auto&, auto& facts) {
         facts.listeners.push_back({"192.0.2.11", 465, "master", 5});
       }},
      {"port 993 of 192.0.2.11 (site.imaps_port) is taken by imap-login (process 5): an "
       "inet_listener of the host's own Dovecot",
       [](auto&, auto& facts) {
         facts.dovecot_listen = {"192.0.2.10"};
         facts.listeners = {{"192.0.2.11", 993, "imap-login", 5}};
       }},
      {"/etc/dovecot/local.conf sets where the host's own Dovecot listens, and Dovecot reads it "
       "after the file of set-up: write \"listen = 127.0.0.1, 192.0.2.10\" there",
       [](auto&, auto& facts) { facts.dovecot_listen_after = "/etc/dovecot/local.conf"; }},
      {"port 10588 of 127.0.0.1 (internal.receipts_address) is taken by another program",
       [](auto&, auto& facts) {
         facts.listeners.push_back({"*", 10588, "", 0});
       }},
      {"alfa.example is a domain of ordinary mail here (mydestination in the host's own Postfix)",
       [](auto& config, auto&) { config.provider.domain = "Alfa.example"; }},
      {"ledger.connection holds a password",
       [](auto& config, auto&) {
         config.ledger.connection = "postgresql://pec:parola@db.alfa.example/pec";
       }},
      {"no virus signatures in /var/lib/clamav",
       [](auto&, auto& facts) { facts.has_virus_database = false; }},
  };
  for (const auto& [told, damage] : cases) {
    auto config = wanted();
    auto facts = ordinary_host();
    damage(config, facts);
    INFO(told);
    const auto said = refusals(config, facts);
    REQUIRE(said.size() == 1);
    CHECK_THAT(said.front(), Contains(told));
  }
}

TEST_CASE("what is no reason to refuse") {
  auto config = wanted();
  auto facts = ordinary_host();
  SECTION("all addresses, where nobody has ordinary mail") {
    config.site.addresses = both_addresses;
    facts.has_ordinary_mail = false;
  }
  SECTION("all addresses, where ordinary mail does not come from outside") {
    config.site.addresses = both_addresses;
    facts.postfix_interfaces = {"loopback-only"};
    facts.listeners = {{"127.0.0.1", 25, "master", 100}};
  }
  SECTION("a program at another address of the host") {
    facts.listeners.push_back({"192.0.2.10", 465, "stunnel", 5});
  }
  SECTION("our own instances, when set-up runs again") {
    facts.postfix_interfaces = {"192.0.2.10"};
    facts.postfix_instances = {"/etc/postfix-pec"};
    facts.listeners.push_back({"192.0.2.11", 25, "master", 5});
  }
  SECTION("a file of Dovecot's that leaves our address already") {
    facts.dovecot_listen = {"192.0.2.10"};
    facts.listeners = {{"192.0.2.10", 993, "dovecot", 101}};
    facts.dovecot_listen_after = "/etc/dovecot/local.conf";
  }
  SECTION("no signatures, where a trial has its own, or nothing is scanned") {
    facts.has_virus_database = false;
    config.antivirus.database_dir = "/etc/pec/trial/clamav";
  }
  CHECK(refusals(config, facts).empty());
}
