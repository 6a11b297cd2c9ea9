// SPDX-License-Identifier: GPL-2.0-or-later

#include "config/file_checks.hpp"

#include "base/text.hpp"
#include "config/options.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

using namespace pec;
using namespace pec::test;
using Catch::Contains;

namespace fs = std::filesystem;

namespace {

constexpr uid_t service = 61000, stranger = 61999;

// A host's files, all as they should be.
class Host {
public:
  Host() {
    for (const auto* each :
         {"etc", "run", "state", "texts", "postfix", "tmp", "signatures", "scan", "web"})
      make_folder(each, 0755);
    make_folder("viruses", 0700);
    for (const auto* file : {"etc/key", "etc/secret", "etc/delivery", "etc/bind", "etc/client.key"})
      make(file, 0600);
    for (const auto* file :
         {"etc/pec.toml", "etc/crt", "etc/other", "etc/ca", "etc/crl", "etc/signer-ca",
          "etc/ldap-ca", "etc/index-ca", "etc/client.crt", "etc/text", "texts/acceptance.txt",
          "state/ldif", "state/ledger", "postfix/main.cf", "postfix/aliases.lmdb", "postfix/tls.db",
          "signatures/main.cvd", "web/record"})
      make(file, 0644);
    for (const auto* file : {"etc/notify", "etc/postmap"}) make(file, 0755);
    auto& us = config.provider;
    us.certificate_file = root / "etc/crt";
    us.key_file = root / "etc/key";
    us.other_certificate_file = root / "etc/other";
    us.text_file = root / "etc/text";
    us.text_dir = root / "texts";
    config.trust.ca_file = root / "etc/ca";
    config.trust.crl_file = root / "etc/crl";
    config.directory.source = "ldif:" + at("state/ldif");
    config.directory.signer_ca_file = root / "etc/signer-ca";
    config.directory.ca_file = root / "etc/ldap-ca";
    config.directory.bind_password_file = root / "etc/bind";
    config.directory_sync.ca_file = root / "etc/index-ca";
    config.directory_sync.certificate_file = root / "etc/client.crt";
    config.directory_sync.key_file = root / "etc/client.key";
    config.directory_sync.tls_policy_map = "hash:" + at("postfix/tls");
    config.directory_publish.file = root / "web/record";
    config.ledger.connection = "sqlite3://" + at("state/ledger");
    config.internal.secret_file = root / "etc/secret";
    config.internal.delivery_secret_file = root / "etc/delivery";
    config.milter.socket = "unix:" + at("run/milter.sock");
    config.milter.temp_dir = root / "tmp";
    config.aliases.tables = {"lmdb:" + at("postfix/aliases")};
    config.aliases.postmap = root / "etc/postmap";
    config.aliases.postfix_config = root / "postfix";
    config.policy.listen = {"inet:127.0.0.1:1", "unix:" + at("run/policy.sock")};
    config.policy.notify_command = root / "etc/notify";
    config.antivirus.engine = config::AntivirusEngine::scanner;
    config.antivirus.store_dir = root / "viruses";
    config.antivirus.scanner_socket = root / "run/scanner.sock";
    config.antivirus.scanner_temp_dir = root / "scan";
    config.antivirus.database_dir = root / "signatures";
  }

  std::string at(std::string_view name) const { return (root / name).string(); }
  void mode(std::string_view name, mode_t mode) const {
    REQUIRE(chmod(at(name).c_str(), mode) == 0);
  }
  void make(std::string_view name, mode_t wanted) const { folder.write(name, "x", wanted); }
  void make_folder(std::string_view name, mode_t wanted) const {
    fs::create_directory(at(name));
    mode(name, wanted);
  }
  std::vector<std::string> problems(
      const std::set<config::FileUse>& uses = config::all_file_uses()) const {
    return config::unsafe_files(config, root / "etc/pec.toml", uses);
  }
  // The only problem.
  std::string problem() const {
    const auto all = problems();
    INFO(text::join(all, "\n"));
    REQUIRE(all.size() == 1);
    return all.front();
  }

  TemporaryFolder folder;
  fs::path root = fs::canonical(folder.path());
  config::Config config;
};

}  // namespace

TEST_CASE("files as they should be raise no complaint") {
  const Host host;
  CHECK(text::join(host.problems(), "\n").empty());
}

