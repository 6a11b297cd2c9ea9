// SPDX-License-Identifier: GPL-2.0-or-later

// What a trial has instead of an authority's, as the openssl program and our own readers see it.
#include "pecctl/setup/trial.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "config/config_text.hpp"
#include "directory/certificate_profile.hpp"
#include "directory/providers_directory.hpp"
#include "pec/trial_text.hpp"
#include "service/command.hpp"
#include "smime/certificate.hpp"
#include "smime/cms_signer.hpp"
#include "support/results.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <sys/stat.h>

using namespace pec;
using namespace pec::pecctl;
using namespace pec::test;
using Catch::Contains;

namespace {

namespace fs = std::filesystem;

// A site whose answers are a trial's.
struct Host {
  const TemporaryFolder place;
  const fs::path folder = place.path("trial");
  Facts facts;
  config::Values values;

  Host() {
    facts.addresses = {"192.0.2.8", "2001:db8::8"};
    values.options = trial_options(folder, facts);
    values.options.merge(std::map<std::string, std::string>{
        {"provider.name", "PEC Alfa/Beta + \"Figli\" è S.p.A."},
        {"provider.domain", "PEC.alfa.example"},
        {"provider.service_mailbox", "ricevute@pec.alfa.example"},
        {"site.host_name", "mx.pec.alfa.example"},
        {"site.user", geteuid() == 0 ? "nobody" : "pec"},
        {"internal.secret_file", "/p/secret"},
        {"internal.delivery_secret_file", "/p/delivery"}});
  }

  config::Config config() const {
    return value_of(config::parse_config(config::config_text(values), "pec.toml"));
  }
  // With a key of an earlier test: RSA takes its time.
  const Host& with_key() const {
    static const auto made = [this] {
      value_of(run());
      const auto key = value_of(read_file(file("provider.key")));
      fs::remove_all(folder);
      return key;
    }();
    fs::create_directory(folder);
    place.write("trial/provider.key", made);
    return *this;
  }

  Result<Trial> run() const { return make_trial(config(), facts, folder); }
  std::string file(const std::string& name) const { return (folder / name).string(); }

  // Name and content of each file.
  std::map<std::string, std::string> content() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file())
        all.emplace(fs::relative(entry.path(), folder).string(), value_of(read_file(entry.path())));
    return all;
  }
};

std::string openssl(std::vector<std::string> words) {
  words.insert(words.begin(), "/usr/bin/openssl");
  const auto ran = value_of(service::ask_command(words, "", std::chrono::seconds(60)));
  INFO(ran.errors);
  CHECK(ran.status == 0);
  return ran.output;
}

struct stat status_of(const std::string& file) {
  struct stat status {};
  REQUIRE(stat(file.c_str(), &status) == 0);
  return status;
}

const std::set<std::string> all_files{
    "authority.key", "authority.pem", "authority.crl",  "provider.key", "provider.pem",
    "tls.key",       "tls.pem",       "directory.ldif", "text.txt",     "clamav/trial.ndb"};

std::set<std::string> names_in(const Host& host) {
  std::set<std::string> names;
  for (const auto& [name, content] : host.content()) names.insert(name);
  return names;
}

}  // namespace

TEST_CASE("a trial has all that authorities give, and openssl and our readers take it") {
  const Host host;
  const auto trial = value_of(host.run());
  CHECK(names_in(host) == all_files);
  CHECK(trial.lines.size() == all_files.size());
  CHECK(trial.lines.front() == host.file("authority.key") + ": made");

  const auto now = SystemClock().now();
  CHECK(trial.end > now + std::chrono::hours(24 * 90 - 1));
  CHECK(trial.end <= now + std::chrono::hours(24 * 90));
  for (const auto* name : {"provider.pem", "tls.pem"})
    openssl({"verify", "-x509_strict", "-crl_check", "-CAfile", host.file("authority.pem"),
             "-CRLfile", host.file("authority.crl"), host.file(name)});
  openssl({"verify", "-CAfile", host.file("authority.pem"), "-purpose", "sslserver",
           "-verify_hostname", "mx.pec.alfa.example", "-verify_ip", "2001:db8::8",
           host.file("tls.pem")});
  for (const auto* name : {"authority", "provider", "tls"})
    CHECK(openssl({"pkey", "-in", host.file(name) + std::string(".key"), "-pubout"}) ==
          openssl({"x509", "-in", host.file(name) + std::string(".pem"), "-pubkey", "-noout"}));
  CHECK_THAT(openssl({"crl", "-in", host.file("authority.crl"), "-noout", "-text"}),
             Contains("No Revoked Certificates"));

  const auto config = host.config();
  const auto chain = value_of(smime::certificates_from_pem_file(config.provider.certificate_file));
  CHECK(directory::profile_flaw(*chain.front(), config.provider.name).empty());
  CHECK(smime::rfc822_names(*chain.front()) ==
        std::vector<std::string>{"posta-certificata@pec.alfa.example"});
  const auto directory = value_of(
      directory::ProvidersDirectory::from_ldif(value_of(read_file(host.file("directory.ldif")))));
  CHECK(directory->flaws().empty());
  REQUIRE(directory->provider_of_domain("pec.alfa.example") != nullptr);
  CHECK(directory->provider_of_domain("pec.alfa.example")->name == config.provider.name);
  CHECK(directory->provider_of_certificate(smime::to_der(*chain.front())) != nullptr);
  CHECK(value_of(read_file(host.file("text.txt"))) == text_of_trial);
}

