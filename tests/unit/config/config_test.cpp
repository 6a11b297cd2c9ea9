// SPDX-License-Identifier: GPL-2.0-or-later

#include "config/config.hpp"

#include "base/text.hpp"
#include "config/option_checks.hpp"
#include "config/options.hpp"
#include "support/results.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

using namespace pec;
using namespace pec::test;
using Catch::Contains;

namespace {

// The least that is required.
const std::string minimal =
    "[provider]\n"
    "name = 'PEC Alfa S.p.A.'\n"
    "domain = 'pec.alfa.example'\n"
    "certificate_file = '/p/crt'\n"
    "key_file = '/p/key'\n"
    "[trust]\n"
    "ca_file = '/p/ca'\n"
    "[directory]\n"
    "source = 'ldif:/p/ldif'\n"
    "[internal]\n"
    "secret_file = '/p/secret'\n"
    "delivery_secret_file = '/p/delivery'\n";

config::Config loaded(const std::string& content) {
  const TemporaryFolder folder;
  const auto config = config::load_config(folder.write("pec.toml", content));
  if (!config) FAIL(config.error().detail);
  return *config;
}

// The errors, a line each, with FILE for the file's path.
std::vector<std::string> complaints(const std::string& content) {
  const TemporaryFolder folder;
  const auto file = folder.write("pec.toml", content);
  const auto config = config::load_config(file);
  if (config) FAIL("accepted: " << content);
  CHECK(config.error().fault == Fault::bad_input);
  const auto detail = text::replace_all(config.error().detail, file.string(), "FILE");
  std::vector<std::string> lines;
  for (const auto line : text::split(detail, '\n')) lines.emplace_back(line);
  return lines;
}

// The minimal file with one line more at its end, under a header of its own.
std::string complaint_about(const std::string& section, const std::string& line) {
  const auto lines = complaints(minimal + "[" + section + "]\n" + line + "\n");
  REQUIRE(lines.size() == 1);
  return lines.front();
}

std::string without_line(const std::string& content, const std::string& beginning) {
  std::string out;
  for (const auto line : text::split(content, '\n'))
    if (!line.starts_with(beginning)) out += std::string(line) + "\n";
  return out;
}

}  // namespace

TEST_CASE("options that are not set have their defaults") {
  const config::Config config = loaded(minimal);
  CHECK(config.milter == config::Config::Milter{"unix:/run/pec/milter.sock", "/var/tmp"});
  CHECK(config.provider == config::Config::Provider{"PEC Alfa S.p.A.", "", "pec.alfa.example",
                                                    "/p/crt", "/p/key", "", "", "Europe/Rome", "",
                                                    "", "", true});
  CHECK(config.limits == FormalLimits{});
  CHECK(config.trust == config::Config::Trust{"/p/ca", "", {}, 24, 48});
  CHECK(config.directory ==
        directory::DirectoryOptions{.source = "ldif:/p/ldif", .our_provider = "PEC Alfa S.p.A."});
  CHECK(config.ledger.connection == "sqlite3:///var/lib/pec/ledger.db");
  CHECK(config.internal == config::Config::Internal{"/p/secret", "/p/delivery", "127.0.0.1:10588"});
  CHECK(config.timeouts == config::Config::Timeouts{12, 24});
  CHECK(config.log == config::Config::Log{config::LogDestination::syslog, config::LogLevel::info});
}

TEST_CASE("a mail domain in capitals is the same domain") {
  const auto config =
      loaded(text::replace_all(minimal, "'pec.alfa.example'", "'PEC.Alfa.Example'"));
  CHECK(config.provider.domain == "pec.alfa.example");
}

