// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/providers_directory.hpp"

#include "base/text.hpp"
#include "directory/our_entry.hpp"
#include "support/results.hpp"
#include "unit/directory/directory_ldif.hpp"

#include <catch2/catch.hpp>
#include <fstream>

using namespace pec;
using namespace pec::directory;
using namespace pec::test;

namespace {

const std::string base =
    "version: 1\n\ndn: o=postacert\nobjectclass: top\nobjectclass: organization\no: postacert\n"
    "description: Base root\n\n";

struct Certificates {
  smime::Certificate alfa = make_identity({.common_name = "Alfa"}).certificate;
  smime::Certificate alfa_new = make_identity({.common_name = "Alfa"}).certificate;
  smime::Certificate beta = make_identity({.common_name = "Beta"}).certificate;
};

const Certificates& certificates() {
  static const Certificates all;
  return all;
}

EntryText alfa() {
  return {.name = "PEC Alfa S.p.A.",
          .certificates = {&certificates().alfa, &certificates().alfa_new},
          .domains = {"pec.alfa.example", "Comune.Alfa.Example"},
          .mail_receipt = "ricevute@pec.alfa.example"};
}

EntryText beta() {
  return {.name = "PEC Beta",
          .certificates = {&certificates().beta},
          .domains = {"pec.beta.example"},
          .mail_receipt = "ricevute@pec.beta.example"};
}

std::shared_ptr<const ProvidersDirectory> directory_of(const std::string& entries) {
  const auto directory = ProvidersDirectory::from_ldif(base + entries);
  if (!directory) FAIL(directory.error().detail);
  return *directory;
}

std::string error_of(const std::string& entries) {
  const auto directory = test::error_of(ProvidersDirectory::from_ldif(base + entries));
  CHECK(directory.fault == Fault::bad_input);
  return directory.detail;
}

}  // namespace

TEST_CASE("a domain is certified if it is, in any case, in some entry's managedDomains",
          "[rule:8.4]") {
  const auto directory = directory_of(ldif_of(alfa()) + ldif_of(beta()));
  REQUIRE(directory->providers().size() == 2);
  const Provider* found = directory->provider_of_domain("COMUNE.alfa.example");
  REQUIRE(found != nullptr);
  CHECK(found->name == "PEC Alfa S.p.A.");
  CHECK(found->unit.empty());
  CHECK(found->mail_receipt == "ricevute@pec.alfa.example");
  CHECK(found->managed_domains ==
        std::vector<std::string>{"pec.alfa.example", "comune.alfa.example"});
  CHECK(directory->provider_of_domain("pec.alfa.example") == found);
  CHECK(directory->provider_of_domain("pec.beta.example") == &directory->providers()[1]);

  for (const auto* unknown : {"alfa.example", "x.pec.alfa.example", "pec.alfa.example.", "", "."})
    CHECK(directory->provider_of_domain(unknown) == nullptr);
}

TEST_CASE("a certificate belongs to the provider in whose entry it is in full", "[rule:4]") {
  const auto directory = directory_of(ldif_of(alfa()) + ldif_of(beta()));
  const auto owner = [&](const smime::Certificate& certificate) {
    return directory->provider_of_certificate(smime::to_der(*certificate));
  };
  const auto* alfa_entry = &directory->providers()[0];
  CHECK(owner(certificates().alfa) == alfa_entry);
  CHECK(owner(certificates().alfa_new) == alfa_entry);
  CHECK(owner(certificates().beta) == &directory->providers()[1]);
  CHECK(owner(make_identity({.common_name = "Alfa"}).certificate) == nullptr);
  CHECK(directory->provider_of_certificate("") == nullptr);

  REQUIRE(alfa_entry->certificates.size() == 2);
  CHECK(alfa_entry->certificates[0] == smime::to_der(*certificates().alfa));
  CHECK(alfa_entry->certificate_hashes[0] == mime::sha1_hex(alfa_entry->certificates[0]));
}