TEST_CASE("each kind of file that others could change or read is named, with the command") {
  const Host host;
  struct Case {
    const char* name;
    mode_t mode;
    const char* command;
    const char* option;
  };
  for (const auto& [name, mode, command, option] : {
           Case{"etc/pec.toml", 0646, "chmod go-w", "the configuration"},
           Case{"etc/pec.toml", 0664, "chmod go-w", "the configuration"},
           Case{"etc/crt", 0666, "chmod go-w", "provider.certificate_file"},
           Case{"etc/key", 0640, "chmod 600", "provider.key_file"},
           Case{"etc/key", 0604, "chmod 600", "provider.key_file"},
           Case{"etc/other", 0666, "chmod go-w", "provider.other_certificate_file"},
           Case{"etc/text", 0666, "chmod go-w", "provider.text_file"},
           Case{"texts", 0777, "chmod go-w", "provider.text_dir"},
           Case{"texts/acceptance.txt", 0666, "chmod go-w", "provider.text_dir"},
           Case{"etc/ca", 0666, "chmod go-w", "trust.ca_file"},
           Case{"etc/crl", 0664, "chmod go-w", "trust.crl_file"},
           Case{"state/ldif", 0666, "chmod go-w", "directory.source"},
           Case{"etc/signer-ca", 0666, "chmod go-w", "directory.signer_ca_file"},
           Case{"etc/ldap-ca", 0666, "chmod go-w", "directory.ca_file"},
           Case{"etc/bind", 0644, "chmod 600", "directory.bind_password_file"},
           Case{"etc/index-ca", 0666, "chmod go-w", "directory_sync.ca_file"},
           Case{"etc/client.crt", 0666, "chmod go-w", "directory_sync.certificate_file"},
           Case{"etc/client.key", 0640, "chmod 600", "directory_sync.key_file"},
           Case{"postfix/tls.db", 0666, "chmod go-w", "directory_sync.tls_policy_map"},
           Case{"web/record", 0666, "chmod go-w", "directory_publish.file"},
           Case{"state/ledger", 0666, "chmod go-w", "ledger.connection"},
           Case{"etc/secret", 0440, "chmod 600", "internal.secret_file"},
           Case{"etc/delivery", 0620, "chmod 600", "internal.delivery_secret_file"},
           Case{"tmp", 0777, "chmod go-w", "milter.temp_dir"},
           Case{"run", 0770, "chmod go-w", "milter.socket"},
           Case{"postfix/aliases.lmdb", 0666, "chmod go-w", "aliases.tables"},
           Case{"postfix/main.cf", 0666, "chmod go-w", "aliases.postfix_config"},
           Case{"etc/postmap", 0775, "chmod go-w", "aliases.postmap"},
           Case{"etc/notify", 0757, "chmod go-w", "policy.notify_command"},
           Case{"viruses", 0750, "chmod 700", "antivirus.store_dir"},
           Case{"scan", 0777, "chmod go-w", "antivirus.scanner_temp_dir"},
           Case{"signatures", 0775, "chmod go-w", "antivirus.database_dir"},
           Case{"signatures/main.cvd", 0666, "chmod go-w", "antivirus.database_dir"},
       }) {
    CAPTURE(name);
    const auto before = fs::status(host.at(name)).permissions();
    host.mode(name, mode);
    const auto problem = text::join(host.problems(), "\n");
    CHECK_THAT(problem, Catch::StartsWith(host.at(name) + " "));
    CHECK_THAT(problem, Contains(std::string("run \"") + command + " " + host.at(name) + "\""));
    CHECK_THAT(problem, Contains(std::string("(") + option));
    host.mode(name, static_cast<mode_t>(before));
  }
}

TEST_CASE(
    "a folder of sockets that others may write is named for each program that listens there") {
  Host host;
  for (const auto* name : {"mail", "notices", "scanner", "clamd", "ldap"})
    host.make_folder(name, 0755);
  host.config.milter.socket = "unix:" + host.at("mail/s");
  host.config.policy.listen = {"unix:" + host.at("notices/s")};
  host.config.antivirus.scanner_socket = host.at("scanner/s");
  host.config.directory.source = "ldapi://" + text::replace_all(host.at("ldap/s"), "/", "%2F");
  const auto told_of = [&](std::string_view name) {
    host.mode(name, 0777);
    const auto problem = host.problem();
    host.mode(name, 0755);
    return problem;
  };
  CHECK_THAT(told_of("mail"), Contains("milter.socket"));
  CHECK_THAT(told_of("notices"), Contains("policy.listen"));
  CHECK_THAT(told_of("scanner"), Contains("antivirus.scanner_socket"));
  CHECK_THAT(told_of("ldap"), Contains("directory.source"));
  host.config.antivirus.engine = config::AntivirusEngine::clamd;
  host.config.antivirus.clamd = host.at("clamd/s");
  CHECK_THAT(told_of("clamd"), Contains(host.at("clamd")));
}

TEST_CASE("every option that names a path has a row") {
  const auto rows = config::options_with_file_rules();
  for (const auto& option : config::options())
    if (std::holds_alternative<config::AbsolutePath>(option.field)) {
      CAPTURE(option.key());
      CHECK(rows.contains(option.key()));
    }
}

TEST_CASE("a unit's key is looked at, too") {
  Host host;
  host.make("etc/unit.key", 0644);
  host.config.units.push_back(host.config.provider);
  host.config.units.front().key_file = host.root / "etc/unit.key";
  CHECK_THAT(host.problem(), Contains("chmod 600 " + host.at("etc/unit.key")));
}

