// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/ldif_source.hpp"

#include "base/clock.hpp"
#include "base/file.hpp"
#include "directory/directory_keeper.hpp"
#include "support/results.hpp"
#include "unit/directory/directory_ldif.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <openssl/err.h>
#include <sys/stat.h>

using namespace pec;
using namespace pec::directory;
using namespace pec::test;

namespace {

// The signer of the directory must be valid today, whatever day the tests run.
const Instant today = SystemClock().now();

struct LdifWorld {
  std::string ldif(const std::string& domain) const {
    return ldif_of({.name = "PEC Alfa", .certificates = {&alfa}, .domains = {domain}});
  }

  // As the directory is published: content and signer's certificate inside, DER.
  void sign(const std::string& name, const std::string& content, const Identity& by) const {
    folder.write("content", content);
    folder.write("by.pem", pem(*by.certificate) + pem(*by.key));
    const auto made = run(folder,
                          "openssl cms -sign -binary -nodetach -outform DER -in content "
                          "-signer by.pem -out new && mv new " +
                              name);
    REQUIRE(made.status == 0);
  }

  // The authority's list, as it is today.
  void publish_crl(const Identity& ca, std::vector<Revocation> revoked = {}) const {
    folder.write("crl.pem", crl_pem(ca, {.revoked = std::move(revoked),
                                         .this_update = today - std::chrono::hours(2),
                                         .next_update = today + std::chrono::days(1)}));
  }

  // By renaming, as the header asks.
  void replace(const std::string& name, const std::string& content) const {
    folder.write("new", content);
    std::filesystem::rename(folder.path("new"), folder.path(name));
  }

  auto load(const std::string& name, const std::string& ca = "") const {
    static const SystemClock clock;
    return DirectoryKeeper::open(
        {.source = "ldif:" + folder.path(name).string(),
         .signer_ca_file = ca.empty() ? std::filesystem::path() : folder.path(ca),
         .signer_subject = signer_subject,
         .max_shrink_percent = 100,
         .signer_crl_file = folder.path("crl.pem")},
        clock);
  }

  TemporaryFolder folder;
  std::string signer_subject = "C=IT, O=Directory signer, CN=Directory signer";
  smime::Certificate alfa = make_identity({.common_name = "Alfa"}).certificate;
  smime::Certificate beta = make_identity({.common_name = "Beta"}).certificate;
  Profile ca_profile{.common_name = "Directory CA",
                     .not_before = today - std::chrono::days(1),
                     .not_after = today + std::chrono::days(1),
                     .ca = true};
  Profile signer_profile{.common_name = "Directory signer",
                         .not_before = today - std::chrono::days(1),
                         .not_after = today + std::chrono::days(1),
                         .key_usage = "critical,nonRepudiation"};
};

bool certifies(const DirectoryKeeper& directory, std::string_view domain) {
  return directory.snapshot()->provider_of_domain(domain) != nullptr;
}

}  // namespace

TEST_CASE("the directory is read from a plain LDIF file", "[rule:8.4]") {
  const LdifWorld world;
  world.replace("providers.ldif", world.ldif("one.example"));
  const auto directory = value_of(world.load("providers.ldif"));
  CHECK(certifies(*directory, "one.example"));
  CHECK_FALSE(certifies(*directory, "two.example"));
  CHECK(directory->providers()->providers().size() == 1);
}