TEST_CASE(
    "a provider speaks for its domains, its units' and those of its addresses, for no other's",
    "[rule:4]") {
  const auto with_address =
      make_identity({.common_name = "Alfa", .email = "posta-certificata@address.example"})
          .certificate;
  auto main_entry = alfa(), others = beta();
  main_entry.certificates = {&with_address};
  main_entry.mail_receipt = "ricevute@Receipts.example";
  // Beta's own record claims addresses in alfa's domain: that gives it nothing.
  others.mail_receipt = "ricevute@comune.alfa.example";
  const EntryText unit{.name = "pec ALFA s.p.a.",
                       .unit = "Due",
                       .certificates = {&certificates().alfa},
                       .domains = {"unit.alfa.example"},
                       .mail_receipt = "ricevute@unit.receipts.example"};
  const auto directory = directory_of(ldif_of(main_entry) + ldif_of(others) + ldif_of(unit));
  for (const auto* address : {"posta-certificata@address.example", "Ricevute@receipts.example",
                              "ricevute@unit.receipts.example"})
    CHECK(directory->is_service_address(address));
  CHECK_FALSE(directory->is_service_address("anna@receipts.example"));
  CHECK_FALSE(directory->is_service_address("ricevute@comune.alfa.example"));
  REQUIRE(directory->flaws().size() == 1);
  CHECK(
      directory->flaws()[0].text() ==
      "entry \"providerName=PEC Beta,o=postacert\": its address ricevute@comune.alfa.example is in "
      "a domain of \"PEC Alfa S.p.A.\"; it is not taken for one of its own");
  CHECK_FALSE(directory->flaws()[0].keeps_entry_out());
  CHECK(check_ours({{"PEC Beta", "", "pec.beta.example", "/etc/pec/b.pem", ""}}, *directory));
  const auto* us = directory->provider_of_domain("pec.alfa.example");
  const auto* due = directory->provider_of_domain("unit.alfa.example");
  const auto* them = directory->provider_of_domain("pec.beta.example");
  for (const auto* domain : {"pec.alfa.example", "COMUNE.alfa.example", "unit.alfa.example",
                             "receipts.example", "unit.Receipts.example", "address.example"}) {
    INFO(domain);
    CHECK(directory->speaks_for(us->name, domain, test_time));
    CHECK(directory->speaks_for(due->name, domain, test_time));
    CHECK_FALSE(directory->speaks_for(them->name, domain, test_time));
  }
  CHECK(directory->speaks_for(them->name, "pec.beta.example", test_time));
  for (const auto* domain : {"pec.beta.example", "ordinaria.example", "alfa.example", ""})
    CHECK_FALSE(directory->speaks_for(us->name, domain, test_time));

  CHECK(directory->owned().domains ==
        OwnedDomains{{"pec alfa s.p.a.",
                      {"address.example", "comune.alfa.example", "pec.alfa.example",
                       "receipts.example", "unit.alfa.example", "unit.receipts.example"}},
                     {"pec beta", {"pec.beta.example"}}});
}

TEST_CASE("a hash may be written in upper case, folded, or left out", "[rule:8.4]") {
  const auto der = smime::to_der(*certificates().beta);
  auto hash = mime::sha1_hex(der);
  for (auto& c : hash) c = static_cast<char>(std::toupper(c));
  const auto entry = beta();
  const auto text = [&](const std::string& hash_line) {
    return fmt::format(
        "dn: {}\nproviderName: {}\n{}providerCertificate;binary::\n {}\n"
        "mailReceipt: {}\nmanagedDomains: pec.beta.example\n",
        dn_of(entry), entry.name, hash_line, base64(der), entry.mail_receipt);
  };
  const std::string without;
  const auto folded = "providerCertificateHash:\n " + hash + "\n";
  for (const auto& line : {without, folded})
    CHECK(directory_of(text(line))->provider_of_certificate(der) != nullptr);
}

TEST_CASE("secondary units are entries of their own; a shared certificate is the main entry's",
          "[rule:8.4]") {
  const auto* name = GENERATE("PEC Alfa S.p.A.", "pec ALFA s.p.a.");  // in any case (4.5.3)
  const EntryText unit{.name = name,
                       .unit = "Ambiente 2",
                       .certificates = {&certificates().alfa},
                       .domains = {"unit.alfa.example"},
                       .mail_receipt = "ricevute@unit.alfa.example"};
  const bool unit_first = GENERATE(false, true);
  const auto directory =
      directory_of(unit_first ? ldif_of(unit) + ldif_of(alfa()) : ldif_of(alfa()) + ldif_of(unit));
  const auto* of_unit = directory->provider_of_domain("unit.alfa.example");
  REQUIRE(of_unit != nullptr);
  CHECK(directory->flaws().empty());
  CHECK(of_unit->name == name);
  CHECK(of_unit->unit == "Ambiente 2");
  CHECK(of_unit->mail_receipt == "ricevute@unit.alfa.example");
  const auto* main = directory->provider_of_certificate(smime::to_der(*certificates().alfa));
  REQUIRE(main != nullptr);
  CHECK(main->unit.empty());
}

