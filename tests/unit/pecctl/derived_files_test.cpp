// SPDX-License-Identifier: GPL-2.0-or-later

// Postfix's and Dovecot's files, as the site's options make them. That Postfix and Dovecot take
// them: every sandbox.
#include "pecctl/derived_files.hpp"

#include "base/text.hpp"
#include "support/results.hpp"
#include "unit/pecctl/default_config.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

using namespace pec;
using namespace pec::pecctl;
using namespace pec::test;
using Catch::Contains;
using Catch::EndsWith;

namespace {

config::Config site_config() {
  auto config = default_config();
  config.provider.name = "PEC Alfa S.p.A.";
  config.provider.domain = "pec.alfa.example";
  config.provider.service_mailbox = "ricevute@pec.alfa.example";
  config.internal.delivery_secret_file = "/etc/pec/delivery.secret";
  config.site.host_name = "mx.pec.alfa.example";
  config.site.tls_certificate_file = "/etc/ssl/mx.pem";
  config.site.tls_key_file = "/etc/ssl/mx.key";
  config.site.operators_mailbox = "gestione@pec.alfa.example";
  return config;
}

std::string problems_of(const config::Config& config) {
  return site_names(config, {}).error().detail;
}

// Each template holds its name and one value.
struct Templates {
  std::map<std::string, std::string> own{};

  Result<std::vector<DerivedFile>> made(const config::Config& config) const {
    const auto read_template = [](const std::string& name) -> Result<std::string> {
      return name + " of @HOSTNAME@\n";
    };
    const auto read_own = [this](const std::string& name) -> Result<std::optional<std::string>> {
      const auto found = own.find(name);
      return found == own.end() ? std::nullopt : std::optional(found->second);
    };
    const auto read_secret = [](const std::filesystem::path& path) -> Result<std::string> {
      return "digits of " + path.string();
    };
    return derived_files(config, value_of(site_names(config, {})),
                         {read_template, read_own, "/etc/pec/pec.toml", read_secret});
  }
};

std::vector<std::string> paths_of(const std::vector<DerivedFile>& files) {
  std::vector<std::string> paths;
  for (const auto& file : files) paths.push_back(file.path.string());
  return paths;
}

const DerivedFile& file_of(const std::vector<DerivedFile>& files, const std::string& path) {
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const DerivedFile& each) { return each.path == path; });
  if (found == files.end()) FAIL(path << " is not made");
  return *found;
}

bool has(const std::vector<std::string>& all, std::string_view ending) {
  return std::any_of(all.begin(), all.end(),
                     [&](const std::string& each) { return each.ends_with(ending); });
}

}  // namespace

TEST_CASE("what set-up can't do without is named, with an example") {
  for (const auto& [leave_out, complaint] : std::map<std::string, std::string>{
           {"host_name", "site.host_name is missing; write it, such as \"mx.pec.alfa.example\""},
           {"certificate", "site.tls_certificate_file is missing"},
           {"key", "site.tls_key_file is missing"},
           {"operators", "site.operators_mailbox is missing; write it, such as \"gestione@"},
           {"service", "provider.service_mailbox is missing; write it, such as \"ricevute@"},
           {"maps", "site.mailbox_maps is missing"}}) {
    auto config = site_config();
    if (leave_out == "host_name") config.site.host_name.clear();
    if (leave_out == "certificate") config.site.tls_certificate_file.clear();
    if (leave_out == "key") config.site.tls_key_file.clear();
    if (leave_out == "operators") config.site.operators_mailbox.clear();
    if (leave_out == "service") config.provider.service_mailbox.clear();
    if (leave_out == "maps") config.site.accounts = config::Accounts::elsewhere;
    CHECK_THAT(problems_of(config), Contains(complaint));
  }
}

TEST_CASE("a value that Postfix or Dovecot would read otherwise is refused") {
  for (const std::string value : {"/var/mail box", "/var/$home", "/var/\"x\"", "/var/#1"}) {
    CAPTURE(value);
    auto config = site_config();
    config.site.mail_root = value;
    CHECK_THAT(problems_of(config), Contains("\"" + value + "\" would not reach Postfix"));
  }
}

TEST_CASE("so is one that becomes part of a list, or of a query, and a password is not quoted") {
  auto config = site_config();
  auto unit = config.provider;
  unit.unit = "Unit 2";
  unit.service_mailbox = "o'x@pec.due.example";
  config.units = {unit};
  CHECK_THAT(problems_of(config), Contains("service_mailbox: \"o'x@pec.due.example\" would not"));
  config = site_config();
  config.site.mailbox_maps = {"lmdb:/etc/$x"};
  CHECK_THAT(problems_of(config), Contains("site.mailbox_maps: \"lmdb:/etc/$x\" would not"));
  const auto refused = site_names(site_config(), {"Ge heim", ""}).error().detail;
  CHECK_THAT(refused,
             Contains("ledger_reader_password_file: the password would not") && !Contains("heim"));
}

