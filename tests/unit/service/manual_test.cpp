// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/manual.hpp"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>

using namespace pec;
using Catch::Contains;

TEST_CASE("no text is taken for markup") {
  CHECK(service::roff("plain text, 1 < 2") == "plain text, 1 < 2");
  CHECK(service::roff(".so /etc/passwd") == "\\&.so /etc/passwd");
  CHECK(service::roff("a\n.b\n'c") == "a\n\\&.b\n\\(aqc");
  CHECK(service::roff("a.b") == "a.b");
  CHECK(service::roff("C:\\new --x \"q\" ^~`") == "C:\\enew \\-\\-x \\(dqq\\(dq \\(ha\\(ti\\(ga");
}

TEST_CASE("the page of a program has its options, those of groups, and none that is hidden") {
  CLI::App app("Does it", "prog");
  std::string file = "/default";
  bool flag = false;
  app.add_option("--file", file, "Where")->capture_default_str();
  app.add_flag("--hidden", flag, "Not shown")->group("");
  auto* group = app.add_option_group("Settings");
  auto* on = group->add_flag("--on", flag, "On");
  group->add_flag("--off", flag, "Off")->excludes(on);
  app.footer("More of it.");
  const auto page = service::manual_page(app);
  CHECK_THAT(page, Contains("\n.SH NAME\nprog \\- Does it\n"));
  CHECK_THAT(page, Contains("\nMore of it.\n"));
  CHECK_THAT(page, Contains("\n.TP\n\\fB\\-\\-file\\fR \\fITEXT\\fR\nWhere. Default: /default\n"));
  CHECK_THAT(page, Contains("\n\\fB\\-\\-on\\fR\nOn."));
  CHECK_THAT(page, Contains("\n\\fB\\-\\-off\\fR\nOff. Not together with \\fB\\-\\-on\\fR.\n"));
  CHECK_THAT(page, !Contains("hidden"));
}

TEST_CASE("the page of a command has each command below it, with what it takes") {
  CLI::App app("Does it", "prog");
  std::string what;
  auto* group = app.add_subcommand("group", "Of something");
  group->require_subcommand(1);
  auto* show = group->add_subcommand("show", "Show one");
  show->add_option("WHAT", what, "Which")->required();
  show->footer("Exit status: 0.");
  const auto page = service::manual_page(*group);
  CHECK_THAT(page, Contains("\n.SH NAME\nprog\\-group \\- Of something\n"));
  CHECK_THAT(page, Contains("\n.SH SYNOPSIS\n.HP\n\\fBprog group show\\fR \\fIWHAT\\fR\n.SH"));
  CHECK_THAT(page, Contains("\n.TP\n\\fBprog group show\\fR \\fIWHAT\\fR\nShow one.\n"));
  CHECK_THAT(page, Contains("\n.TP\n\\fIWHAT\\fR\nWhich.\n"));
  CHECK_THAT(page, Contains("\nExit status: 0.\n"));
  CHECK_THAT(page, Contains("\\fBprog\\fR(8)"));
}