TEST_CASE("the directory is read from a signed file if its signature holds", "[rule:8.4]") {
  const LdifWorld world;
  const auto ca = make_identity(world.ca_profile);
  const auto signer = make_identity(world.signer_profile, &ca);
  world.folder.write("ca.pem", pem(*ca.certificate));
  world.publish_crl(ca);
  world.sign("providers.p7m", world.ldif("one.example"), signer);
  const auto directory = value_of(world.load("providers.p7m", "ca.pem"));
  CHECK(certifies(*directory, "one.example"));
  CHECK(ERR_peek_error() == 0);

  SECTION("a signed file without a word on whom to trust is refused") {
    CHECK_THAT(error_of(world.load("providers.p7m")).detail,
               Catch::Contains("providers.p7m is signed: name a PEM file"));
  }
  SECTION("an unsigned file where a signed one is expected is refused") {
    world.replace("providers.p7m", world.ldif("two.example"));
    CHECK_THAT(error_of(directory->refresh()).detail,
               Catch::Contains("providers.p7m is not signed, but"));
    CHECK(certifies(*directory, "one.example"));
  }
  SECTION("someone else's signature is refused") {
    const auto stranger = make_identity(world.signer_profile);
    world.sign("providers.p7m", world.ldif("two.example"), stranger);
    CHECK_THAT(error_of(directory->refresh()).detail,
               Catch::Contains("providers.p7m: C=IT, O=Directory signer"));
    CHECK(certifies(*directory, "one.example"));
  }
  SECTION("an expired signer is refused") {
    auto profile = world.signer_profile;
    profile.not_after = today - std::chrono::hours(1);
    world.sign("providers.p7m", world.ldif("two.example"), make_identity(profile, &ca));
    CHECK_THAT(error_of(directory->refresh()).detail, Catch::Contains("certificate has expired"));
  }
  SECTION("a file that broke off is refused, wherever it did") {
    const auto whole = *read_file(world.folder.path("providers.p7m"));
    for (const std::size_t share : {1, 50, 99}) {
      world.replace("providers.p7m", whole.substr(0, whole.size() * share / 100));
      CHECK_THAT(error_of(directory->refresh()).detail, Catch::Contains("providers.p7m: "));
      CHECK(certifies(*directory, "one.example"));
    }
  }
  SECTION("a changed byte is refused, in the content or in the signature") {
    const auto whole = *read_file(world.folder.path("providers.p7m"));
    for (const auto place : {whole.find("one.example"), whole.size() - 4}) {
      auto changed_byte = whole;
      changed_byte[place] = static_cast<char>(changed_byte[place] ^ 1);
      world.replace("providers.p7m", changed_byte);
      CHECK_THAT(error_of(directory->refresh()).detail, Catch::Contains("providers.p7m: "));
      CHECK(certifies(*directory, "one.example"));
    }
  }
  SECTION("signed content that is not a directory is refused") {
    world.sign("providers.p7m", "hello\n", signer);
    CHECK_THAT(error_of(directory->refresh()).detail, Catch::Contains("providers.p7m: line 1: "));
  }
}

TEST_CASE("the directory has one signer, whoever else has a certificate of the same authority",
          "[rule:8.4]") {
  LdifWorld world;
  const auto ca = make_identity(world.ca_profile);
  const auto signer = make_identity(world.signer_profile, &ca);
  world.folder.write("ca.pem", pem(*ca.certificate));
  world.publish_crl(ca);
  world.sign("providers.p7m", world.ldif("one.example"), signer);
  const auto directory = value_of(world.load("providers.p7m", "ca.pem"));
  const auto running = directory->snapshot();
  const auto refused_with = [&](const std::string& text) {
    for (int time = 0; time < 2; ++time) {
      CHECK_THAT(error_of(directory->refresh()).detail, Catch::Contains(text));
      CHECK(directory->snapshot() == running);
      CHECK_FALSE(directory->state().good);
    }
  };

  SECTION("another one is refused") {
    auto profile = world.signer_profile;
    profile.common_name = "Somebody else";
    world.sign("providers.p7m", world.ldif("two.example"), make_identity(profile, &ca));
    refused_with(
        "providers.p7m: it is signed by \"C=IT, O=Somebody else, CN=Somebody else\", but "
        "directory.signer_subject expects \"C=IT, O=Directory signer, CN=Directory signer\": ");
  }
  SECTION("so is one whose name only looks like the signer's") {
    for (const auto* name :
         {"Directory signer, CN=Directory signer", "directory signer", "Directory  signer"}) {
      auto profile = world.signer_profile;
      profile.common_name = name;
      world.sign("providers.p7m", world.ldif("two.example"), make_identity(profile, &ca));
      refused_with("providers.p7m: it is signed by ");
    }
  }
  SECTION("renewed, the signer is the same") {
    world.sign("providers.p7m", world.ldif("two.example"),
               make_identity(world.signer_profile, &ca));
    CHECK(directory->refresh() == true);
    CHECK(certifies(*directory, "two.example"));
  }
  SECTION("revoked, it is refused") {
    world.publish_crl(ca, {{signer.certificate.get(), today - std::chrono::hours(1)}});
    world.sign("providers.p7m", world.ldif("two.example"), signer);
    refused_with(
        "providers.p7m: the certificate of C=IT, O=Directory signer, CN=Directory signer was "
        "revoked on ");
  }
  SECTION("it is refused without a list that could tell") {
    world.folder.write("crl.pem", crl_pem(make_identity({.common_name = "Other", .ca = true}), {}));
    world.sign("providers.p7m", world.ldif("two.example"), signer);
    refused_with("crl.pem has no CRL of C=IT, O=Directory CA, CN=Directory CA, so nobody can tell");
  }
  SECTION("the option may be written as the openssl command of version 3.0 prints it") {
    world.signer_subject = "C = IT, O = Directory signer, CN = Directory signer";
    CHECK(world.load("providers.p7m", "ca.pem"));
  }
  SECTION("without the option nothing is taken, and the sentence says what to write") {
    world.signer_subject = "";
    CHECK_THAT(error_of(world.load("providers.p7m", "ca.pem")).detail,
               Catch::Contains("directory.signer_subject doesn't say who must sign the directory: "
                               "this one is signed by \"C=IT, O=Directory signer, CN=Directory "
                               "signer\"; if that is right, write it there"));
  }
}