TEST_CASE("options that are set count") {
  const config::Config config =
      loaded(minimal +
             "[milter]\nsocket = 'unix:/run/pec/milter.sock'\n"
             "[log]\ndestination = 'stderr'\nlevel = 'debug'\n"
             "[ledger]\nconnection = 'sqlite3:///srv/l.db'\n"
             "[limits]\nmessage_size = 52428800\ntotal_size = '104857600'\n"
             "counted_recipients = 'certified-in-to'\nto_addresses = 10\n"
             "line_length = 2000\n"
             "forbidden_extensions = 'EXE .scr,com, js'\n");
  CHECK(loaded(minimal + "[log]\n").trust.crl_urls.empty());
  CHECK(loaded(text::replace_all(minimal, "[trust]\n",
                                 "[trust]\ncrl_urls = 'http://a.example/1  http://b.example/2'\n"))
            .trust.crl_urls ==
        std::vector<std::string>{"http://a.example/1", "http://b.example/2"});
  CHECK(config.milter.socket == "unix:/run/pec/milter.sock");
  CHECK(config.log ==
        config::Config::Log{config::LogDestination::standard_error, config::LogLevel::debug});
  CHECK(config.ledger.connection == "sqlite3:///srv/l.db");
  CHECK(config.limits == FormalLimits{52428800,
                                      104857600,
                                      FormalLimits::Counted::certified_in_to,
                                      10,
                                      2000,
                                      {"exe", "scr", "com", "js"}});
}

TEST_CASE("the sample file is a configuration: examples for what is required, defaults else") {
  const config::Config sample = loaded(config::sample_config());
  CHECK(sample.provider ==
        config::Config::Provider{"PEC Alfa S.p.A.", "", "pec.alfa.example", "/etc/pec/provider.crt",
                                 "/etc/pec/provider.key", "", "", "Europe/Rome", "", "", "", true});
  CHECK(sample.milter.socket == "unix:/run/pec/milter.sock");

  // Written out, the defaults give the same result: their lines are those without a blank after the
  // #.
  const std::string content = config::sample_config();
  std::string written_out;
  for (const auto line : text::split(content, '\n'))
    written_out +=
        std::string(line.substr(line.size() > 1 && line[0] == '#' && line[1] != ' ')) + "\n";
  CHECK(written_out.find("\nsigner_ca_file = \"\"\n") != std::string::npos);
  config::Config whole = loaded(written_out);
  REQUIRE(whole.units.size() == 1);
  CHECK(whole.units.front().domain == "pec.unit2.example");
  whole.units.clear();
  CHECK(whole == sample);
}

namespace {

std::string written_value(const config::Option& option) {
  const std::string quote = std::holds_alternative<config::Number>(option.field) ? "" : "\"";
  return quote + std::string(option.value) + quote;
}

}  // namespace

TEST_CASE("every option is in the sample file, with its documentation and its choices") {
  const std::string sample = config::sample_config();
  for (const auto& option : config::options()) {
    CHECK_THAT(sample, Contains("\n# " + std::string(option.doc)));
    CHECK_THAT(sample, Contains((option.required ? "\n" : "\n#") + std::string(option.name) +
                                " = " + written_value(option) + "\n"));
  }
  CHECK_THAT(sample, Contains("One of: debug | info | warn | error."));
}

TEST_CASE("no two options share a key or a place, and each is documented by one sentence") {
  std::set<std::string> keys;
  std::set<const void*> places;
  config::Config config;
  for (const auto& option : config::options()) {
    keys.insert(option.key());
    places.insert(std::visit([&](const auto& field) -> const void* { return &field.place(config); },
                             option.field));
    CHECK(option.doc.ends_with('.'));
  }
  CHECK(keys.size() == config::options().size());
  CHECK(places.size() == config::options().size());
}

namespace {

std::vector<config::Setting> settings_of(const std::string& content) {
  const TemporaryFolder folder;
  const auto settings = config::load_settings(folder.write("pec.toml", content));
  if (!settings) FAIL(settings.error().detail);
  return *settings;
}

// "VALUE from LINE" of an option, and of a unit's.
std::string origin_in(const std::vector<config::Setting>& settings, std::string_view key,
                      std::size_t unit = 0) {
  const auto found = std::find_if(settings.begin(), settings.end(), [&](const auto& setting) {
    return setting.option->key() == key && setting.unit == unit;
  });
  return found == settings.end() ? "none" : found->value + " from " + std::to_string(found->line);
}

}  // namespace

