// SPDX-License-Identifier: GPL-2.0-or-later

// The first pec.toml of a host, from all who may answer.
#include "pecctl/setup/answers.hpp"

#include "base/text.hpp"
#include "config/config_text.hpp"
#include "config/options.hpp"
#include "pecctl/setup/questions.hpp"
#include "support/results.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <set>

using namespace pec;
using namespace pec::pecctl;
using namespace pec::test;
using Catch::Contains;

namespace {

// An ordinary mail host with a second pair of addresses.
Facts mail_host() {
  Facts facts;
  facts.host_name = "mail.alfa.example";
  facts.addresses = {"192.0.2.1", "192.0.2.8", "2001:db8::8"};
  facts.postfix_interfaces = {"192.0.2.1"};
  facts.has_ordinary_mail = true;
  facts.has_virus_database = true;
  return facts;
}

// Its Postfix has all addresses.
Facts full_host() {
  auto facts = mail_host();
  facts.postfix_interfaces = {"all"};
  facts.has_ordinary_mail = true;
  return facts;
}

// What has no default.
GivenAnswers needed() {
  GivenAnswers given;
  given.options = {{"provider.domain", "pec.alfa.example"},
                   {"provider.name", "PEC Alfa S.p.A."},
                   {"site.tls_certificate_file", "/p/tls.pem"},
                   {"site.tls_key_file", "/p/tls.key"},
                   {"provider.certificate_file", "/p/crt"},
                   {"provider.key_file", "/p/key"},
                   {"trust.ca_file", "/p/ca"}};
  return given;
}

const HasFile no_files = [](const std::filesystem::path&) { return false; };

config::Config parsed(const std::string& text) {
  return value_of(config::parse_config(text, "pec.toml"));
}

config::Config made(const GivenAnswers& given, const Facts& facts = mail_host(),
                    const HasFile& files = no_files) {
  return parsed(value_of(new_config(given, facts, nullptr, files)));
}

std::vector<std::string> complaints(const GivenAnswers& given, const Facts& facts = mail_host(),
                                    Terminal* terminal = nullptr) {
  const auto error = error_of(new_config(given, facts, terminal, no_files));
  CHECK(error.fault == Fault::bad_input);
  std::vector<std::string> lines;
  for (const auto line : text::split(error.detail, '\n')) lines.emplace_back(line);
  return lines;
}

// Types one line after the other.
class Typist final : public Terminal {
public:
  explicit Typist(std::vector<std::string> lines) : lines_(std::move(lines)) {}

  void say(std::string_view text) override { shown_.emplace_back(text); }
  Result<std::string> ask(std::string_view question, std::string_view by_default) override {
    shown_.push_back(std::string(question) + " [" + std::string(by_default) + "]");
    if (typed_ == lines_.size()) return bad_input("the input ended");
    const auto& line = lines_[typed_++];
    return line.empty() ? std::string(by_default) : line;
  }

  std::size_t typed() const { return typed_; }
  std::string shown() const { return text::join(shown_, "\n"); }

private:
  std::vector<std::string> lines_, shown_;
  std::size_t typed_ = 0;
};

}  // namespace

TEST_CASE("each question is of one option of the table, and can be given on the command line") {
  std::set<std::string> keys, options;
  for (const auto& question : questions()) {
    keys.emplace(question.key);
    options.emplace(question.option);
    const auto all = config::options();
    CHECK(std::any_of(all.begin(), all.end(),
                      [&](const auto& option) { return option.key() == question.key; }));
    CHECK_THAT(question.words, Contains("(for example "));
  }
  CHECK(keys.size() == questions().size());
  CHECK(options.size() == questions().size());
}

TEST_CASE("the command line fills in the answers, empty ones too") {
  CLI::App app;
  GivenAnswers given;
  add_questions(app, given);
  std::array words{"setup", "--domain",  "pec.alfa.example", "--revocation-lists",
                   "",      "--answers", "/p/answers",       "--trial"};
  app.parse(static_cast<int>(words.size()), words.data());
  CHECK(given.options == std::map<std::string, std::string>{{"provider.domain", "pec.alfa.example"},
                                                            {"trust.crl_file", ""}});
  CHECK(given.file == "/p/answers");
  CHECK(given.trial);
}