TEST_CASE("addresses and ports are as each program writes them") {
  auto config = site_config();
  auto names = value_of(site_names(config, {}));
  CHECK(names["INTERFACES"] == "all");
  CHECK(names["LISTEN"] == "*, ::");
  CHECK(names["MILTER"] == "unix:/run/pec/milter.sock");
  config.site.addresses = {"192.0.2.1", "2001:db8::1"};
  config.site.smtps = "192.0.2.1:1465";
  config.milter.socket = "inet:8891@127.0.0.1";
  names = value_of(site_names(config, {}));
  CHECK(names["INTERFACES"] == "192.0.2.1, 2001:db8::1");
  CHECK(names["LISTEN"] == "192.0.2.1, 2001:db8::1");
  CHECK(names["SMTPS"] == "192.0.2.1:1465");
  CHECK(names["SUBMISSION_PORTS"] == "1465, 587");
  CHECK(names["MILTER"] == "inet:127.0.0.1:8891");
  CHECK(names["RECEIPTS_HOST"] == "127.0.0.1");
  CHECK(names["RECEIPTS_PORT"] == "10588");
}

TEST_CASE("a unit has its domain, its service mailbox and its two aliases") {
  auto config = site_config();
  auto unit = config.provider;
  unit.unit = "Unit 2";
  unit.domain = "pec.due.example";
  unit.service_mailbox = "ricevute@pec.due.example";
  config.units = {unit};
  auto names = value_of(site_names(config, {}));
  CHECK(names["MANAGED_DOMAINS"] == "pec.alfa.example, pec.due.example");
  CHECK(names["SERVICE_MAILBOXES"] == "'ricevute@pec.alfa.example', 'ricevute@pec.due.example'");
  CHECK(names["UNIT_ALIASES"] ==
        "posta-certificata@pec.due.example   ricevute@pec.due.example\n"
        "postmaster@pec.due.example   gestione@pec.alfa.example\n");
}

TEST_CASE("the ledger's kind chooses the tables") {
  auto config = site_config();
  auto names = value_of(site_names(config, {}));
  CHECK(names["MAILBOX_MAPS"] == "sqlite:$config_directory/pec-mailboxes-sqlite.cf");
  CHECK(names["LEDGER_FILE"] == "/var/lib/pec/ledger.db");
  auto paths = paths_of(value_of(Templates{}.made(config)));
  CHECK(has(paths, "pec-revoked-sqlite.cf"));
  CHECK(has(paths, "pec-accounts-sqlite.conf.ext"));
  CHECK_FALSE(has(paths, "pgsql.cf"));

  config.ledger.connection = "postgresql://pec@db.alfa.example:5433/pec";
  names = value_of(site_names(config, {"abc", "def"}));
  CHECK(names["REVOKED_MAPS"] == "proxy:pgsql:$config_directory/pec-revoked-pgsql.cf");
  CHECK(names["LEDGER_HOSTS"] == "db.alfa.example:5433");
  CHECK(names["LEDGER_HOST_AND_PORT"] == "host=db.alfa.example port=5433");
  CHECK(names["LEDGER_READER_PASSWORD"] == "abc");
  const auto files = value_of(Templates{}.made(config));
  paths = paths_of(files);
  CHECK_FALSE(has(paths, "sqlite.cf"));
  CHECK(file_of(files, "/etc/postfix-pec/pec-mailboxes-pgsql.cf").group == "postfix");
  CHECK(file_of(files, "/etc/dovecot-pec/pec-accounts-pgsql.conf.ext").group == "dovecot");
  CHECK(file_of(files, "/etc/postfix-pec/main.cf").group.empty());

  config.site.accounts = config::Accounts::elsewhere;
  config.site.mailbox_maps = {"lmdb:/etc/pec/postfix/mailboxes"};
  paths = paths_of(value_of(Templates{}.made(config)));
  CHECK_FALSE(has(paths, "pec-mailboxes-pgsql.cf"));
  CHECK_FALSE(has(paths, "98-pec-accounts.conf"));
}

