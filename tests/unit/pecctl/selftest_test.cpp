// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl selftest` against real servers is in tests/integration/pecctl_selftest_test.py.
#include "pecctl/selftest/checks.hpp"
#include "pecctl/selftest/own_process.hpp"
#include "pecctl/selftest/postfix_tables.hpp"
#include "pecctl/selftest/public_services.hpp"
#include "pecctl/selftest/round_trip.hpp"
#include "support/results.hpp"
#include "unit/pecctl/default_config.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <set>
#include <stdexcept>
#include <unistd.h>

using namespace pec;
using namespace pec::pecctl;
using namespace pec::test;
using Catch::Contains;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

namespace {

const std::set<std::string, std::less<>> types{"texthash", "regexp", "sqlite", "cidr", "pgsql"};

config::Config site_config() {
  auto config = default_config();
  config.site.host_name = "mx.pec.alfa.example";
  return config;
}

Strings places_of(const config::Config& config) {
  Strings all;
  for (const auto& server : public_services(config)) all.push_back(server.text());
  return all;
}

}  // namespace

TEST_CASE("a table in Postfix's settings is found wherever it stands") {
  CHECK(tables_in("virtual_alias_maps = texthash:/etc/pec-alias, regexp:/etc/more", types) ==
        Strings{"texthash:/etc/pec-alias", "regexp:/etc/more"});
  CHECK(tables_in("pec_incoming =\treject_unauth_destination check_sender_access cidr:/x", types) ==
        Strings{"cidr:/x"});
  CHECK(tables_in("a = check_policy_service { unix:/x, b=c }, { check_access texthash:/y }",
                  types) == Strings{"texthash:/y"});
  CHECK(tables_in("pecone/unix/transport_maps = regexp:/z", types) == Strings{"regexp:/z"});
  CHECK(tables_in("a = proxy:pgsql:/etc/p.cf", types) == Strings{"proxy:pgsql:/etc/p.cf"});
  CHECK(tables_in("a = cidr:{{127.0.0.1/32 permit}, {::1 permit}}", types) ==
        Strings{"cidr:{{127.0.0.1/32 permit}, {::1 permit}}"});
}

TEST_CASE("each table counts once") {
  CHECK(tables_in("a = texthash:/x\nb = texthash:/x, texthash:/y", types) ==
        Strings{"texthash:/x", "texthash:/y"});
}

TEST_CASE("what only looks like a table is none") {
  CHECK(tables_in("smtpd_milters = unix:/run/pec/milter.sock\nx = lmtp:unix:private/dovecot-lmtp\n"
                  "a = inline:{ texthash:/x = y }\nb = texthash\nsqlite:/x\nc = {",
                  types)
            .empty());
}

TEST_CASE("a cache is made by Postfix itself, and is not asked") {
  CHECK(tables_in("smtp_tls_session_cache_database = texthash:/x\naddress_verify_map = texthash:/y",
                  types)
            .empty());
}

TEST_CASE("a finding comes from a process of its own") {
  const auto us = getpid();
  const auto finding = in_own_process(20s, [&]() -> Result<Finding> {
    return getpid() == us ? bad("the same") : Finding{Verdict::off, "è \"off\"\n", "Nothing."};
  });
  CHECK(finding == Finding{Verdict::off, "è \"off\"\n", "Nothing."});
}

TEST_CASE("a check that fails in any way is bad, and ends nothing else") {
  const auto found = [](std::chrono::milliseconds limit, auto look) {
    const auto finding = in_own_process(limit, look);
    CHECK(finding.verdict == Verdict::bad);
    return finding.found;
  };
  CHECK(found(20s, []() -> Result<Finding> { return unavailable("it is away"); }) == "it is away");
  CHECK(found(20s, []() -> Result<Finding> { throw std::runtime_error("a library is missing"); }) ==
        "a library is missing");
  CHECK(found(20s, []() -> Result<Finding> {
          raise(SIGKILL);
          return good("");
        }) == "the check itself ended by signal 9");
  CHECK(found(20s, []() -> Result<Finding> { _exit(0); }) ==
        "the check itself ended without an answer");
  CHECK(found(50ms, []() -> Result<Finding> {
          for (;;) pause();
        }) == "no answer within 0.05 s");
}

TEST_CASE("public services are at the site's addresses, or at one of their own") {
  auto config = site_config();
  config.site.addresses = {"192.0.2.1", "2001:db8::1"};
  config.site.mx = "[2001:db8::2]:2525";
  CHECK(places_of(config) == Strings{"smtps at 192.0.2.1:465", "smtps at [2001:db8::1]:465",
                                     "submission at 192.0.2.1:587",
                                     "submission at [2001:db8::1]:587", "mx at [2001:db8::2]:2525",
                                     "imaps at 192.0.2.1:993", "imaps at [2001:db8::1]:993",
                                     "pop3s at 192.0.2.1:995", "pop3s at [2001:db8::1]:995"});
}

TEST_CASE("without addresses of the site, those of the host are asked") {
  CHECK(places_of(site_config()).size() >= 5);
}

TEST_CASE("a set of messages is read from the answer to a search") {
  CHECK(found_in("* SEARCH 4 5\r\n") == "4,5");
  CHECK(found_in("* 3 EXISTS\r\n* SEARCH 7\r\n") == "7");
  CHECK(found_in("* SEARCH\r\n").empty());
  CHECK(found_in("").empty());
}

TEST_CASE("a message has come round when its envelope and both receipts are there") {
  int asked = 0;
  const auto late = [&](const std::string&) -> Result<std::string> {
    return ++asked > 4 ? "1" : "";  // in the second round
  };
  CHECK(value_of(missing_parts(late, "selftest.1@mx", 20s)).empty());
  CHECK(asked > 4);
}

TEST_CASE("a part that does not come in time is named, and one about another message is none") {
  const auto search = [](const std::string& key) -> Result<std::string> {
    CHECK_THAT(key, Contains("HEADER X-Riferimento-Message-ID \"selftest.1@mx\""));
    const bool is_acceptance = key.find("\"accettazione\"") != std::string::npos;
    if (is_acceptance) CHECK_THAT(key, Contains("NOT HEADER X-Ricevuta \"non-accettazione\""));
    return is_acceptance ? "3" : "";
  };
  CHECK(value_of(missing_parts(search, "selftest.1@mx", 0ms)) ==
        Strings{"the transport envelope", "the delivery receipt"});
  const auto away = [](const std::string&) -> Result<std::string> { return unavailable("away"); };
  CHECK(missing_parts(away, "selftest.1@mx", 20s).error().detail == "away");
}

TEST_CASE("each check has a name of its own, a remedy and a limit") {
  std::set<std::string_view> names;
  for (const auto& check : checks()) {
    CHECK(names.insert(check.name).second);
    CHECK(check.remedy.ends_with('.'));
    CHECK(check.limit > 0s);
  }
}
