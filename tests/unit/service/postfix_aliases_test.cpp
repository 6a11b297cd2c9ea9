// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/postfix_aliases.hpp"

#include "support/results.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

using namespace pec;
using namespace pec::test;
using namespace std::chrono_literals;
using Catch::Contains;
using Addresses = std::vector<std::string>;

namespace {

// Real tables of Postfix, and a program in the place of postmap if the test wants one.
struct PostfixTables {
  PostfixTables() { folder.write("main.cf", "compatibility_level = 3.6\n"); }

  void table(const std::string& name, const std::string& text) {
    options.tables.push_back("texthash:" + folder.write(name, text).string());
  }
  void stub(const std::string& script) {
    options.postmap = folder.write("postmap", "#!/bin/sh\n" + script + "\n", 0700);
  }
  Result<Addresses> ask(const std::string& address) const {
    return service::PostfixAliases(options).mailboxes_of(address);
  }
  Addresses behind(const std::string& address) const {
    const auto found = ask(address);
    INFO((found ? "" : found.error().detail));
    REQUIRE(found);
    return *found;
  }
  std::string error(const std::string& address = "info@b.example") const {
    const auto found = error_of(ask(address));
    CHECK(found.fault == Fault::unavailable);
    return found.detail;
  }

  TemporaryFolder folder;
  service::PostfixAliasOptions options{{}, "b.example", "/usr/sbin/postmap", folder.path(), 20s};
};

}  // namespace

TEST_CASE("aliases lead where Postfix's own tables say", "[rule:5]") {
  PostfixTables site;
  site.table("first",
             "info@b.example Anna@b.example, sales@b.example\n"
             "sales@b.example bruno@b.example carla@b.example\n"
             "keep@b.example keep@b.example, archive@b.example\n"
             "circle@b.example round@b.example\n"
             "round@b.example circle@b.example\n"
             "\"a b\"@b.example \"x, y\"@b.example\n"
             "away@b.example anna@b.example, ticket@[127.0.0.9], root@localhost\n"
             "gone@b.example root@localhost\n"
             "short anna, <bruno@b.example>\n");
  site.table("second",
             "info@b.example eve@b.example\n"
             "late@b.example eve@b.example\n"
             "@c.example @b.example\n"
             "own@c.example own@c.example\n");
  REQUIRE(service::PostfixAliases(site.options).check());
  CHECK(site.behind("Info@B.example") ==
        Addresses{"anna@b.example", "bruno@b.example", "carla@b.example"});
  CHECK(site.behind("keep@b.example") == Addresses{"archive@b.example", "keep@b.example"});
  CHECK(site.behind("late@b.example") == Addresses{"eve@b.example"});
  CHECK(site.behind("nobody@b.example") == Addresses{"nobody@b.example"});
  CHECK(site.behind("circle@b.example").empty());
  // Nobody in something else than a mail domain can have a certified mailbox.
  CHECK(site.behind("away@b.example") == Addresses{"anna@b.example"});
  CHECK(site.behind("gone@b.example").empty());
  CHECK(site.behind("\"a b\"@b.example") == Addresses{"\"x, y\"@b.example"});
  CHECK(site.behind("short@b.example") == Addresses{"anna@b.example", "bruno@b.example"});
  CHECK(site.behind("short@d.example") == Addresses{"short@d.example"});
  CHECK(site.behind("info@c.example") ==
        Addresses{"anna@b.example", "bruno@b.example", "carla@b.example"});
  CHECK(site.behind("own@c.example") == Addresses{"own@c.example"});
}

TEST_CASE("a table that can't be asked, or read, is an error that names it", "[rule:5]") {
  PostfixTables site;
  SECTION("it is not there") {
    site.options.tables = {"texthash:/nowhere/aliases"};
    CHECK_THAT(site.error(), Contains("can't ask Postfix's table texthash:/nowhere/aliases") &&
                                 Contains("No such file or directory") &&
                                 Contains("correct aliases.tables"));
    CHECK_FALSE(service::PostfixAliases(site.options).check());
  }
  SECTION("it is of a type that Postfix does not have") {
    site.options.tables = {"nonsense:/aliases"};
    CHECK_THAT(site.error(), Contains("nonsense:/aliases"));
  }
  SECTION("it leads to no address") {
    site.stub("printf 'info@b.example\\tanna@\\n'");
    site.options.tables = {"x:y"};
    CHECK_THAT(site.error(),
               Contains("lead info@b.example to something that is not an address: anna@"));
  }
  SECTION("it leads to more addresses than Postfix follows") {
    site.stub("while read -r key; do printf '%s\\t%s, x%s, y%s\\n' $key $key $key $key; done");
    site.options.tables = {"x:y"};
    CHECK_THAT(site.error(), Contains("leads to more than 1000 addresses"));
  }
  SECTION("postmap is missing") {
    site.options.postmap = "/nowhere/postmap";
    site.options.tables = {"x:y"};
    CHECK_THAT(site.error(), Contains("/nowhere/postmap can't be started"));
    CHECK_THAT(error_of(service::PostfixAliases(site.options).check()).detail,
               Contains("correct aliases.postmap"));
  }
}

TEST_CASE("answers of postmap", "[rule:5]") {
  PostfixTables site;
  site.options.tables = {"x:y"};
  SECTION("not found is status 1 without a word, or with a warning") {
    const auto words = GENERATE("", "echo 'postmap: warning: y.db is older than source file' >&2;");
    site.stub(std::string(words) + "exit 1");
    CHECK(site.behind("info@b.example") == Addresses{"info@b.example"});
  }
  SECTION("a complaint is an error, whatever the status") {
    const auto status = GENERATE("0", "1");
    site.stub("printf 'info@b.example\\tanna@b.example\\n'; echo 'postmap: fatal: no' >&2; exit " +
              std::string(status));
    CHECK_THAT(site.error(), Contains("table x:y: postmap: fatal: no;"));
  }
  SECTION("another status is an error") {
    site.stub("exit 75");
    CHECK_THAT(site.error(), Contains("postmap exited with 75"));
  }
  SECTION("one that takes too long is an error") {
    site.options.limit = 200ms;
    site.stub("exec sleep 600");
    CHECK_THAT(site.error(), Contains("took longer than 0.2 s"));
  }
  SECTION("it is asked without a shell, with what the options say") {
    site.stub("echo \"$@\" > " + (site.folder.path() / "words").string() + "; cat > " +
              (site.folder.path() / "keys").string() + "; exit 1");
    CHECK(site.behind("\"$(id)\"@b.example") == Addresses{"\"$(id)\"@b.example"});
    std::ifstream words(site.folder.path() / "words"), keys(site.folder.path() / "keys");
    CHECK(std::string(std::istreambuf_iterator(words), {}) ==
          "-c " + site.folder.path().string() + " -q - x:y\n");
    CHECK(std::string(std::istreambuf_iterator(keys), {}) ==
          "\"$(id)\"@b.example\n\"$(id)\"\n@b.example\n");
  }
}