TEST_CASE("the file with the ledger's password is a secret") {
  Host host;
  for (const std::string connection :
       {"postgresql://pec:Geheim@db/pec", "postgresql://pec:Geh?eim@db/pec",
        "postgresql://db/pec?password=Geheim"}) {
    host.config.ledger.connection = connection;
    CHECK_THAT(host.problem(), Contains("chmod 600 " + host.at("etc/pec.toml")) &&
                                   Contains("password of ledger.connection") &&
                                   !Contains("Geheim"));
  }
  host.mode("etc/pec.toml", 0600);
  CHECK(host.problems().empty());
  host.mode("etc/pec.toml", 0644);
  host.config.ledger.connection = "postgresql://pec@db:5432/pec";
  CHECK(host.problems().empty());
}

TEST_CASE("a folder above that others may write is as bad, unless it is sticky") {
  const Host host;
  const auto only_key = [&] { return host.problems({config::FileUse::signing}); };
  host.mode("", 0777);
  CHECK_THAT(host.problem(),  // once, whatever lies below
             Catch::StartsWith(host.root.string() + " may be written by others than its owner, who "
                                                    "could replace ") &&
                 Contains("run \"chmod go-w " + host.root.string() + "\""));
  host.mode("", 01777);
  CHECK(only_key().empty());
  host.mode("tmp", 01777);
  CHECK(host.problems({config::FileUse::mail}).empty());
}

TEST_CASE("a link is as good as where it leads") {
  Host host;
  host.make_folder("open", 0755);
  host.make("open/key", 0600);
  fs::create_symlink(host.root / "open/key", host.root / "etc/link");
  host.config.provider.key_file = host.root / "etc/link";
  CHECK(host.problems().empty());
  host.mode("open/key", 0644);
  CHECK_THAT(host.problem(), Contains("chmod 600 " + host.at("open/key")));
  host.mode("open/key", 0600);
  host.mode("open", 0777);
  CHECK_THAT(host.problem(), Contains("chmod go-w " + host.at("open")));
  fs::remove(host.root / "etc/link");
  fs::create_symlink("../open/../open/key", host.root / "etc/link");
  CHECK_THAT(host.problem(), Contains("chmod go-w " + host.at("open")));
}

TEST_CASE("links in a circle end") {
  Host host;
  fs::create_symlink(host.root / "etc/b", host.root / "etc/a");
  fs::create_symlink(host.root / "etc/a", host.root / "etc/b");
  host.config.trust.ca_file = host.root / "etc/a";
  CHECK(host.problems().empty());
}

TEST_CASE("a stranger's file is refused, whatever its mode") {
  if (geteuid() != 0) {
    WARN("only root can give files away: left out");
    return;
  }
  Host host;
  const auto give = [&](std::string_view name, uid_t to) {
    REQUIRE(lchown(host.at(name).c_str(), to, static_cast<gid_t>(-1)) == 0);
  };
  SECTION("the command gives it to its right owner") {
    give("etc/secret", service);
    for (const auto& [name, owner] :
         {std::pair{"etc/pec.toml", "root"}, std::pair{"etc/key", "61000"},
          std::pair{"etc", "root"}, std::pair{"etc/ca", "root"}, std::pair{"etc/notify", "root"},
          std::pair{"tmp", "root"}, std::pair{"state/ldif", "root"},
          std::pair{"state/ledger", "root"}, std::pair{"viruses", "61000"}}) {
      CAPTURE(name);
      give(name, stranger);
      CHECK_THAT(host.problem(), Catch::StartsWith(host.at(name) +
                                                   " belongs to 61999, neither to root nor to the "
                                                   "service's user: run \"chown " +
                                                   owner + " " + host.at(name) + "\""));
      give(name, service);
      CHECK(host.problems().empty());
      give(name, 0);
    }
  }
  SECTION("the owner of the secret is the service's user") {
    give("etc/secret", stranger);
    give("etc/key", stranger);
    give("etc/pec.toml", stranger);
    CHECK(host.problems().empty());
  }
  SECTION("ClamAV's files are another user's") {
    give("signatures", stranger);
    give("signatures/main.cvd", stranger);
    give("scan", stranger);
    CHECK(host.problems().empty());
  }
  SECTION("a link where everybody may make one") {
    host.mode("tmp", 01777);
    fs::create_symlink(host.root / "etc/ca", host.root / "tmp/ca");
    host.config.trust.ca_file = host.root / "tmp/ca";
    CHECK(host.problems().empty());
    give("tmp/ca", stranger);
    CHECK_THAT(host.problem(), Contains("chown -h root " + host.at("tmp/ca")));
  }
}

TEST_CASE("a program looks at what it uses alone, and at its configuration") {
  const Host host;
  host.mode("etc/key", 0644);
  CHECK(host.problems({config::FileUse::ledger, config::FileUse::notices}).empty());
  CHECK(host.problems({config::FileUse::signing}).size() == 1);
  host.mode("etc/pec.toml", 0666);
  CHECK(host.problems({}).size() == 1);
}

TEST_CASE("a missing file is left to its reader") {
  Host host;
  host.config.trust.ca_file = host.root / "nowhere/ca";
  CHECK(host.problems().empty());
}