TEST_CASE("with nobody to ask, defaults hold") {
  const auto config = made(needed());
  CHECK(config.provider.name == "PEC Alfa S.p.A.");
  CHECK(config.provider.key_file == "/p/key");
  CHECK(config.provider.service_mailbox == "ricevute@pec.alfa.example");
  CHECK(config.site.host_name == "mx.pec.alfa.example");
  CHECK(config.site.addresses == std::vector<std::string>{"192.0.2.8", "2001:db8::8"});
  CHECK(config.site.operators_mailbox == "gestione@pec.alfa.example");
  CHECK(config.trust.crl_file == "/var/lib/pec/crl.pem");
  CHECK(config.directory.source == "ldif:/var/lib/pec/directory.ldif");
  CHECK(config.ledger.connection == "sqlite3:///var/lib/pec/ledger.db");
  CHECK(config.internal.secret_file == "/etc/pec/internal.secret");
  CHECK(config.internal.delivery_secret_file == "/etc/pec/delivery.secret");
  CHECK(config.directory_sync.tls_policy_map == "hash:/var/lib/pec/tls-policy");
}

TEST_CASE("the text has what was answered, and the rest as in the sample") {
  const auto text = value_of(new_config(needed(), mail_host(), nullptr, no_files));
  CHECK_THAT(text, Contains("\n# The provider's own mail domain") &&
                       Contains("\ndomain = \"pec.alfa.example\"\n") &&
                       Contains("\n#time_zone = \"Europe/Rome\"\n") && Contains("\n#[[unit]]\n"));
}

TEST_CASE("the host's own name is taken if it is in the domain") {
  auto given = needed();
  given.options["provider.domain"] = "Alfa.example";
  CHECK(made(given).site.host_name == "mail.alfa.example");
  auto facts = mail_host();
  facts.host_name = "mailalfa.example";
  CHECK(made(given, facts).site.host_name == "mx.alfa.example");
}

TEST_CASE("files are found where the documents and certbot put them") {
  auto given = needed();
  for (const auto* key : {"site.tls_certificate_file", "site.tls_key_file",
                          "provider.certificate_file", "provider.key_file", "trust.ca_file"})
    given.options.erase(key);
  CHECK(complaints(given).size() == 5);
  const auto config = made(given, mail_host(), [](const auto&) { return true; });
  CHECK(config.site.tls_certificate_file ==
        "/etc/letsencrypt/live/mx.pec.alfa.example/fullchain.pem");
  CHECK(config.site.tls_key_file == "/etc/letsencrypt/live/mx.pec.alfa.example/privkey.pem");
  CHECK(config.provider.certificate_file == "/etc/pec/provider.crt");
  CHECK(config.trust.ca_file == "/etc/pec/trusted-cas.pem");
}

TEST_CASE("an answer that is missing has its option, its key and its question") {
  const auto lines = complaints({});
  REQUIRE(lines.size() == 7);
  CHECK_THAT(lines.front(), Contains("provider.domain is missing; give it with --domain, or in the "
                                     "file of --answers: The mail domain of certified mail"));
  CHECK_THAT(lines.back(), Contains("trust.ca_file is missing; give it with --authorities"));
}

TEST_CASE("a host whose addresses are all taken is told how to get another") {
  const auto lines = complaints(needed(), full_host());
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines.front(),
             Contains("site.addresses is missing; give it with --addresses") &&
                 Contains("takes ordinary mail at all of its addresses (192.0.2.1, 192.0.2.8, "
                          "2001:db8::8)") &&
                 Contains("ip address add"));
  auto all = needed();
  all.options["site.addresses"] = "";
  CHECK(made(all, full_host()).site.addresses.empty());
  auto alone = full_host();
  alone.addresses.clear();
  CHECK_THAT(complaints(needed(), alone).front(), Contains("no address but loopback"));
}

TEST_CASE("a wrong answer is named by its option, together with what is missing") {
  auto given = needed();
  given.options["provider.domain"] = "alfa";
  given.options["provider.name"] = "PEC \xe8";
  given.options["site.addresses"] = "192.0.2.8 none";
  given.options["site.host_name"] = "";
  given.options["ledger.connection"] = "postgresql:Geheim";
  given.options.erase("provider.key_file");
  const std::vector<std::string> wrong{
      "--domain (provider.domain) is not a mail domain; write one such as pec.alfa.example",
      "--provider-name (provider.name) is not UTF-8; write it in UTF-8",
      "--host-name (site.host_name) is empty; write a value",
      "--addresses (site.addresses) holds \"none\", which is not an IP address; write one such as "
      "192.0.2.1 or 2001:db8::1",
      "--ledger (ledger.connection) is not a ledger; write sqlite3:// and the absolute path of the "
      "database file, or postgresql://HOST/DATABASE"};
  auto lines = complaints(given);
  REQUIRE(lines.size() == 6);
  CHECK_THAT(lines.back(), Contains("provider.key_file is missing"));
  lines.pop_back();
  CHECK(lines == wrong);

  Typist typist({});  // nobody types eight answers before that is said
  CHECK(complaints(given, mail_host(), &typist) == wrong);
  CHECK(typist.shown().empty());
}