TEST_CASE("a flaw in an entry of ours stops everything, however our name is written",
          "[rule:8.4]") {
  auto flawed = beta();
  flawed.mail_receipt = "";
  const auto directory = directory_of(ldif_of(alfa()) + ldif_of(flawed));
  REQUIRE(directory->flaws().size() == 1);
  for (const auto* name : {"PEC Beta", "pec BETA"}) {
    const auto checked =
        error_of(check_ours({{name, "", "pec.beta.example", "/etc/pec/b.pem", ""}}, *directory));
    CHECK(checked.detail == directory->flaws().front().what);
  }
  CHECK(
      check_ours({{"pec alfa s.p.a.", "", "pec.alfa.example", "/etc/pec/a.pem", ""}}, *directory));
}

TEST_CASE("an error in the whole directory refuses it, an error in an entry refuses the entry",
          "[rule:8.4]") {
  CHECK(error_of("") == "no provider in it; put the providers' directory there");
  CHECK(error_of("dn: providerName=X,o=other\nx: y\n") ==
        "entry \"providerName=X,o=other\": not below o=postacert");
  CHECK(error_of("dn: providerName=X\nx: y\n") ==
        "entry \"providerName=X\": not below o=postacert");
  CHECK(error_of("dn: providerName=X,o=postacert\nnonsense\n") == "line 10: not \"name: value\"");

  auto entry = beta();
  const auto names_it = [&](const std::string& what) {
    const auto directory = directory_of(ldif_of(alfa()) + ldif_of(entry));
    CHECK(directory->provider_of_domain("pec.alfa.example"));
    REQUIRE(directory->flaws().size() == 1);
    CHECK(directory->flaws()[0].what == "entry \"" + dn_of(entry) + "\": " + what);
    CHECK(directory->flaws()[0].provider == "PEC Beta");
    CHECK(
        error_of(ldif_of({.name = "PEC Beta"})).starts_with("entry \"" + dn_of(entry) + "\": no "));
  };
  SECTION("no mailReceipt") {
    entry.mail_receipt = "";
    names_it("no mailReceipt");
  }
  SECTION("no certificate") {
    entry.certificates = {};
    names_it("no providerCertificate");
  }
  SECTION("no domain") {
    entry.domains = {};
    names_it("no managedDomains");
  }
  SECTION("no name") {
    const auto text = text::replace_all(ldif_of(entry), "providerName: PEC Beta\n", "");
    CHECK(error_of(text) == "entry \"providerName=PEC Beta,o=postacert\": no providerName");
    CHECK(directory_of(ldif_of(alfa()) + text)->flaws()[0].provider == "PEC Beta");
  }
  SECTION("two names") {
    entry.more = "providerName: another\n";
    names_it("more than one providerName");
  }
  SECTION("not a domain") {
    entry.more = "managedDomains: bob@beta.example\n";
    names_it("\"bob@beta.example\" in managedDomains is not a domain");
  }
  SECTION("a domain too long to be one") {
    const std::string label(63, 'a'), longest = label + "." + label + "." + label + "." + label;
    entry.more = "managedDomains: " + longest + "\n";
    CHECK(directory_of(ldif_of(entry))->provider_of_domain(text::replace_all(longest, "a", "A")));
    entry.more = "managedDomains: " + longest + ".\n";
    names_it("\"" + longest + ".\" in managedDomains is not a domain");
    CHECK(directory_of(ldif_of(beta()))->provider_of_domain(longest + ".") == nullptr);
  }
  SECTION("not a certificate") {
    entry.more = "providerCertificate;binary:: AAEC\n";
    CHECK_THAT(directory_of(ldif_of(entry))->flaws().at(0).what,
               Catch::StartsWith("entry \"providerName=PEC Beta,o=postacert\": "
                                 "providerCertificate: not a certificate in DER form"));
  }
  SECTION("the hash of another certificate") {
    const auto hash = mime::sha1_hex(smime::to_der(*certificates().alfa));
    entry.more = "providerCertificateHash: " + hash + "\n";
    names_it("providerCertificateHash " + hash + " is not that of a certificate in this entry");
  }
}

