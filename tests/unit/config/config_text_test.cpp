// SPDX-License-Identifier: GPL-2.0-or-later

// pec.toml as we write it, and a part of it as somebody else does.
#include "config/config_text.hpp"

#include "config/options.hpp"
#include "support/results.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;
using Catch::Contains;

namespace {

const config::Values alfa{{{"provider.name", "PEC \"Alfa\" \\ S.p.A. [unità] # 1"},
                           {"provider.domain", "pec.alfa.example"},
                           {"provider.certificate_file", "/p/crt"},
                           {"provider.key_file", "/p/key"},
                           {"trust.ca_file", "/p/ca"},
                           {"directory.source", "ldif:/p/ldif"},
                           {"directory.max_age_hours", "007"},
                           {"internal.secret_file", "/p/secret"},
                           {"internal.delivery_secret_file", "/p/delivery"},
                           {"log.level", "debug"}},
                          {}};

config::Values with_units() {
  auto values = alfa;
  for (const std::string name : {"uno", "due"})
    values.units.push_back({{"unit", "Unità " + name},
                            {"domain", "pec." + name + ".example"},
                            {"certificate_file", "/p/" + name + ".crt"},
                            {"key_file", "/p/" + name + ".key"}});
  return values;
}

config::Values read_back(const std::string& text) {
  const TemporaryFolder folder;
  return value_of(config::load_values(folder.write("pec.toml", text)));
}

}  // namespace

TEST_CASE("what is set is read back as it was, whatever is in it") {
  const auto text = config::config_text(alfa);
  auto expected = alfa;
  expected.options["directory.max_age_hours"] = "7";
  CHECK(read_back(text) == expected);
  CHECK_THAT(text, Contains("\nmax_age_hours = 7\n") && Contains("\nlevel = \"debug\"\n") &&
                       Contains("\n#refresh_seconds = 300\n") && Contains("\n#[[unit]]\n"));
  const auto config = value_of(config::parse_config(text, "pec.toml"));
  CHECK(config.provider.name == alfa.options.at("provider.name"));
  CHECK(config.units.empty());
}

TEST_CASE("units stand where the example of a unit would be") {
  const auto text = config::config_text(with_units());
  auto expected = with_units();
  expected.options["directory.max_age_hours"] = "7";
  CHECK(read_back(text) == expected);
  CHECK(text.find("#[[unit]]") == std::string::npos);
  const auto config = value_of(config::parse_config(text, "pec.toml"));
  REQUIRE(config.units.size() == 2);
  CHECK(config.units[1].domain == "pec.due.example");
}

TEST_CASE("what is not set has its default beside it, also if it must be set") {
  const auto text = config::config_text({});
  CHECK_THAT(text, Contains("has its\n# default.\n\n[milter]\n"));
  CHECK_THAT(text, Contains("\n#name = \"PEC Alfa S.p.A.\"\n"));
  CHECK(read_back(text) == config::Values{});
}

TEST_CASE("a file may set a part of the options, but all that a unit needs") {
  CHECK(read_back("[provider]\nname = 'A'\n[limits]\nmessage_size = 1_000\n") ==
        config::Values{{{"provider.name", "A"}, {"limits.message_size", "1000"}}, {}});
  const TemporaryFolder folder;
  const auto file = folder.write("a.toml", "[provider]\nnam = 'A'\ndomain = 'alfa'\n[[unit]]\n");
  CHECK_THAT(error_of(config::load_values(file)).detail,
             Contains("unit.domain is missing") && Contains("a.toml:2:1: unknown option") &&
                 Contains("a.toml:3:10: provider.domain is not a mail domain") &&
                 !Contains("provider.key_file"));
}

TEST_CASE("errors in a text name the file that it is for") {
  CHECK_THAT(error_of(config::parse_config("[provider]\nname = ' '\n", "/etc/pec/pec.toml")).detail,
             Contains("/etc/pec/pec.toml:2:8: provider.name is empty"));
}