TEST_CASE("each option that holds has its value and its line, or is a default") {
  const auto settings =
      settings_of(minimal +
                  "receipts_address = '''127.0.0.1:1'''\n[timeouts]\ntimeout_hours =\t2_2\n"
                  "[log]\nlevel = 'debug'\n");
  CHECK(origin_in(settings, "provider.name") == "PEC Alfa S.p.A. from 2");
  CHECK(origin_in(settings, "internal.receipts_address") == "127.0.0.1:1 from 13");
  CHECK(origin_in(settings, "timeouts.timeout_hours") == "22 from 15");
  CHECK(origin_in(settings, "log.level") == "debug from 17");
  CHECK(origin_in(settings, "log.destination") == "syslog from 0");
  CHECK(origin_in(settings, "trust.crl_file") == " from 0");

  std::vector<std::string> keys, known;
  for (const auto& setting : settings) keys.push_back(setting.option->key());
  for (const auto& option : config::options()) known.push_back(option.key());
  CHECK(keys == known);
}

TEST_CASE("each unit has its options, after those of the provider") {
  const std::string unit =
      "[[unit]]\nunit = 'U'\ndomain = 'pec.u.example'\ncertificate_file = '/p/crt2'\n"
      "key_file = '/p/key2'\n";
  const auto settings = settings_of(unit + unit + "text_file = '/p/text'\n" + minimal);
  CHECK(origin_in(settings, "unit.domain", 1) == "pec.u.example from 3");
  CHECK(origin_in(settings, "unit.domain", 2) == "pec.u.example from 8");
  CHECK(origin_in(settings, "unit.text_file", 1) == " from 0");
  CHECK(origin_in(settings, "unit.text_file", 2) == "/p/text from 11");
  CHECK(settings.size() == config::options().size() + 2 * config::unit_options().size());
  CHECK(settings.back().unit == 2);
}

TEST_CASE("a file with a mistake has no settings, and its errors are those of load_config()") {
  const TemporaryFolder folder;
  const auto file = folder.write("pec.toml", minimal + "[ledgre]\n");
  CHECK(error_of(config::load_settings(file)) == error_of(config::load_config(file)));
}

TEST_CASE("a ledger's password is not shown, wherever libpq would find it") {
  using config::without_password;
  for (const std::string open :
       {"sqlite3:///srv/l.db", "postgresql://pec@db.alfa.example:5433/pec?sslmode=verify-full",
        "postgresql:///pec?host=/run/postgresql", "postgresql://db:5432/a:b@c"})
    CHECK(without_password(open) == open);
  CHECK(without_password("postgresql://pec:Geheim@db/pec") == "postgresql://pec:********@db/pec");
  CHECK(without_password("postgresql://pec:Ge?he@im@db:1/pec") ==
        "postgresql://pec:********@db:1/pec");
  CHECK(without_password("postgresql://db/pec?a=b&password=Geheim&sslpassword=x") ==
        "postgresql://db/pec?a=b&password=********&sslpassword=********");
  CHECK(without_password("postgresql://db/pec?pass%77ord=Geheim") ==
        "postgresql://db/pec?pass%77ord=********");
}

TEST_CASE("an unknown option is an error with line, column and the nearest known name") {
  CHECK(complaints("[milter]\n  sokcet = 'x'\n" + minimal) ==
        std::vector<std::string>{
            "FILE:2:3: unknown option milter.sokcet; did you mean milter.socket?"});
  CHECK(complaint_about("log", "time_zone = 'UTC'") ==
        "FILE:14:1: unknown option log.time_zone; did you mean provider.time_zone?");
  CHECK(complaint_about("ledgre", "connection = 'sqlite3:///x'\nmore = 1") ==
        "FILE:13:2: unknown section [ledgre]; did you mean [ledger]?");
  CHECK(complaints("socket = 'unix:/x'\n" + minimal) ==
        std::vector<std::string>{
            "FILE:1:1: option socket is in no section; did you mean milter.socket?"});
  CHECK(complaint_about("milter.socket", "a = 'b'") ==
        "FILE:13:1: milter.socket is not a string; write it in double quotes");
}