TEST_CASE("a domain or certificate with two owners is neither's, and both are named",
          "[rule:8.4]") {
  auto entry = beta();
  entry.domains.emplace_back("PEC.ALFA.EXAMPLE");
  auto directory = directory_of(ldif_of(alfa()) + ldif_of(entry));
  REQUIRE(directory->flaws().size() == 2);
  for (const auto& flaw : directory->flaws()) {
    CHECK(flaw.what ==
          "domain pec.alfa.example is in two entries: \"providerName=PEC Alfa S.p.A.,o=postacert\" "
          "and \"providerName=PEC Beta,o=postacert\"");
    CHECK(flaw.text().ends_with("; what else can be read of it is in use"));
  }
  CHECK(directory->provider_of_domain("pec.alfa.example") == nullptr);
  CHECK(directory->provider_of_domain("comune.alfa.example"));
  CHECK(directory->provider_of_domain("pec.beta.example"));

  entry = beta();
  entry.certificates.push_back(&certificates().alfa);
  directory = directory_of(ldif_of(alfa()) + ldif_of(entry));
  REQUIRE(directory->flaws().size() == 2);
  const auto der = smime::to_der(*certificates().alfa);
  CHECK_THAT(directory->flaws()[0].what,
             Catch::StartsWith("certificate " + mime::sha1_hex(der) +
                               " is in two entries: \"providerName=PEC Alfa"));
  CHECK(directory->provider_of_certificate(der) == nullptr);
  CHECK(directory->provider_of_certificate(smime::to_der(*certificates().beta)));

  entry = beta();
  entry.domains.emplace_back("PEC.BETA.EXAMPLE");  // twice in the same entry: no doubt whose
  directory = directory_of(ldif_of(entry));
  CHECK(directory->provider_of_domain("pec.beta.example") != nullptr);
  CHECK(directory->flaws().empty());
}

TEST_CASE("no other entry takes from us our own, though nobody knows the directory before",
          "[rule:8.4]") {
  auto other = beta();
  other.domains.emplace_back("PEC.ALFA.EXAMPLE");
  other.certificates.push_back(&certificates().alfa);
  const auto directory = value_of(ProvidersDirectory::from_ldif(
      base + ldif_of(alfa()) + ldif_of(other), {nullptr, "pec alfa S.p.A."}));
  REQUIRE(directory->flaws().size() == 1);
  CHECK(directory->flaws()[0].provider == "PEC Beta");
  CHECK(directory->provider_of_domain("pec.alfa.example")->name == "PEC Alfa S.p.A.");
  CHECK(directory->provider_of_domain("pec.beta.example")->name == "PEC Beta");
  const auto* signer = directory->provider_of_certificate(smime::to_der(*certificates().alfa));
  REQUIRE(signer);
  CHECK(signer->name == "PEC Alfa S.p.A.");
}