TEST_CASE("ManageSieve and the count of wrong passwords have files if the site wants them") {
  auto config = site_config();
  auto paths = paths_of(value_of(Templates{}.made(config)));
  CHECK_FALSE(has(paths, "pec-managesieve.conf.ext"));
  CHECK_FALSE(has(paths, "pec-logins.conf.ext"));
  CHECK(value_of(site_names(config, {}))["MANAGESIEVE_INCLUDE"].empty());
  CHECK(value_of(site_names(config, {}))["LOGINS_INCLUDE"].empty());

  config.site.managesieve_port = 4190;
  config.policy.logins_listen = "127.0.0.1:10590";
  const auto files = value_of(Templates{}.made(config));
  CHECK(file_of(files, "/etc/dovecot-pec/pec-managesieve.conf.ext").group.empty());
  CHECK(file_of(files, "/etc/dovecot-pec/pec-logins.conf.ext").group == "dovecot");
  auto names = value_of(site_names(config, {}));
  CHECK(names["MANAGESIEVE_PORT"] == "4190");
  CHECK(names["MANAGESIEVE_INCLUDE"] == "!include pec-managesieve.conf.ext");
  CHECK(names["LOGINS_INCLUDE"] == "!include pec-logins.conf.ext");
}

TEST_CASE("two secrets go into Dovecot's file, and one that can't be read is an error") {
  auto config = site_config();
  config.policy.logins_listen = "127.0.0.1:10590";
  const auto read_template = [](const std::string& name) -> Result<std::string> {
    return name.ends_with("pec-logins.conf.ext") ? "@LOGINS_SECRET@ @LOGINS_NONCE@\n" : "\n";
  };
  const auto read_own = [](const std::string&) { return std::optional<std::string>(); };
  const auto made = [&](const std::string& unreadable) {
    const auto read_secret = [&](const std::filesystem::path& path) -> Result<std::string> {
      if (path == unreadable) return bad_input(unreadable + " is missing");
      return path.filename().string();
    };
    return derived_files(config, value_of(site_names(config, {})),
                         {read_template, read_own, "pec.toml", read_secret});
  };
  CHECK_THAT(file_of(value_of(made("")), "/etc/dovecot-pec/pec-logins.conf.ext").content,
             EndsWith("\nlogins.secret logins-nonce.secret\n"));
  for (const std::string file : {"/etc/pec/logins.secret", "/etc/pec/logins-nonce.secret"})
    CHECK(made(file).error().detail == file + " is missing");
}

TEST_CASE("the site's own lines come last, and a change by hand is seen") {
  const Templates templates{{{"postfix/main.cf", "smtp_bind_address = 192.0.2.1\n"}}};
  const auto files = value_of(templates.made(site_config()));
  const auto& main_cf = file_of(files, "/etc/postfix-pec/main.cf").content;
  CHECK_THAT(main_cf, Contains("# Made by pecctl from /etc/pec/pec.toml, "));
  CHECK_THAT(main_cf, Contains("\npostfix-conf/main.cf of mx.pec.alfa.example\n"));
  CHECK(main_cf.ends_with("own lines: postfix/main.cf ---\n\nsmtp_bind_address = 192.0.2.1\n"));
  CHECK_FALSE(is_edited(main_cf));
  CHECK(is_edited(main_cf + "biff = yes\n"));
  CHECK(is_edited(text::replace_all(main_cf, "192.0.2.1", "192.0.2.2")));
  CHECK(is_edited("somebody else's\n"));
  CHECK(is_edited(""));
}

TEST_CASE("a setting of main.cf that the site makes itself is made once") {
  const auto main_cf = [](const std::string& own) {
    const auto read_template = [](const std::string&) -> Result<std::string> {
      return "biff = no\n# biff = is a comment\nlong =\n  first\n\tsecond\nlast = x\n";
    };
    const auto read_own = [&](const std::string& name) -> Result<std::optional<std::string>> {
      return name == "postfix/main.cf" ? std::optional(own) : std::nullopt;
    };
    const auto config = site_config();
    const auto files = value_of(derived_files(config, value_of(site_names(config, {})),
                                              {read_template, read_own, "pec.toml"}));
    const auto& content = file_of(files, "/etc/postfix-pec/main.cf").content;
    return content.substr(content.find('\n') + 1);
  };
  CHECK(main_cf("long = short\n# last = no\n") ==
        "biff = no\n# biff = is a comment\n# (the site's own) long =\n# (the site's own)   first\n"
        "# (the site's own) \tsecond\nlast = x\n"
        "\n# --- The site's own lines: postfix/main.cf ---\n\nlong = short\n# last = no\n");
  CHECK_THAT(main_cf("biff=yes\n"), Contains("# (the site's own) biff = no\n# biff = is") &&
                                        Contains("\nlong =\n  first\n"));
}

TEST_CASE("a template is filled in, and one with an unknown name is refused") {
  const Names names{{"DOMAIN", "pec.alfa.example"}, {"USER_2", "x"}, {"EMPTY", ""}};
  CHECK(value_of(render("postmaster@@DOMAIN@ @USER_2@@EMPTY@.", names)) ==
        "postmaster@pec.alfa.example x.");
  CHECK(value_of(render("a@b, @lower@ and @", names)) == "a@b, @lower@ and @");
  CHECK_THAT(render("@UNKNOWN@", names).error().detail, Contains("@UNKNOWN@, which has no value"));
}