TEST_CASE("a number is whole and within its bounds, an extension has letters and digits") {
  CHECK(complaint_about("limits", "to_addresses = 0") ==
        "FILE:14:16: limits.to_addresses is not a whole number from 1 to 100000");
  CHECK_THAT(complaint_about("limits", "to_addresses = -1"), Contains("is not a whole number"));
  CHECK_THAT(complaint_about("limits", "message_size = '30 MB'"),
             Contains("is not a whole number"));
  CHECK_THAT(complaint_about("limits", "message_size = 1e6"), Contains("is not a string"));
  CHECK_THAT(complaints(text::replace_all(minimal, "[trust]\n",
                                          "[trust]\ncrl_urls = 'http://a.example https://b'\n"))
                 .front(),
             Contains("trust.crl_urls holds \"https://b\", which is not an http URL; write one"));
  CHECK_THAT(complaint_about("limits", "forbidden_extensions = 'exe *.scr'"),
             Contains("holds \"*.scr\", which is not an extension; write letters and digits"));
}

TEST_CASE("the directory is fetched over https, and its table is one of Postfix's") {
  CHECK_THAT(
      complaint_about("directory_sync", "url = 'http://index.example/a.p7m'"),
      Contains("directory_sync.url is not an https URL; write one that begins with https://"));
  for (const std::string map : {"lmdb:/p/tls", "hash:tls", "/p/tls", "hash:/p/"})
    CHECK_THAT(
        complaint_about("directory_sync", "tls_policy_map = '" + map + "'"),
        Contains("is not a table of Postfix; write texthash:, hash:, btree: or cdb: and /PATH"));
  const auto sync = loaded(minimal +
                           "[directory_sync]\nurl = 'https://index.example/a.p7m'\n"
                           "tls_policy_map = 'hash:/p/tls'\ntls_policy = 'secure'\n")
                        .directory_sync;
  CHECK(sync == config::Config::DirectorySync{"https://index.example/a.p7m", "", "", "", 268435456,
                                              300, "hash:/p/tls", config::TlsPolicy::secure});
}

TEST_CASE("our record is published over https, with a service mailbox of dots and atoms") {
  const auto config = loaded(minimal +
                             "[directory_publish]\nurl = 'https://pec.alfa.example/a.ldif.p7m'\n"
                             "file = '/srv/a.ldif.p7m'\n");
  CHECK(config.directory_publish ==
        config::Config::DirectoryPublish{"https://pec.alfa.example/a.ldif.p7m", "/srv/a.ldif.p7m"});
  CHECK(config.provider.service_mailbox.empty());
  CHECK_THAT(complaint_about("directory_publish", "url = 'http://pec.alfa.example/'"),
             Contains("is not an https URL; write one that begins with https://"));
  for (const std::string address : {"ricevute", "\"a b\"@pec.alfa.example", "a@localhost"})
    CHECK_THAT(complaints(text::replace_all(minimal, "[provider]\n",
                                            "[provider]\nservice_mailbox = '" + address + "'\n"))
                   .front(),
               Contains("is not a service mailbox; write one like ricevute@pec.alfa.example"));
}

TEST_CASE("the policy daemon listens on unix sockets and loopback alone") {
  const auto policy =
      loaded(minimal +
             "[policy]\nlisten = 'unix:/run/p.sock inet:127.0.0.1:10589'\n"
             "rate_messages = 100\nwithout_ledger = 'pass'\nnotify_command = '/bin/tell'\n")
          .policy;
  CHECK(policy == config::Config::Policy{{"unix:/run/p.sock", "inet:127.0.0.1:10589"},
                                         500,
                                         60,
                                         100,
                                         0,
                                         Fallback::pass,
                                         "/bin/tell",
                                         "",
                                         "/etc/pec/logins.secret"});
  CHECK(loaded(minimal).policy == config::Config::Policy{{"unix:/run/pec/policy.sock"},
                                                         500,
                                                         60,
                                                         0,
                                                         0,
                                                         Fallback::wait,
                                                         "",
                                                         "",
                                                         "/etc/pec/logins.secret"});
  for (const std::string address :
       {"inet:0.0.0.0:10589", "inet:10589", "unix:p.sock", "/run/p.sock"})
    CHECK_THAT(complaint_about("policy", "listen = '" + address + "'"),
               Contains("is not an address to listen on; write unix:/PATH or inet:127.0.0.1:PORT"));
}