TEST_CASE("an entry is about whom its DN names, whoever it says that it is", "[rule:8.4]") {
  const auto before = directory_of(ldif_of(alfa()) + ldif_of(beta()));
  const bool is_known = GENERATE(false, true);
  const auto read = [&](const std::string& entries) {
    const auto directory =
        ProvidersDirectory::from_ldif(base + entries, {is_known ? before.get() : nullptr, ""});
    if (!directory) FAIL(directory.error().detail);
    return *directory;
  };
  const auto in_beta = [](const std::string& from, const std::string& to) {
    return text::replace_all(ldif_of(beta()), from, to);
  };
  SECTION("another's name") {
    const auto directory = read(
        ldif_of(alfa()) + in_beta("\nproviderName: PEC Beta", "\nproviderName: PEC Alfa S.p.A."));
    REQUIRE(directory->flaws().size() == 1);
    CHECK(directory->flaws()[0].provider == "PEC Beta");
    CHECK(
        directory->flaws()[0].what ==
        "entry \"providerName=PEC Beta,o=postacert\": providerName \"PEC Alfa S.p.A.\" is not the "
        "one in the entry's DN");
    CHECK(directory->provider_of_domain("pec.beta.example")->name == "PEC Beta");
    CHECK_FALSE(directory->speaks_for("PEC Alfa S.p.A.", "pec.beta.example", test_time));
    CHECK_FALSE(directory->speaks_for("PEC Beta", "pec.alfa.example", test_time));
  }
  SECTION("as a unit of itself") {
    const auto directory =
        read(ldif_of(alfa()) + in_beta("mailReceipt:", "providerUnit: Due\nmailReceipt:"));
    CHECK(directory->flaws().size() == 1);
    CHECK(directory->provider_of_domain("pec.beta.example")->unit.empty());
  }
  SECTION("a DN that names nobody, or two") {
    const auto* dn =
        GENERATE("cn=PEC Beta,o=postacert", "providerName=,o=postacert",
                 "providerName=PEC Beta,providerName=PEC Alfa,o=postacert", "?,o=postacert");
    const auto directory = read(ldif_of(alfa()) + in_beta("dn: providerName=PEC Beta,o=postacert",
                                                          fmt::format("dn: {}", dn)));
    CHECK(directory->flaws().size() == 1);
    CHECK(directory->provider_of_domain("pec.beta.example") == nullptr);
  }
  SECTION("another way to write it") {
    const auto directory =
        read(ldif_of(alfa()) + in_beta("dn: providerName=PEC Beta,o=postacert",
                                       "dn: providername=pec\\20beta , o=postacert"));
    CHECK(directory->flaws().empty());
  }
  SECTION("two of one name") {
    const std::string missing = GENERATE("", "\nproviderName: PEC BETA");
    auto second = beta();
    second.domains = {"altro.example"};
    second.certificates = {&certificates().alfa_new};
    auto first = alfa();
    first.certificates = {&certificates().alfa};
    auto again = text::replace_all(ldif_of(second), "Beta", "BETA");
    if (!missing.empty()) again = text::replace_all(again, missing, "");
    const auto directory = read(ldif_of(first) + ldif_of(beta()) + again);
    REQUIRE(directory->flaws().size() == 1);
    CHECK(directory->flaws()[0].what ==
          "entry \"providerName=PEC BETA,o=postacert\": it is there twice");
    CHECK(directory->provider_of_domain("altro.example") == nullptr);
    CHECK((directory->provider_of_domain("pec.beta.example") != nullptr) == is_known);
  }
}