TEST_CASE("a changed file is loaded, an unchanged one is not, a snapshot taken stays as it was") {
  const LdifWorld world;
  world.replace("providers.ldif", world.ldif("one.example"));
  const auto directory = value_of(world.load("providers.ldif"));
  const auto taken = directory->snapshot();
  CHECK(directory->refresh() == false);
  CHECK(directory->snapshot() == taken);

  world.replace("providers.ldif", world.ldif("two.example"));
  CHECK(directory->refresh() == true);
  CHECK(certifies(*directory, "two.example"));
  CHECK_FALSE(certifies(*directory, "one.example"));
  CHECK(taken->provider_of_domain("one.example") != nullptr);
}

TEST_CASE(
    "while the new file has an error, the running directory stays, and each look reports the "
    "error") {
  const LdifWorld world;
  world.replace("providers.ldif", world.ldif("one.example"));
  const auto directory = value_of(world.load("providers.ldif"));
  const auto running = directory->snapshot();
  const auto fails_with = [&](const std::string& text) {
    for (int time = 0; time < 2; ++time) {
      CHECK_THAT(error_of(directory->refresh()).detail, Catch::Contains(text));
      CHECK(directory->snapshot() == running);
    }
  };

  world.replace("providers.ldif", world.ldif("two.example").substr(0, 200));
  fails_with("providers.ldif: ");
  world.replace("providers.ldif",
                world.ldif("two.example") + "dn: providerName=X,o=postacert\n?\n");
  fails_with(fmt::format("providers.ldif: line {}: not \"name: value\"",
                         std::ranges::count(world.ldif("two.example"), '\n') + 2));
  world.replace("providers.ldif", "");
  fails_with("providers.ldif: no provider");
  std::filesystem::remove(world.folder.path("providers.ldif"));
  fails_with("providers.ldif: No such file or directory; put the providers' directory there");
  world.replace("providers.ldif", world.ldif("two.example"));
  CHECK(directory->refresh() == true);
}