TEST_CASE("aliases are looked up in Postfix's tables, of any type, or nowhere") {
  const auto aliases =
      loaded(minimal + "[aliases]\ntables = 'lmdb:/p/aliases pgsql:/p/aliases.cf'\n").aliases;
  CHECK(aliases == config::Config::Aliases{{"lmdb:/p/aliases", "pgsql:/p/aliases.cf"},
                                           "/usr/sbin/postmap",
                                           "/etc/postfix-pec"});
  CHECK(loaded(minimal).aliases.tables.empty());
  CHECK(loaded(minimal + "[aliases]\ntables = ''\n").aliases.tables.empty());
  for (const std::string table :
       {"/p/aliases", "lmdb:", ":/p", "lmdb:/p/a,", "texthash:$config_directory/a"})
    CHECK_THAT(
        complaint_about("aliases", "tables = '" + table + "'"),
        Contains("which is not a table of Postfix; write its type and its name, such as lmdb:"));
}

TEST_CASE("a spam filter's mark is told by the name of a field and how it begins") {
  const auto spam = loaded(minimal + "[spam]\nheader = 'X-Spam-Level'\nspam = '**********'\n" +
                           "suspected = '*****'\nadded_fields = 'X-Spam'\nseries_messages = 20\n" +
                           "sieve_script = '/a.sieve'\n")
                        .spam;
  CHECK(spam == config::Config::Spam{
                    {"X-Spam-Level", "**********", "*****", {"X-Spam"}}, 180, 20, "/a.sieve"});
  CHECK(loaded(minimal).spam ==
        config::Config::Spam{
            {"", "reject", "add header", {"X-Spam", "X-Rspamd", "Authentication-Results"}},
            180,
            0,
            "/etc/dovecot-pec/pec-spam.sieve"});
  CHECK_THAT(complaint_about("spam", "header = 'X-Spam: Yes'"),
             Contains("is not the name of a header field"));
  CHECK_THAT(complaint_about("spam", "added_fields = 'X-Spam, X-Spamd'"),
             Contains("holds \"X-Spam,\", which is not the name"));
  CHECK_THAT(complaint_about("spam", "suspected = ''"), Contains("is empty"));
  for (const std::string too_few : {"1", "2"})
    CHECK_THAT(complaint_about("spam", "series_messages = " + too_few),
               Contains("is not a whole number from 3 to 1000, nor 0"));
}

TEST_CASE("our mail servers are names, and a name server is an address") {
  const auto check = loaded(minimal +
                            "[directory_check]\nmx_hosts = 'MX1.alfa.example mx2.alfa.example'\n"
                            "resolver = '127.0.0.1:5353'\n")
                         .directory_check;
  CHECK(check == config::Config::DirectoryCheck{
                     {"mx1.alfa.example", "mx2.alfa.example"}, "127.0.0.1:5353", 30});
  CHECK_THAT(complaint_about("directory_check", "mx_hosts = 'mx1.alfa.example, mx2'"),
             Contains("holds \"mx1.alfa.example,\", which is not a host name"));
  for (const std::string server : {"127.0.0.1", "localhost:53", "127.0.0.1:0", "1.2.3:53"})
    CHECK_THAT(complaint_about("directory_check", "resolver = '" + server + "'"),
               Contains("is not a name server; write its ADDRESS:PORT"));
}

TEST_CASE("a section is not an option") {
  CHECK(complaints("log = 'stderr'\n" + minimal) ==
        std::vector<std::string>{"FILE:1:1: log is a section; write [log] and its options below"});
}

TEST_CASE("all errors are listed, in the order of the file, those without a line first") {
  CHECK(complaints("[provider]\n"
                   "name = ' '\n"
                   "domain = 'alfa'\n"
                   "certificate_file = 'crt'\n"
                   "[trust]\n"
                   "ca_file = 7\n"
                   "[directory]\n"
                   "source = 'ldif:/p/ldif'\n") ==
        std::vector<std::string>{
            "FILE: internal.secret_file is missing; write secret_file = "
            "\"/etc/pec/internal.secret\" (for example) under [internal]",
            "FILE: internal.delivery_secret_file is missing; write delivery_secret_file = "
            "\"/etc/pec/delivery.secret\" (for example) under [internal]",
            "FILE:1:1: provider.key_file is missing; write key_file = "
            "\"/etc/pec/provider.key\" (for example) under [provider]",
            "FILE:2:8: provider.name is empty; write a value or leave the line out",
            "FILE:3:10: provider.domain is not a mail domain; write one such as pec.alfa.example",
            "FILE:4:20: provider.certificate_file is not an absolute path; write one that begins "
            "with /",
            "FILE:6:11: trust.ca_file is not a string; write it in double quotes",
        });
}

