// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/ldap_source.hpp"

#include "base/text.hpp"
#include "directory/directory_keeper.hpp"
#include "support/results.hpp"
#include "support/slapd_process.hpp"
#include "unit/directory/directory_ldif.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

using namespace pec;
using namespace pec::directory;
using namespace pec::test;
using Catch::Contains;

namespace {

const SystemClock system_clock;

const smime::Certificate& certificate_of(const std::string& provider) {
  static std::map<std::string, smime::Certificate> all;
  auto& certificate = all[provider];
  if (!certificate) certificate = make_identity({.common_name = provider}).certificate;
  return certificate;
}

EntryText entry(const std::string& name, int domains) {
  EntryText made{.name = name, .certificates = {&certificate_of(name)}};
  for (int n = 0; n < domains; ++n)
    made.domains.push_back(fmt::format("n{}.{}.example", n, text::lower(name)));
  return made;
}

std::string two_providers() {
  return ldif_of(entry("Alfa", 5)) + ldif_of(entry("Beta", 5));
}

std::unique_ptr<DirectoryKeeper> keeper_of(const std::string& url) {
  auto keeper = DirectoryKeeper::open({.source = url}, system_clock);
  if (!keeper) FAIL(keeper.error().detail);
  return std::move(*keeper);
}

bool certifies(const DirectoryKeeper& keeper, std::string_view domain) {
  return keeper.snapshot()->provider_of_domain(domain) != nullptr;
}

std::string error_of(LdapServer server) {
  server.connect_limit = std::chrono::seconds(1);
  const auto reading = test::error_of(LdapSource(std::move(server)).read(""));
  CHECK(reading.fault == Fault::unavailable);
  return reading.detail;
}

std::string modify(const std::string& name, const std::string& change) {
  return fmt::format("dn: providerName={},o=postacert\nchangetype: modify\n{}\n", name, change);
}

}  // namespace

TEST_CASE("a server's directory is the same as that of the LDIF that was loaded into it",
          "[rule:8.4]") {
  auto alfa = entry("Alfa", 3);
  alfa.certificates.push_back(&certificate_of("Alfa, renewed"));
  auto unit = entry("Alfa", 0);
  unit.unit = "Ambiente 2";
  unit.domains = {"ambiente2.example"};
  unit.more = "description: città\n";
  const auto ldif = "version: 1\n\n" + ldif_of(alfa) + ldif_of(unit) + ldif_of(entry("Beta", 2));
  const auto expected = (*ProvidersDirectory::from_ldif(ldif))->providers();
  Slapd slapd(ldif);
  const bool over_tls = GENERATE(false, true);
  LdapSource source(over_tls
                        ? LdapServer{.url = slapd.tls_url("127.0.0.1"), .ca_file = slapd.ca_file()}
                        : LdapServer{.url = slapd.url()});
  const auto reading = source.read("");
  if (!reading) FAIL(reading.error().detail);
  auto found = reading->providers->providers();
  REQUIRE(found.size() == expected.size());
  for (auto& provider : found) {  // a server keeps no order of values
    std::sort(provider.managed_domains.begin(), provider.managed_domains.end());
    CHECK(std::count(expected.begin(), expected.end(), provider) == 1);
  }
  CHECK(system_clock.now() - reading->as_of < std::chrono::minutes(1));
}

TEST_CASE("more entries than one page holds are all read") {
  std::string ldif;
  for (int n = 0; n < 45; ++n) ldif += ldif_of(entry(fmt::format("P{}", n), 1));
  Slapd slapd(ldif);
  CHECK(keeper_of(slapd.url())->providers()->providers().size() == 45);
}

TEST_CASE("changes on the server are taken up, and an unchanged directory is not read again") {
  Slapd slapd(two_providers());
  const auto keeper = keeper_of(slapd.url());
  const auto first = keeper->snapshot();
  CHECK(keeper->refresh() == false);
  CHECK(keeper->snapshot() == first);

  slapd.change(modify("Beta", "add: managedDomains\nmanagedDomains: new.example\n"));
  CHECK(keeper->refresh() == true);
  CHECK(certifies(*keeper, "NEW.example"));
  CHECK(keeper->refresh() == false);

  slapd.change(modify("Beta", "delete: managedDomains\nmanagedDomains: new.example\n"));
  CHECK(keeper->refresh() == true);
  CHECK_FALSE(certifies(*keeper, "new.example"));

  const auto before = keeper->snapshot();
  slapd.stop();
  slapd.start();
  CHECK(keeper->refresh() == false);
  CHECK(keeper->snapshot() == before);
}