TEST_CASE("keys are for those alone who use them, the rest is open to read") {
  const Host host;
  value_of(host.run());
  for (const auto& name : all_files) {
    const auto status = status_of(host.file(name));
    CAPTURE(name);
    CHECK((status.st_mode & 07777) == (name.ends_with(".key") ? 0400 : 0644));
    const bool is_service = geteuid() == 0 && name == "provider.key";
    CHECK((status.st_uid != geteuid()) == is_service);
  }
  CHECK((status_of(host.file("")).st_mode & 07777) == 0755);
  CHECK((status_of(host.file("clamav")).st_mode & 07777) == 0755);
}

TEST_CASE("a second run changes nothing") {
  const Host host;
  value_of(host.with_key().run());
  const auto before = host.content();
  const auto lines = value_of(host.run()).lines;
  CHECK(host.content() == before);
  CHECK(lines.front() == host.file("authority.key") + ": as it was");
}

TEST_CASE("a run after a kill keeps what was whole, and makes the rest") {
  const std::vector<std::string> order{
      "authority.key", "authority.pem", "authority.crl",  "provider.key", "provider.pem",
      "tls.key",       "tls.pem",       "directory.ldif", "text.txt",     "clamav/trial.ndb"};
  const Host host;
  value_of(host.with_key().run());
  for (std::size_t done = order.size(); done-- > 0;) {
    if (done < 3 && done != 1) continue;  // each of these makes an RSA key
    for (std::size_t i = done; i < order.size(); ++i) fs::remove(host.folder / order[i]);
    const auto half_done = host.folder / ".new-a1b2c3";
    fs::create_directory(half_done);
    fs::create_directory(half_done / "sub");
    const auto kept = host.content();
    CAPTURE(order[done]);
    value_of(host.run());
    CHECK(names_in(host) == all_files);
    CHECK_FALSE(fs::exists(half_done));
    for (const auto& [name, content] : kept) CHECK(value_of(read_file(host.file(name))) == content);
  }
}

TEST_CASE("what is there for another site is not used") {
  Host host;
  value_of(host.with_key().run());
  const auto before = host.content();
  const auto refused = [&](const std::string& key, const std::string& value,
                           const std::string& file, const std::string& why) {
    host.values.options[key] = value;
    const auto detail = error_of(host.run()).detail;
    CHECK_THAT(detail, Contains(host.file(file) + ": ") && Contains(why) &&
                           Contains("remove " + host.folder.string() + " and run this again"));
    CHECK(host.content() == before);
  };
  SECTION("its domain") {
    refused("provider.domain", "pec.beta.example", "provider.pem", "email address mismatch");
  }
  SECTION("its name") {
    refused("provider.name", "PEC Beta", "provider.pem", "name");
  }
  SECTION("its host") {
    refused("site.host_name", "mx.pec.beta.example", "tls.pem", "hostname mismatch");
  }
}

TEST_CASE("a certificate whose key is gone is not given another key") {
  const Host host;
  value_of(host.with_key().run());
  fs::remove(host.folder / "tls.key");
  CHECK_THAT(error_of(host.run()).detail,
             Contains(host.file("tls.pem") + ": its key is not there"));
  CHECK_FALSE(fs::exists(host.folder / "tls.key"));
}

TEST_CASE("what pec.toml has elsewhere is not made here") {
  Host host;
  host.values.options["site.tls_certificate_file"] = "/p/tls.pem";
  host.values.options["site.tls_key_file"] = "/p/tls.key";
  host.values.options["directory.source"] = "ldaps://directory.alfa.example";
  host.values.options["antivirus.database_dir"] = "/var/lib/clamav";
  host.values.options.erase("provider.text_file");
  value_of(host.with_key().run());
  CHECK(names_in(host) == std::set<std::string>{"authority.key", "authority.pem", "authority.crl",
                                                "provider.key", "provider.pem"});
}

TEST_CASE("a unit has its own certificate and entry") {
  Host host;
  host.values.units.push_back({{"unit", "Unità 2"},
                               {"domain", "pec.due.example"},
                               {"service_mailbox", "ricevute@pec.due.example"},
                               {"certificate_file", host.file("due.pem")},
                               {"key_file", host.file("due.key")}});
  value_of(host.with_key().run());
  const auto directory = value_of(
      directory::ProvidersDirectory::from_ldif(value_of(read_file(host.file("directory.ldif")))));
  REQUIRE(directory->provider_of_domain("pec.due.example") != nullptr);
  CHECK(directory->flaws().empty());
  CHECK(directory->provider_of_domain("pec.due.example")->unit == "Unità 2");
}

TEST_CASE("a key for a user who does not exist is not made") {
  if (geteuid() != 0) return;
  Host host;
  host.values.options["site.user"] = "nobody-of-this-name";
  CHECK_THAT(error_of(host.run()).detail, Contains("there is no user nobody-of-this-name"));
  CHECK_FALSE(fs::exists(host.folder / "provider.key"));
  CHECK(fs::directory_iterator(host.folder) != fs::directory_iterator());
  for (const auto& entry : fs::directory_iterator(host.folder))
    CHECK_FALSE(entry.path().filename().string().starts_with(".new-"));
}