TEST_CASE("each required option is missed when it is not there") {
  for (const auto& option : config::options()) {
    if (!option.required) continue;
    const auto lines = complaints(without_line(minimal, std::string(option.name) + " ="));
    REQUIRE(lines.size() == 1);
    CHECK_THAT(lines.front(), Contains(": " + option.key() + " is missing; write "));
  }
}

TEST_CASE("a mail domain has two labels or more, of letters, digits and inner hyphens") {
  const auto with_domain = [](const std::string& domain) {
    return text::replace_all(minimal, "pec.alfa.example", domain);
  };
  for (const std::string good : {"a.example", "A-1.b--c.example", "1.2"})
    CHECK(loaded(with_domain(good)).provider.domain == text::lower(good));
  for (const std::string bad :
       {"", "example", ".a.example", "a.example.", "a..example", "-a.example", "a-.example",
        "a_b.example", "a b.example", "a@b.example", "caff\xc3\xa8.example"})
    CHECK_THAT(complaints(with_domain(bad)).front(),
               Contains("provider.domain is not a mail domain"));
  const std::string label(63, 'a');
  CHECK(loaded(with_domain(label + ".example")).provider.domain.size() == 71);
  CHECK_THAT(complaints(with_domain(label + "a.example")).front(), Contains("not a mail domain"));
  CHECK_THAT(complaints(with_domain(label + "." + label + "." + label + "." + label)).front(),
             Contains("not a mail domain"));
}

TEST_CASE("the milter's socket says port and host, or an absolute path") {
  for (const std::string good : {"inet:1@127.0.0.1", "inet:65535@localhost", "inet6:8899@::1",
                                 "unix:/run/pec/m.sock", "local:/run/pec/m.sock"})
    CHECK(loaded(minimal + "[milter]\nsocket = '" + good + "'\n").milter.socket == good);
  for (const std::string bad : {"", "inet:", "inet:8899", "inet:8899@", "inet:@127.0.0.1",
                                "inet:0@127.0.0.1", "inet:65536@127.0.0.1", "inet:-1@127.0.0.1",
                                "inet:8899x@127.0.0.1", "unix:", "unix:run/m.sock", "/run/m.sock"})
    CHECK(complaint_about("milter", "socket = '" + bad + "'") ==
          "FILE:14:10: milter.socket is not a milter socket; write inet:PORT@HOST or unix:/PATH");
}

TEST_CASE("the ledger is a file with an absolute path, or a database of a server") {
  for (const std::string good :
       {"sqlite3:///srv/l.db", "postgresql://pec@db.alfa.example:5433/pec?sslmode=verify-full",
        "postgresql:///pec?host=/run/postgresql"})
    CHECK(loaded(minimal + "[ledger]\nconnection = '" + good + "'\n").ledger.connection == good);
  for (const std::string bad : {"", "sqlite3://", "sqlite3://l.db", "sqlite3:/l.db", "sqlite3:///",
                                "postgresql://dbname=pec", "/var/lib/pec/ledger.db"})
    CHECK_THAT(complaint_about("ledger", "connection = '" + bad + "'"),
               Contains("ledger.connection is not a ledger; write sqlite3://"));
}

TEST_CASE(
    "the directory is a file with an absolute path, or an LDAP server that nobody can feign") {
  const auto with_source = [](const std::string& source) {
    return text::replace_all(minimal, "ldif:/p/ldif", source);
  };
  for (const std::string good : {"ldif:/p.p7m", "ldaps://ldap.example", "ldaps://ldap.example:6360",
                                 "ldaps://10.0.0.1:636", "ldapi://%2Frun%2Fpec%2Fldapi"})
    CHECK(loaded(with_source(good)).directory.source == good);
  for (const std::string bad :
       {"", "/p/ldif", "ldif:", "ldif:p", "ldif:/p/", "ldap://ldap.example", "ldaps://",
        "ldaps://:636", "ldaps://ldap.example:", "ldaps://ldap.example:0", "ldaps://a.example:x",
        "ldaps://ldap.example/", "ldaps://ldap.example/o=postacert", "ldaps://a.example b.example",
        "ldapi://", "ldapi://%2F", "ldapi:///", "ldapi:///run/ldapi", "ldapi://%2Frun/ldapi"})
    CHECK_THAT(
        complaints(with_source(bad)).front(),
        Contains("FILE:9:10: directory.source is not a source of the directory; write ldif:"));
}