TEST_CASE("a file of answers may be a whole pec.toml; the command line counts before it") {
  const TemporaryFolder folder;
  auto given = needed();
  for (const auto* key : {"provider.domain", "provider.key_file"}) given.options.erase(key);
  given.file = folder.write(
      "answers.toml",
      "[provider]\ndomain = 'pec.beta.example'\nname = 'PEC Beta'\nkey_file = '/b/key'\n"
      "[limits]\nmessage_size = 1_000_000\n[directory_sync]\ntls_policy_map = 'cdb:/p/t'\n"
      "[[unit]]\nunit = 'U \"1\"'\ndomain = 'pec.u.example'\ncertificate_file = '/u/crt'\n"
      "key_file = '/u/key'\n");
  const auto config = made(given);
  CHECK(config.provider.domain == "pec.beta.example");
  CHECK(config.provider.name == "PEC Alfa S.p.A.");
  CHECK(config.provider.key_file == "/b/key");
  CHECK(config.limits.message_size == 1'000'000);
  CHECK(config.directory_sync.tls_policy_map == "cdb:/p/t");
  REQUIRE(config.units.size() == 1);
  CHECK(config.units.front().unit == "U \"1\"");
}

TEST_CASE("a mistake in the file of answers has its line") {
  const TemporaryFolder folder;
  auto given = needed();
  given.file = folder.write("answers.toml", "[provider]\nnam = 'PEC Beta'\n");
  CHECK(complaints(given) ==
        std::vector<std::string>{given.file.string() + ":2:1: unknown option provider.nam; did you "
                                                       "mean provider.name?"});
  given.file = folder.write("answers.toml", "[provider]\nservice_mailbox = ''\n");
  given.options.erase("provider.name");
  CHECK(made(needed()).provider.service_mailbox == "ricevute@pec.alfa.example");
  given.file = folder.path("none.toml");
  CHECK_THAT(complaints(given).front(), Contains("none.toml: No such file"));
}

TEST_CASE("an empty value in the file does not answer what must be known") {
  const TemporaryFolder folder;
  auto given = needed();
  given.file =
      folder.write("answers.toml", "[provider]\nservice_mailbox = ''\n[trust]\ncrl_file = ''\n");
  const auto config = made(given);
  CHECK(config.provider.service_mailbox == "ricevute@pec.alfa.example");
  CHECK(config.trust.crl_file.empty());
}

TEST_CASE("in a terminal everything else is asked, and a wrong answer once more") {
  GivenAnswers given = needed();
  for (const auto* key : {"provider.domain", "provider.name", "site.tls_key_file"})
    given.options.erase(key);
  Typist typist({"", "alfa", "pec.alfa.example", "PEC Alfa", "", "", "/none", "/p/tls.key", "", "",
                 "chi@alfa.example", "chi@pec.alfa.example", "", ""});
  const auto exists = [](const std::filesystem::path& path) { return path == "/p/tls.key"; };
  const auto config = parsed(value_of(new_config(given, mail_host(), &typist, exists)));
  CHECK(typist.typed() == 14);
  CHECK(config.provider.domain == "pec.alfa.example");
  CHECK(config.provider.name == "PEC Alfa");
  CHECK(config.site.host_name == "mx.pec.alfa.example");
  CHECK(config.site.tls_key_file == "/p/tls.key");
  CHECK(config.trust.crl_file == "/var/lib/pec/crl.pem");
  CHECK(config.site.operators_mailbox == "chi@pec.alfa.example");
  CHECK_THAT(typist.shown(),
             Contains("An answer is needed.") &&
                 Contains("\"alfa\" is not a mail domain; write one such as pec.alfa.example.") &&
                 Contains("\"/none\" is not there; write the path of a file.") &&
                 Contains("\"chi@alfa.example\" is not in pec.alfa.example; write a mailbox") &&
                 Contains("(for example mx.pec.alfa.example) [mx.pec.alfa.example]") &&
                 !Contains("signing certificate, which is for"));
}

