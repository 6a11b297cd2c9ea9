// SPDX-License-Identifier: GPL-2.0-or-later

// What set-up writes down before it changes a host, and the way back. Units, and a host that is
// killed in between: tests/packages.
#include "base/file.hpp"
#include "pecctl/setup/record.hpp"
#include "support/results.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace pec;
using namespace pec::pecctl;
using namespace pec::test;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& file, const std::string& text) {
  std::ofstream(file) << text;
}

std::string me() {
  return getpwuid(geteuid())->pw_name;
}

struct Site {
  TemporaryFolder folder;
  fs::path etc = folder.path() / "etc", file = etc / "main.cf",
           record_folder = folder.path() / "record";

  Site() { fs::create_directory(etc); }
  SetupRecord record() const { return value_of(SetupRecord::open(record_folder)); }
};

}  // namespace

TEST_CASE("a file that set-up replaces comes back as it was, with its mode") {
  const Site site;
  write(site.file, "before\n");
  REQUIRE(chmod(site.file.c_str(), 0640) == 0);
  {
    auto record = site.record();
    CHECK(value_of(record.put_file({site.file, "ours\n"})));
    CHECK_FALSE(value_of(record.put_file({site.file, "ours\n"})));
    CHECK(value_of(record.put_file({site.file, "ours, later\n"})));
  }
  auto record = site.record();  // another run of the program
  CHECK_FALSE(record.empty());
  const auto outcome = record.put_back();
  CHECK(outcome.problems.empty());
  CHECK(outcome.lines == std::vector<std::string>{site.file.string() + ": as it was before"});
  CHECK(value_of(read_file(site.file)) == "before\n");
  struct stat status {};
  REQUIRE(stat(site.file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);
  CHECK(record.empty());
  CHECK_FALSE(fs::exists(site.record_folder));
}

TEST_CASE("a symbolic link stays one, and its file comes back") {
  const Site site;
  const auto linked = site.etc / "kept-elsewhere.cf";
  write(linked, "before\n");
  fs::create_symlink("kept-elsewhere.cf", site.file);
  REQUIRE(site.record().put_file({site.file, "ours\n"}));
  CHECK(fs::is_symlink(site.file));
  CHECK(value_of(read_file(linked)) == "ours\n");
  CHECK(site.record().put_back().problems.empty());
  CHECK(fs::is_symlink(site.file));
  CHECK(value_of(read_file(linked)) == "before\n");
}

TEST_CASE("of two first set-ups at once, one goes on, and its record stays") {
  const Site site;
  {
    auto second = site.record();
    {
      auto first = site.record();
      REQUIRE(first.begin());
      CHECK_THAT(error_of(second.begin()).detail, Contains("another"));
      REQUIRE(first.put_file({site.file, "ours\n"}));
    }
    CHECK_THAT(error_of(second.begin()).detail, Contains("run this one again"));
  }
  CHECK_FALSE(site.record().empty());
}

TEST_CASE("what set-up makes goes away, in the reverse order") {
  const Site site;
  {
    auto record = site.record();
    REQUIRE(record.make_folder(site.etc / "postfix-pec", me(), 0755));
    REQUIRE(record.put_file({site.etc / "postfix-pec/main.cf", "ours\n"}));
    REQUIRE(record.expect(site.etc / "postfix-pec/made.db"));
    write(site.etc / "postfix-pec/made.db", "by a program");
  }
  CHECK(site.record().put_back().problems.empty());
  CHECK(fs::is_empty(site.etc));
}

TEST_CASE("what somebody has changed since stays, and is named") {
  const Site site;
  write(site.file, "before\n");
  {
    auto record = site.record();
    REQUIRE(record.put_file({site.file, "ours\n"}));
    REQUIRE(record.put_file({site.etc / "new", "ours\n"}));
  }
  write(site.file, "ours\nand mine\n");
  write(site.etc / "new", "mine\n");
  auto record = site.record();
  const auto outcome = record.put_back();
  CHECK(outcome.problems.empty());
  REQUIRE(outcome.lines.size() == 2);
  CHECK_THAT(outcome.lines[0], Contains("changed by hand since set-up has made it, and stays"));
  CHECK_THAT(outcome.lines[1], Contains("changed by hand since, and stays; as it was before: "));
  CHECK(value_of(read_file(site.file)) == "ours\nand mine\n");
  CHECK(value_of(read_file(site.etc / "new")) == "mine\n");
  const auto copy = outcome.lines[1].substr(outcome.lines[1].rfind(' ') + 1);
  CHECK(value_of(read_file(copy)) == "before\n");
}

TEST_CASE("a change that was written down and not made is no obstacle") {
  const Site site;
  write(site.file, "before\n");
  {
    auto record = site.record();
    // It can't write there: as if the power went after the record.
    CHECK_FALSE(record.put_file({site.etc / "missing/file", "ours\n"}));
    REQUIRE(record.put_file({site.file, "ours\n"}));
  }
  write(site.file, "before\n");  // likewise
  CHECK(site.record().put_back().problems.empty());
  CHECK(value_of(read_file(site.file)) == "before\n");
  CHECK_FALSE(fs::exists(site.record_folder));
}

TEST_CASE("nothing that holds mail is taken away") {
  const Site site;
  const auto queue = site.folder.path() / "queue";
  {
    auto record = site.record();
    REQUIRE(record.make_folder(queue, me(), 0755, true));
    fs::create_directories(queue / "deferred/A");
    fs::create_directories(queue / "private");
    REQUIRE(record.refuse_while_mail_waits());
    write(queue / "deferred/A/A123", "mail");
    CHECK_THAT(error_of(record.refuse_while_mail_waits()).detail,
               Contains(": 1; it is certified mail"));
    CHECK_THAT(record.put_back().problems.at(0), Contains("mail came meanwhile"));
    CHECK(fs::exists(queue / "deferred/A/A123"));
  }
  fs::remove(queue / "deferred/A/A123");
  CHECK(site.record().put_back().problems.empty());
  CHECK_FALSE(fs::exists(queue));
}

TEST_CASE("a folder of the host's own in which something was put stays") {
  const Site site;
  {
    auto record = site.record();
    REQUIRE(record.make_folder(site.etc / "dovecot-pec", me(), 0755));
    write(site.etc / "dovecot-pec/mine", "mine");
  }
  auto record = site.record();
  CHECK_THAT(record.put_back().lines.at(0), Contains("stays, since something else is in it"));
  CHECK(fs::exists(site.etc / "dovecot-pec/mine"));
}

TEST_CASE("one set-up at a time, and no record of a stranger") {
  const Site site;
  CHECK(site.record().empty());
  CHECK_FALSE(fs::exists(site.record_folder));  // only to look leaves nothing
  {
    auto record = site.record();
    REQUIRE(record.expect(site.file));
    CHECK_THAT(error_of(SetupRecord::open(site.record_folder)).detail,
               Contains("another \"pecctl setup\""));
  }
  REQUIRE(chmod(site.record_folder.c_str(), 0770) == 0);
  CHECK_THAT(error_of(SetupRecord::open(site.record_folder)).detail, Contains("can't be trusted"));
  REQUIRE(chmod(site.record_folder.c_str(), 0700) == 0);
  write(site.record_folder / SetupRecord::record_name, "{\"files\": [{}]}");
  CHECK_THAT(error_of(SetupRecord::open(site.record_folder)).detail, Contains("can't be read"));
}