TEST_CASE("receipts are requested on this host alone") {
  const auto with_address = [](const std::string& address) {
    return minimal + "receipts_address = '" + address + "'\n";
  };
  for (const std::string good : {"127.0.0.1:1", "127.12.0.255:65535"})
    CHECK(loaded(with_address(good)).internal.receipts_address == good);
  for (const std::string bad :
       {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:25x", ":25",
        "10588", "localhost:25", "10.0.0.1:25", "127.0.0:25", "127.0.0.1.1:25", "127.0.0.256:25",
        "127.0.0.-1:25", "127.0.0.1@x:25", "[::1]:25", "127.0.0.1:25:25"})
    CHECK(
        complaints(with_address(bad)) ==
        std::vector<std::string>{"FILE:13:20: internal.receipts_address is not a loopback address; "
                                 "write 127.0.0.1:PORT"});
}

TEST_CASE("the 24-hour notice is not sent before 22 hours, nor the 12-hour one before 12",
          "[rule:3.1.6]") {
  const auto with = [](const std::string& line) { return minimal + "[timeouts]\n" + line + "\n"; };
  CHECK(loaded(with("timeout_hours = 22\nearly_hours = 14")).timeouts ==
        config::Config::Timeouts{14, 22});
  CHECK(complaints(with("timeout_hours = 21")).front() ==
        "FILE:14:17: timeouts.timeout_hours is not a whole number from 22 to 24");
  CHECK_THAT(complaints(with("timeout_hours = 25")).front(), Contains("from 22 to 24"));
  CHECK(complaints(with("early_hours = 11")).front() ==
        "FILE:14:15: timeouts.early_hours is not a whole number from 12 to 14");
  CHECK_THAT(complaints(with("early_hours = 15")).front(), Contains("from 12 to 14"));
}

TEST_CASE("paths are absolute, and only an optional one may be empty") {
  CHECK(loaded(minimal + "[milter]\ntemp_dir = '/t'\n").milter.temp_dir == "/t");
  CHECK_THAT(complaint_about("milter", "temp_dir = ''"), Contains("is not an absolute path"));
  CHECK_THAT(complaint_about("milter", "temp_dir = 't'"), Contains("is not an absolute path"));
  const std::string signed_by =
      text::replace_all(minimal, "[directory]\n", "[directory]\nsigner_ca_file = '@'\n");
  CHECK(loaded(text::replace_all(signed_by, "@", "")).directory.signer_ca_file.empty());
  CHECK(loaded(text::replace_all(signed_by, "@", "/s")).directory.signer_ca_file == "/s");
  CHECK_THAT(complaints(text::replace_all(signed_by, "@", "s")).front(),
             Contains("is not an absolute path"));
}

TEST_CASE("whether receipts refer to the message sent holds for units, too") {
  const auto config = loaded(
      text::replace_all(minimal, "[trust]", "receipts_refer = 'no'\n[trust]") +
      "[[unit]]\nunit = 'Unit 2'\ndomain = 'pec.unit.example'\ncertificate_file = '/p/crt2'\n"
      "key_file = '/p/key2'\n");
  CHECK_FALSE(config.provider.receipts_refer);
  REQUIRE(config.units.size() == 1);
  CHECK_FALSE(config.units.front().receipts_refer);
}

TEST_CASE("a choice is one of its names, in lower case") {
  CHECK(complaint_about("log", "level = 'INFO'") ==
        "FILE:14:9: log.level is not a choice; write one of debug | info | warn | error");
  CHECK(complaint_about("log", "destination = ''") ==
        "FILE:14:15: log.destination is not a choice; write one of syslog | stderr");
}