TEST_CASE("a change is taken up of which the server's contextCSN tells nothing") {
  // A server that is killed right after a change keeps it, and may forget that contextCSN had
  // moved.
  Slapd slapd(two_providers());
  const auto keeper = keeper_of(slapd.url());
  const auto context = [&] {
    return run(slapd.folder(),
               "ldapsearch -LLL -x -H " + slapd.url() + " -s base -b o=postacert contextCSN")
        .output;
  };
  const auto before = context();
  REQUIRE_THAT(before, Contains("contextCSN: "));
  const auto overlay = slapd.folder().path("copy/config/cn=config/olcDatabase={1}mdb") /
                       "olcOverlay={0}syncprov.ldif";
  const auto kept = slapd.folder().path("overlay.ldif");
  const auto unseen = [&](const std::string& change) {
    slapd.stop();
    std::filesystem::rename(overlay, kept);
    slapd.start();
    slapd.change(change);
    slapd.stop();
    std::filesystem::rename(kept, overlay);
    slapd.start();
    CHECK(context() == before);
  };
  unseen(modify("Beta", "add: managedDomains\nmanagedDomains: new.example\n"));
  CHECK(keeper->refresh() == true);
  CHECK(certifies(*keeper, "new.example"));
  CHECK(keeper->refresh() == false);
}

TEST_CASE("a server without contextCSN is compared by what it holds") {
  Slapd slapd(two_providers());
  slapd.stop();
  std::filesystem::remove(slapd.folder().path("copy/config/cn=config/olcDatabase={1}mdb") /
                          "olcOverlay={0}syncprov.ldif");
  REQUIRE(run(slapd.folder(),
              "rm -r copy/data && mkdir copy/data && "
              "{ printf 'dn: o=postacert\\nobjectClass: organization\\no: postacert\\n\\n'; cat "
              "directory.ldif; } | /usr/sbin/slapadd -F copy/config -b o=postacert")
              .status == 0);
  slapd.start();
  REQUIRE_THAT(run(slapd.folder(),
                   "ldapsearch -LLL -x -H " + slapd.url() + " -s base -b o=postacert contextCSN")
                   .output,
               !Contains("contextCSN: "));
  const auto keeper = keeper_of(slapd.url());
  CHECK(keeper->refresh() == false);
  slapd.change(modify("Alfa", "replace: mailReceipt\nmailReceipt: new@pec.example\n"));
  CHECK(keeper->refresh() == true);
  CHECK(keeper->refresh() == false);
}

TEST_CASE("the running directory stays while the server's has an error") {
  Slapd slapd(two_providers());
  const auto keeper = keeper_of(slapd.url());
  const auto running = keeper->snapshot();
  const auto fails_with = [&](const std::string& text) {
    for (int time = 0; time < 2; ++time) {
      CHECK_THAT(error_of(keeper->refresh()).detail,
                 Catch::StartsWith(slapd.url() + ": ") && Contains(text));
      CHECK(keeper->snapshot() == running);
      CHECK_FALSE(keeper->state().good);
    }
  };

  // Of an entry: that one stays as it was.
  const auto tells = [&](const std::string& text) {
    CHECK(keeper->refresh() == true);
    for (int time = 0; time < 2; ++time) {
      CHECK_FALSE(keeper->state().good);
      CHECK_THAT(keeper->state().text, Catch::StartsWith(slapd.url() + ": ") && Contains(text) &&
                                           Contains("; its last good version is in use"));
      CHECK(keeper->refresh() == false);
    }
    CHECK(keeper->snapshot()->provider_of_domain("n1.beta.example")->name == "Beta");
  };

  SECTION("a certificate that does not match its hash") {
    const auto hash = mime::sha1_hex("another");
    slapd.change(modify(
        "Alfa", "replace: providerCertificateHash\nproviderCertificateHash: " + hash + "\n"));
    tells("providerCertificateHash " + hash + " is not that of a certificate in this entry");
  }
  SECTION("a domain with two owners") {
    slapd.change(modify("Alfa", "add: managedDomains\nmanagedDomains: N1.Beta.example\n"));
    tells("domain n1.beta.example is in two entries: \"providerName=");
  }
  SECTION("not a domain") {
    slapd.change(modify("Alfa", "add: managedDomains\nmanagedDomains: a b\n"));
    tells("\"a b\" in managedDomains is not a domain");
  }
  SECTION("half the domains gone") {
    slapd.change("dn: providerName=Beta,o=postacert\nchangetype: delete\n");
    fails_with("5 of 10 domains would go");
  }
  SECTION("no provider in it") {
    slapd.change(
        "dn: providerName=Alfa,o=postacert\nchangetype: delete\n\n"
        "dn: providerName=Beta,o=postacert\nchangetype: delete\n");
    fails_with("no provider in it");
  }
  SECTION("not even o=postacert") {
    slapd.change(
        "dn: providerName=Alfa,o=postacert\nchangetype: delete\n\n"
        "dn: providerName=Beta,o=postacert\nchangetype: delete\n\n"
        "dn: o=postacert\nchangetype: delete\n");
    fails_with("load the providers' directory into it: it has no o=postacert");
  }
  SECTION("a server that is down, until it is up again") {
    slapd.stop();
    fails_with("Can't contact LDAP server; see that the server runs and answers, or correct");
    slapd.start();
    CHECK(keeper->refresh() == false);
    CHECK(keeper->state().good);
  }
}