TEST_CASE("an error in one entry is reported, and does not keep the others from being taken up",
          "[rule:8.4]") {
  const LdifWorld world;
  const auto with_beta = [&](const std::string& domain, const std::string& more = "") {
    return ldif_of(
        {.name = "PEC Beta", .certificates = {&world.beta}, .domains = {domain}, .more = more});
  };
  world.replace("providers.ldif", world.ldif("one.example") + with_beta("b.example"));
  const auto directory = value_of(world.load("providers.ldif"));
  const auto told = [&](const std::string& ldif, const std::string& what) {
    world.replace("providers.ldif", ldif);
    CHECK(directory->refresh() == true);
    for (int time = 0; time < 2; ++time) {
      CHECK_FALSE(directory->state().good);
      CHECK_THAT(directory->state().text,
                 Catch::Contains("providers.ldif: ") && Catch::Contains(what) &&
                     Catch::Contains("; its last good version is in use; in use: 2 providers, "));
      CHECK(directory->refresh() == false);
    }
    CHECK(certifies(*directory, "b.example"));
  };
  const auto hash = mime::sha1_hex("another certificate");
  told(
      world.ldif("two.example") + with_beta("c.example", "providerCertificateHash: " + hash + "\n"),
      "entry \"providerName=PEC Beta,o=postacert\": providerCertificateHash " + hash +
          " is not that of a certificate in this entry");
  CHECK(certifies(*directory, "two.example"));
  CHECK_FALSE(certifies(*directory, "c.example"));
  told(world.ldif("three.example") + with_beta("three.example"),
       "domain three.example is in two entries: \"providerName=PEC Alfa,o=postacert\" and");
  CHECK(certifies(*directory, "two.example"));

  world.replace("providers.ldif", world.ldif("three.example") + with_beta("b.example"));
  CHECK(directory->refresh() == true);
  CHECK(directory->state().good);
  CHECK(certifies(*directory, "three.example"));
}

TEST_CASE("a file speaks for its own date") {
  const LdifWorld world;
  world.replace("providers.ldif", world.ldif("one.example"));
  const auto path = world.folder.path("providers.ldif");
  const timespec date[2] = {{1795324282, 0}, {1795324282, 999}};
  REQUIRE(utimensat(AT_FDCWD, path.c_str(), date, 0) == 0);
  LdifSource source(path, {});
  const auto first = value_of(source.read(""));
  CHECK(first.as_of == test_time);
  const auto second = value_of(source.read(first.version));
  CHECK(second.providers == nullptr);
  CHECK(second.as_of == test_time);
}

TEST_CASE("how old a signed file is, its signature says, and not its date") {
  const LdifWorld world;
  const auto ca = make_identity(world.ca_profile);
  world.folder.write("ca.pem", pem(*ca.certificate));
  world.publish_crl(ca);
  world.sign("providers.p7m", world.ldif("one.example"), make_identity(world.signer_profile, &ca));
  const auto path = world.folder.path("providers.p7m");
  const timespec date[2] = {{1795324282, 0}, {1795324282, 0}};
  REQUIRE(utimensat(AT_FDCWD, path.c_str(), date, 0) == 0);
  const auto reading = value_of(LdifSource(path, {.source = "",
                                                  .signer_ca_file = world.folder.path("ca.pem"),
                                                  .signer_subject = world.signer_subject,
                                                  .signer_crl_file = world.folder.path("crl.pem")})
                                    .read(""));
  CHECK(reading.as_of == test_time);
  REQUIRE(reading.issued);
  CHECK(*reading.issued >= today);
}

TEST_CASE("a file that is older than the one in use is refused until the next start") {
  const LdifWorld world;
  world.replace("providers.ldif", world.ldif("two.example"));
  const auto old_date = [&] {
    const timespec date[2] = {{1795324282, 0}, {1795324282, 0}};
    REQUIRE(utimensat(AT_FDCWD, world.folder.path("new").c_str(), date, 0) == 0);
    std::filesystem::rename(world.folder.path("new"), world.folder.path("providers.ldif"));
  };
  const auto directory = value_of(world.load("providers.ldif"));
  const auto running = directory->snapshot();
  world.folder.write("new", world.ldif("one.example"));
  old_date();
  for (int time = 0; time < 2; ++time) {
    const auto changed = error_of(directory->refresh());
    CHECK_THAT(
        changed.detail,
        Catch::Contains("it is of 2026-11-22 05:11:22 UTC, older than the directory in use"));
    CHECK(directory->snapshot() == running);
    CHECK_FALSE(directory->state().good);
  }
  const auto started = value_of(world.load("providers.ldif"));
  CHECK(certifies(*started, "one.example"));
}

TEST_CASE("a missing directory or trust file is named at the start") {
  const LdifWorld world;
  CHECK_THAT(error_of(world.load("none.ldif")).detail,
             Catch::Contains("none.ldif: No such file or directory"));

  world.sign("providers.p7m", world.ldif("one.example"), make_identity(world.signer_profile));
  CHECK_THAT(error_of(world.load("providers.p7m", "none.pem")).detail,
             Catch::Contains("none.pem: No such file or directory"));
}