TEST_CASE("a former choice says what to do now") {
  CHECK(complaint_about("antivirus", "engine = 'libclamav'") ==
        "FILE:14:10: antivirus.engine is not a choice any more, ClamAV has a process of its own; "
        "start "
        "pec-scanner (systemd/pec-scanner.service), and write scanner");
  CHECK_THAT(complaint_about("antivirus", "engine = 'clam'"),
             Contains("is not a choice; write one of scanner | clamd | none"));
}

TEST_CASE("no value can smuggle a control character into a header or a path") {
  for (const std::string escape : {"\\r\\nBcc: x", "\\u0000", "\\u007f"})
    CHECK_THAT(
        complaints(text::replace_all(minimal, "'PEC Alfa S.p.A.'", "\"A" + escape + "\"")).front(),
        Contains("provider.name holds a control character; remove it"));
}

TEST_CASE("a name may have any letters") {
  CHECK(loaded(text::replace_all(minimal, "Alfa", "Citt\xc3\xa0")).provider.name ==
        "PEC Citt\xc3\xa0 S.p.A.");
}

TEST_CASE("broken TOML is told with its place") {
  const auto lines = complaints("[provider]\nname = 'PEC\n");
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines.front(), Contains("FILE:2:12: ") && Contains("correct the syntax (TOML)"));

  CHECK_THAT(complaints("[log]\nlevel = 'info'\nlevel = 'info'\n").front(), Contains("FILE:3:"));
}

TEST_CASE("a file that can't be read is told with its name and what to do") {
  CHECK(error_of(config::load_config("/nonexistent/pec.toml")).detail ==
        "can't read /nonexistent/pec.toml: No such file or directory; put it there, or correct "
        "the path");
}

TEST_CASE("the provider and its units are all that we are") {
  const auto all = loaded(minimal +
                          "[[unit]]\nunit = 'Unit 2'\ndomain = 'pec.unit2.example'\n"
                          "certificate_file = '/p/2.crt'\nkey_file = '/p/2.key'\n")
                       .identities();
  REQUIRE(all.size() == 2);
  CHECK(all[0].unit.empty());
  CHECK(all[1].unit == "Unit 2");
}

TEST_CASE("a provider may have secondary units, with keys of their own") {
  const config::Config config = loaded(minimal +
                                       "[[unit]]\nunit = 'Unit 2'\ndomain = 'pec.unit2.example'\n"
                                       "certificate_file = '/p/2.crt'\nkey_file = '/p/2.key'\n"
                                       "[[unit]]\nunit = 'Unit 3'\ndomain = 'pec.unit3.example'\n"
                                       "certificate_file = '/p/3.crt'\nkey_file = '/p/3.key'\n"
                                       "text_file = '/p/3.txt'\n");
  REQUIRE(config.units.size() == 2);
  CHECK(config.units[0] == config::Config::Provider{"PEC Alfa S.p.A.", "Unit 2",
                                                    "pec.unit2.example", "/p/2.crt", "/p/2.key", "",
                                                    "", "Europe/Rome", "", "", "", true});
  CHECK(config.units[1].unit == "Unit 3");
  CHECK(config.units[1].text_file == "/p/3.txt");
  CHECK(config.provider.unit.empty());
  CHECK(loaded(minimal).units.empty());
}

TEST_CASE("errors in a unit are reported as in every section") {
  CHECK(complaints(minimal + "[[unit]]\nunit = 'Unit 2'\ndomian = 'pec.unit2.example'\n") ==
        std::vector<std::string>{
            "FILE:13:1: unit.domain is missing; write domain = \"pec.unit2.example\" (for example) "
            "under [unit]",
            "FILE:13:1: unit.certificate_file is missing; write certificate_file = "
            "\"/etc/pec/unit2.crt\" (for example) under [unit]",
            "FILE:13:1: unit.key_file is missing; write key_file = \"/etc/pec/unit2.key\" (for "
            "example) under [unit]",
            "FILE:15:1: unknown option unit.domian; did you mean unit.domain?"});
  CHECK(complaints(minimal + "[unit]\nunit = 'Unit 2'\n") ==
        std::vector<std::string>{"FILE:13:2: write [[unit]], and a unit's options below"});
}

TEST_CASE("the options of a unit are in the sample file") {
  for (const auto& option : config::unit_options())
    CHECK_THAT(config::sample_config(), Contains("\n# " + std::string(option.doc)));
}