TEST_CASE("of a flawed entry the last good version stays in use, and all others are taken up",
          "[rule:8.4]") {
  const auto before = directory_of(ldif_of(alfa()) + ldif_of(beta()));
  const auto after = [&](const std::string& entries) {
    const auto directory = ProvidersDirectory::from_ldif(base + entries, {before.get(), ""});
    if (!directory) FAIL(directory.error().detail);
    return *directory;
  };
  auto fresh = alfa(), flawed = beta();
  fresh.domains.emplace_back("nuovo.example");
  flawed.domains.emplace_back("altro.example");
  const auto* beta_before = before->provider_of_domain("pec.beta.example");

  SECTION("a certificate that can't be read") {
    flawed.more = "providerCertificate;binary:: AAEC\n";
    const auto directory = after(ldif_of(fresh) + ldif_of(flawed));
    REQUIRE(directory->flaws().size() == 1);
    CHECK(directory->flaws()[0].text().ends_with("; its last good version is in use"));
    CHECK(directory->provider_of_domain("nuovo.example"));
    CHECK(directory->provider_of_domain("altro.example") == nullptr);
    REQUIRE(directory->provider_of_domain("pec.beta.example"));
    CHECK(*directory->provider_of_domain("pec.beta.example") == *beta_before);
  }
  SECTION("without a name, or in another case, it is the same entry") {
    const auto text =
        text::replace_all(text::replace_all(ldif_of(flawed), "providerName: PEC Beta\n", ""),
                          "dn: provider", "dn: PROVIDER");
    const auto directory = after(ldif_of(fresh) + text);
    CHECK(*directory->provider_of_domain("pec.beta.example") == *beta_before);
  }
  SECTION("a new certificate that is off the profile") {
    flawed.certificates.push_back(&certificates().alfa_new);
    fresh.certificates = {&certificates().alfa};
    const auto directory = after(ldif_of(fresh) + ldif_of(flawed));
    REQUIRE(directory->flaws().size() == 1);
    CHECK_THAT(directory->flaws()[0].what,
               Catch::Contains("is not of the profile of RFC 6109, 5.5: "));
    CHECK(*directory->provider_of_domain("pec.beta.example") == *beta_before);
  }
  SECTION("one that is in use is not asked again") {
    const auto directory = after(ldif_of(fresh) + ldif_of(flawed));
    CHECK(directory->flaws().empty());
    CHECK(directory->provider_of_domain("altro.example"));
  }
  SECTION(
      "a domain that both claim stays whose it was, and keeps that one's changes from nothing") {
    flawed.domains.emplace_back("comune.alfa.example");
    const auto directory = after(ldif_of(fresh) + ldif_of(flawed));
    REQUIRE(directory->flaws().size() == 1);
    CHECK(directory->flaws()[0].provider == "PEC Beta");
    CHECK_THAT(directory->flaws()[0].what,
               Catch::StartsWith("domain comune.alfa.example is in two entries: "));
    CHECK(directory->provider_of_domain("comune.alfa.example")->name == "PEC Alfa S.p.A.");
    CHECK(directory->provider_of_domain("nuovo.example")->name == "PEC Alfa S.p.A.");
    CHECK(directory->provider_of_domain("altro.example") == nullptr);
  }
  SECTION("a certificate that both claim likewise") {
    flawed.certificates.push_back(&certificates().alfa);
    const auto directory = after(ldif_of(fresh) + ldif_of(flawed));
    REQUIRE(directory->flaws().size() == 1);
    CHECK(directory->flaws()[0].provider == "PEC Beta");
    CHECK(directory->provider_of_certificate(smime::to_der(*certificates().alfa))->name ==
          "PEC Alfa S.p.A.");
    CHECK(directory->provider_of_domain("nuovo.example"));
  }
  SECTION("a new entry takes nothing from one that was there") {
    EntryText third{.name = "PEC Gamma",
                    .certificates = {&certificates().alfa_new},
                    .domains = {"pec.gamma.example", "pec.alfa.example"}};
    const auto directory = after(ldif_of(fresh) + ldif_of(beta()) + ldif_of(third));
    REQUIRE(directory->flaws().size() == 1);
    CHECK(directory->flaws()[0].provider == "PEC Gamma");
    CHECK(directory->provider_of_domain("pec.alfa.example")->name == "PEC Alfa S.p.A.");
    CHECK(directory->provider_of_domain("pec.gamma.example")->name == "PEC Gamma");
    CHECK(directory->provider_of_domain("nuovo.example"));
  }
  SECTION("a domain that a flawed entry has given up is the new owner's") {
    fresh.domains = {"pec.alfa.example", "pec.beta.example"};
    flawed.domains = {"altro.example"};
    flawed.mail_receipt = "";
    const auto directory = after(ldif_of(fresh) + ldif_of(flawed));
    CHECK(directory->flaws().size() == 1);
    CHECK(directory->provider_of_domain("pec.beta.example")->name == "PEC Alfa S.p.A.");
    CHECK(directory->provider_of_certificate(smime::to_der(*certificates().beta))->name ==
          "PEC Beta");
  }
  SECTION("a flawed entry that still claims its domain keeps it from a second owner") {
    fresh.domains.emplace_back("pec.beta.example");
    flawed.mail_receipt = "";
    const auto directory = after(ldif_of(fresh) + ldif_of(flawed));
    CHECK(directory->flaws().size() == 2);
    CHECK(directory->provider_of_domain("pec.beta.example")->name == "PEC Beta");
  }
}

namespace {

long resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (long kib = 0; word == "VmRSS:" && status >> kib) return kib;
  return 0;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitised = true;
#else
constexpr bool sanitised = false;
#endif

}  // namespace

// How fast: tests/bench/directory_bench.cpp.
TEST_CASE("half a million domains are found, and take less than 150 MB") {
  constexpr int providers = 25;
  constexpr int domains_each = 20'000;
  const auto domain = [](int p, int d) {
    return fmt::format("comune-{}.provincia-{}.example", d, p);
  };
  std::string text = base;
  for (int p = 0; p < providers; ++p) {
    const auto certificate = make_identity({.common_name = "Many"}).certificate;
    EntryText entry{.name = fmt::format("Provider {}", p), .certificates = {&certificate}};
    for (int d = 0; d < domains_each; ++d) entry.domains.push_back(domain(p, d));
    text += ldif_of(entry);
  }

  const auto resident_before = resident_kib();
  const auto directory = value_of(ProvidersDirectory::from_ldif(text));
  const auto resident = resident_kib() - resident_before;

  int found = 0;
  for (int p = 0; p < providers; ++p)
    for (int d = 0; d < domains_each; ++d)
      if (directory->provider_of_domain(domain(p, d)) != nullptr) ++found;
  CHECK(found == providers * domains_each);
  CHECK(directory->provider_of_domain("comune-20000.provincia-0.example") == nullptr);

  if (sanitised) return;  // another memory
  CHECK(resident < 150 * 1024);
}