TEST_CASE("in a terminal a host without a free address hears why one is needed") {
  Typist typist({"", "192.0.2.9", "192.0.2.8"});
  auto given = needed();
  for (const auto& [key, value] :
       {std::pair("site.host_name", "mx.pec.alfa.example"), std::pair("trust.crl_file", ""),
        std::pair("directory.source", "ldif:/p/ldif"),
        std::pair("site.operators_mailbox", "gestione@pec.alfa.example"),
        std::pair("provider.service_mailbox", "ricevute@pec.alfa.example"),
        std::pair("ledger.connection", "sqlite3:///p/ledger.db")})
    given.options[key] = value;
  const auto config = parsed(value_of(new_config(given, full_host(), &typist, no_files)));
  CHECK(config.site.addresses == std::vector<std::string>{"192.0.2.8"});
  CHECK_THAT(typist.shown(), Contains("ip address add") && Contains("An answer is needed.") &&
                                 Contains("has 192.0.2.9, which this host does not have"));
}

TEST_CASE("the mailboxes that set-up makes are in a domain of ours") {
  auto given = needed();
  given.options["site.operators_mailbox"] = "chi@alfa.example";
  given.options["provider.service_mailbox"] = "ricevute@XPEC.alfa.example";
  CHECK(complaints(given) ==
        std::vector<std::string>{"--operators-mailbox (site.operators_mailbox) is not in "
                                 "pec.alfa.example; write a mailbox in this domain",
                                 "--service-mailbox (provider.service_mailbox) is not in "
                                 "pec.alfa.example; write a mailbox in this domain"});
  const TemporaryFolder folder;
  given.file = folder.write("answers.toml",
                            "[[unit]]\nunit = 'U'\ndomain = 'Alfa.example'\n"
                            "certificate_file = '/u/crt'\nkey_file = '/u/key'\n");
  given.options["provider.service_mailbox"] = "ricevute@PEC.alfa.example";
  CHECK(made(given).site.operators_mailbox == "chi@alfa.example");
}

TEST_CASE("the end of the input is an error") {
  Typist typist({"pec.alfa.example"});
  CHECK(complaints({}, mail_host(), &typist) == std::vector<std::string>{"the input ended"});
}

TEST_CASE("a trial needs no answer; its files are the answers, if no others are given") {
  GivenAnswers given;
  given.trial = true;
  auto facts = mail_host();
  facts.has_virus_database = false;
  const auto config = made(given, facts);
  CHECK(config.provider.domain == "pec.alfa.example");
  CHECK(config.provider.name == "Prova pec.alfa.example");
  CHECK(config.provider.key_file == "/etc/pec/trial/provider.key");
  CHECK(config.provider.text_file == "/etc/pec/trial/text.txt");
  CHECK(config.site.tls_key_file == "/etc/pec/trial/tls.key");
  CHECK(config.trust.ca_file == "/etc/pec/trial/authority.pem");
  CHECK(config.trust.crl_file == "/etc/pec/trial/authority.crl");
  CHECK(config.directory.source == "ldif:/etc/pec/trial/directory.ldif");
  CHECK(config.directory.max_age_hours == 0);
  CHECK(config.antivirus.database_dir == "/etc/pec/trial/clamav");
  CHECK(config.antivirus.max_database_age_hours == 0);

  given.options["site.tls_key_file"] = "/p/tls.key";
  facts.has_virus_database = true;
  CHECK(made(given, facts).site.tls_key_file == "/p/tls.key");
  CHECK(made(given, facts).antivirus.database_dir == "/var/lib/clamav");
}

TEST_CASE("a trial's domain is one of the host's, apart from its ordinary mail") {
  GivenAnswers given;
  given.trial = true;
  auto facts = mail_host();
  for (const auto& [host, domain] : {std::pair("mail.alfa.example", "pec.alfa.example"),
                                     {"alfa.example", "pec.alfa.example"},
                                     {"MX.pec.alfa.example", "pec.alfa.example"},
                                     {"alfa", "pec.prova.example"},
                                     {"", "pec.prova.example"}}) {
    facts.host_name = host;
    CHECK(made(given, facts).provider.domain == domain);
  }
}