TEST_CASE("a server that takes connections but never answers is given up") {
  const auto began = std::chrono::steady_clock::now();
  const TemporaryFolder folder;
  const SilentServer local(folder.path("ldapi"));
  const auto url = "ldapi://" + text::replace_all(folder.path("ldapi").string(), "/", "%2F");
  CHECK_THAT(error_of({.url = url}),
             Contains(url + ": Can't contact LDAP server; see that the server runs and answers"));

  const int port = free_port();
  const SilentServer remote(port);
  const auto ca = make_identity({.common_name = "CA", .ca = true});
  CHECK_THAT(
      error_of({.url = fmt::format("ldaps://127.0.0.1:{}", port),
                .ca_file = folder.write("ca.pem", pem(*ca.certificate))}),
      Contains("Can't contact LDAP server") && Contains("see that the server runs and answers"));
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(60));
}

TEST_CASE("over TLS the server must be who the URL says, by the authority that is trusted") {
  Slapd slapd(two_providers());
  const auto good = slapd.ca_file();
  const std::string trust = "and that its certificate is for this name and of an authority in /";
  CHECK(LdapSource({.url = slapd.tls_url("127.0.0.1"), .ca_file = good}).read(""));
  CHECK_THAT(error_of({.url = slapd.tls_url("127.0.0.2"), .ca_file = good}), Contains(trust));

  const auto stranger = make_identity({.common_name = "Another CA", .ca = true});
  CHECK_THAT(error_of({.url = slapd.tls_url("127.0.0.1"),
                       .ca_file = slapd.folder().write("x.pem", pem(*stranger.certificate))}),
             Contains(trust));
  CHECK_THAT(error_of({.url = slapd.tls_url("127.0.0.1"), .ca_file = "/nonexistent/ca.pem"}),
             Contains("no TLS with the authorities in /nonexistent/ca.pem"));
}

TEST_CASE("a client with a name logs in to the server with a password from a file") {
  Slapd slapd(two_providers());
  slapd.change(
      "dn: cn=reader,o=postacert\nchangetype: add\nobjectClass: organizationalRole\n"
      "objectClass: simpleSecurityObject\nuserPassword: right\n\n"
      "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nreplace: olcAccess\n"
      "olcAccess: to attrs=userPassword by anonymous auth\n"
      "olcAccess: to * by dn.exact=\"cn=reader,o=postacert\" read by * none\n");
  DirectoryOptions options{.source = slapd.url(),
                           .bind_dn = "cn=reader,o=postacert",
                           .bind_password_file = slapd.folder().write("password", "right\n")};
  CHECK(DirectoryKeeper::open(options, system_clock));

  const auto refused = [&](const std::string& text) {
    CHECK_THAT(error_of(DirectoryKeeper::open(options, system_clock)).detail, Contains(text));
  };
  SECTION("a wrong password") {
    slapd.folder().write("password", "wrong\n");
    refused("Invalid credentials; correct directory.bind_dn or what is in directory.bind_password");
  }
  SECTION("no password in the file") {
    slapd.folder().write("password", "\n");
    refused("password: no password in it: write it there, in one line");
  }
  SECTION("a dn without a password file") {
    options.bind_password_file.clear();
    refused("directory.bind_dn and directory.bind_password_file go together");
  }
  SECTION("nobody") {
    options.bind_dn.clear();
    options.bind_password_file.clear();
    refused("load the providers' directory into it");
  }
}

TEST_CASE("ldaps without an authority is refused, in a sentence") {
  CHECK(error_of(open_source({.source = "ldaps://ldap.example"})).detail ==
        "ldaps://ldap.example: name a PEM file with the authority of the server's certificate "
        "(directory.ca_file)");
}
