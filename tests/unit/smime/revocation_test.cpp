// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/revocation.hpp"

#include "support/results.hpp"
#include "unit/smime/signing_world.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace pec;
using namespace pec::smime;
using namespace pec::test;
using namespace std::chrono_literals;
using Catch::Contains;
using Outcome = SignatureCheck::Outcome;

namespace {

using std::chrono::days;

// A provider with a signature, and whatever CRLs a test puts beside it.
struct RevocationWorld : SigningWorld {
  SignatureCheck verify_with(const std::string& crls, Instant at = test_time) const {
    folder.write("crl.pem", crls);
    return verify(cms, at, content, "root.pem", "crl.pem");
  }

  // A CRL of the authority that issued the provider's certificate.
  std::string list(const CrlProfile& profile = {}) const { return crl_pem(sub, profile); }
  std::string list_with(Instant revoked_at, int reason = CRL_REASON_KEY_COMPROMISE) const {
    return list({.revoked = {{beta.certificate.get(), revoked_at, reason}}});
  }

  std::string file() const { return folder.path("crl.pem").string(); }

  Identity beta = leaf({.crl_url = "http://crl.example/sub.crl"});
  std::string cms = sign_with(beta);
};

const std::string sub_name = "C=IT, O=Sub, CN=Sub";
const std::string beta_name = "C=IT, O=PEC Beta S.p.A., CN=PEC Beta S.p.A.";

}  // namespace

TEST_CASE("a certificate is revoked from its revocation date on, and good before", "[rule:4]") {
  const RevocationWorld world;
  const auto other = world.leaf({});
  const auto crls =
      world.list({.revoked = {{other.certificate.get(), test_time - days(30)},
                              {world.beta.certificate.get(), test_time, GENERATE(0, 1, 4, 6)}}});
  CHECK(world.verify_with(crls, test_time - 1s).outcome == Outcome::valid);
  for (const Instant at : {test_time, test_time + days(3)}) {
    const auto check = world.verify_with(crls, at);
    CHECK(check.outcome == Outcome::untrusted);
    CHECK(check.reason ==
          "the certificate of " + beta_name + " was revoked on 2026-11-22 05:11:22 UTC");
    CHECK(check.certificate == to_der(*world.beta.certificate));
    CHECK(check.addresses == std::vector<std::string>{address});
  }
}

TEST_CASE("a certificate that its authority's list does not name is good", "[rule:4]") {
  const RevocationWorld world;
  const auto other = world.leaf({});
  CHECK(world.verify_with(world.list()).outcome == Outcome::valid);
  CHECK(world.verify_with(world.list({.revoked = {{other.certificate.get()}}})).outcome ==
        Outcome::valid);
}

TEST_CASE("the same serial number in another authority's list says nothing", "[rule:4]") {
  const RevocationWorld world;
  const auto roots =
      crl_pem(world.root, {.revoked = {{world.beta.certificate.get(), test_time - days(1)}}});
  CHECK(world.verify_with(world.list() + roots).outcome == Outcome::valid);
}

TEST_CASE("an entry that takes a revocation back does not revoke", "[rule:4]") {
  const RevocationWorld world;
  const auto crls = world.list_with(test_time - days(1), CRL_REASON_REMOVE_FROM_CRL);
  CHECK(world.verify_with(crls).outcome == Outcome::valid);
}

TEST_CASE("a list tells the past, too, from before it was made", "[rule:4]") {
  const RevocationWorld world;
  const auto made_later = [&](std::vector<Revocation> revoked) {
    return world.list({.revoked = std::move(revoked), .this_update = test_time + days(3)});
  };
  CHECK(world.verify_with(made_later({})).outcome == Outcome::valid);
  const auto* beta = world.beta.certificate.get();
  CHECK(world.verify_with(made_later({{beta, test_time + 1s}})).outcome == Outcome::valid);
  CHECK(world.verify_with(made_later({{beta, test_time}})).outcome == Outcome::untrusted);
}

TEST_CASE("a list counts up to its nextUpdate; then nothing is certain until there is a new one",
          "[rule:4]") {
  const RevocationWorld world;
  const auto crls = world.list({.next_update = test_time});
  CHECK(world.verify_with(crls, test_time).outcome == Outcome::valid);
  const auto late = world.verify_with(crls, test_time + 1s);
  CHECK(late.outcome == Outcome::undetermined);
  CHECK(late.reason ==
        fmt::format("the CRL of {} in {} counted until 2026-11-22 05:11:22 UTC, so nobody can tell "
                    "whether the certificate of {} is revoked: put the authority's current CRL "
                    "there, from http://crl.example/sub.crl",
                    sub_name, world.file(), beta_name));
  CHECK(late.certificate == to_der(*world.beta.certificate));
}

TEST_CASE("a list is used for a time of grace after its nextUpdate, and says that it is late",
          "[rule:4]") {
  const RevocationWorld world;
  world.folder.write("crl.pem", world.list({.next_update = test_time}) +
                                    crl_pem(world.root, {.next_update = test_time + days(9)}));
  const auto verifier =
      value_of(CmsVerifier::load(world.folder.path("root.pem"), world.folder.path("crl.pem"), 24h));
  const auto outcome_at = [&](Instant at) {
    return verifier->verify(content, world.cms, at).outcome;
  };
  const auto state_at = [&](Instant at) { return verifier->revocation_state(at).value(); };

  CHECK(outcome_at(test_time) == Outcome::valid);
  CHECK(state_at(test_time).good);
  CHECK(state_at(test_time).text == world.file() + ": 2 of 2 CRLs up to date");
  CHECK(verifier->first_end_of_lists() == test_time);  // of the two

  const auto late = "the CRL of " + sub_name + " in " + world.file() +
                    " counted until 2026-11-22 05:11:22 UTC, and ";
  const std::string remedy = ": put the authority's current CRL there";
  for (const Instant at : {test_time + 1s, test_time + 24h}) {
    CHECK(outcome_at(at) == Outcome::valid);
    CHECK_FALSE(state_at(at).good);
    CHECK(state_at(at).text == late + "is used until 2026-11-23 05:11:22 UTC" + remedy);
  }
  const auto after = test_time + 24h + 1s;
  CHECK(outcome_at(after) == Outcome::undetermined);
  CHECK_FALSE(state_at(after).good);
  CHECK(state_at(after).text ==
        late + "mail of its providers waits since 2026-11-23 05:11:22 UTC" + remedy);
}

TEST_CASE("a certificate revoked in a list in its time of grace is revoked", "[rule:4]") {
  const RevocationWorld world;
  world.folder.write("crl.pem",
                     world.list({.revoked = {{world.beta.certificate.get(), test_time - days(2)}},
                                 .next_update = test_time - 1s}));
  const auto verifier =
      value_of(CmsVerifier::load(world.folder.path("root.pem"), world.folder.path("crl.pem"), 24h));
  CHECK(verifier->verify(content, world.cms, test_time).outcome == Outcome::untrusted);
}

TEST_CASE("an authority's older list is not late if it has a newer one", "[rule:4]") {
  const RevocationWorld world;
  world.folder.write("crl.pem", world.list({.this_update = test_time - days(8),
                                            .next_update = test_time - days(1)}) +
                                    world.list());
  const auto verifier =
      value_of(CmsVerifier::load(world.folder.path("root.pem"), world.folder.path("crl.pem")));
  CHECK(verifier->revocation_state(test_time)->good);

  const auto unasked = value_of(CmsVerifier::load(world.folder.path("root.pem")));
  CHECK_FALSE(unasked->revocation_state(test_time));
}

TEST_CASE("a certificate revoked in a list past its time stays revoked", "[rule:4]") {
  const RevocationWorld world;
  const auto crls = world.list({.revoked = {{world.beta.certificate.get(), test_time - days(2)}},
                                .next_update = test_time - 1s});
  CHECK(world.verify_with(crls).outcome == Outcome::untrusted);
}

TEST_CASE("without a list of the signer's authority nothing is certain", "[rule:4]") {
  const RevocationWorld world;
  const auto check = world.verify_with(crl_pem(world.root, {}));
  CHECK(check.outcome == Outcome::undetermined);
  CHECK(check.reason == fmt::format("{} has no CRL of {}, so nobody can tell whether the "
                                    "certificate of {} is revoked: put the authority's current CRL "
                                    "there, from http://crl.example/sub.crl",
                                    world.file(), sub_name, beta_name));

  const auto silent = world.leaf({});  // its certificate does not say where the CRL is
  const auto reason =
      world.verify(world.sign_with(silent), test_time, content, "root.pem", "crl.pem").reason;
  CHECK_THAT(reason, Catch::EndsWith("put the authority's current CRL there"));
}

TEST_CASE("without a CRL file nobody is asked", "[rule:4]") {
  const RevocationWorld world;
  CHECK(world.verify(world.cms).outcome == Outcome::valid);
}

TEST_CASE("a list by another key under the authority's name counts as absent", "[rule:4]") {
  const RevocationWorld world;
  const auto impostor = make_identity({.common_name = "Sub", .ca = true});
  const auto* beta = world.beta.certificate.get();
  const auto forged = [&](std::vector<Revocation> revoked) {
    return crl_pem(impostor, {.revoked = std::move(revoked), .this_update = test_time});
  };

  const auto alone = world.verify_with(forged({}));
  CHECK(alone.outcome == Outcome::undetermined);
  CHECK_THAT(alone.reason, Contains("has no CRL of " + sub_name +
                                    " (the one there is not signed with the authority's key), so"));
  CHECK(world.verify_with(forged({{beta, test_time}})).outcome == Outcome::undetermined);
  // It is newer than the true one, but the true one counts.
  CHECK(world.verify_with(forged({{beta, test_time}}) + world.list()).outcome == Outcome::valid);
  CHECK(world.verify_with(forged({}) + world.list_with(test_time)).outcome == Outcome::untrusted);
}

TEST_CASE("a list that was changed after it was signed counts as absent", "[rule:4]") {
  const RevocationWorld world;
  world.folder.write("crl.pem", world.list_with(test_time));
  REQUIRE(run(world.folder, "openssl crl -in crl.pem -outform DER -out crl.der").status == 0);
  auto der = read_file(world.folder.path("crl.der")).value();
  const auto year = der.find("261122051122Z");  // when it was revoked
  REQUIRE(year != std::string::npos);
  der[year + 1] = '7';
  world.folder.write("crl.der", der);
  REQUIRE(run(world.folder, "openssl crl -inform DER -in crl.der -out changed.pem").status == 0);
  const auto check = world.verify(world.cms, test_time, content, "root.pem", "changed.pem");
  CHECK(check.outcome == Outcome::undetermined);
  CHECK_THAT(check.reason, Contains("not signed with the authority's key"));
}

TEST_CASE("of several lists of one authority the newest counts, wherever it stands", "[rule:4]") {
  const RevocationWorld world;
  const std::vector<Revocation> hold = {
      {world.beta.certificate.get(), test_time - days(20), CRL_REASON_CERTIFICATE_HOLD}};
  const auto of_day = [&](int day, std::vector<Revocation> revoked) {
    return world.list({.revoked = std::move(revoked), .this_update = test_time - days(day)});
  };
  const auto roots = crl_pem(world.root, {.this_update = test_time});
  for (const auto& lifted :
       {of_day(9, hold) + of_day(2, {}) + roots, roots + of_day(2, {}) + of_day(9, hold)})
    CHECK(world.verify_with(lifted).outcome == Outcome::valid);
  for (const auto& held : {of_day(9, {}) + of_day(2, hold) + of_day(5, {}),
                           of_day(2, hold) + of_day(5, {}) + of_day(9, {})})
    CHECK(world.verify_with(held).outcome == Outcome::untrusted);
}

TEST_CASE("a list that covers a part only proves nothing", "[rule:4]") {
  const RevocationWorld world;
  const std::string part = GENERATE(
      "issuingDistributionPoint = critical,@part\n[part]\nonlyCA = TRUE",
      "issuingDistributionPoint = critical,@part\n[part]\nfullname = URI:http://crl.example/2",
      "deltaCRL = critical,DER:020101");
  CHECK_THAT(world.verify_with(world.list({.extensions = part})).reason,
             Contains("not the authority's whole list"));
  // The whole one beside it counts, although it is older.
  const auto whole = world.list({.this_update = test_time - days(3)});
  CHECK(world.verify_with(world.list({.extensions = part}) + whole).outcome == Outcome::valid);
}

TEST_CASE("an authority whose certificate may not sign CRLs has none", "[rule:4]") {
  RevocationWorld world;
  world.sub = make_identity(
      {.common_name = "Sub", .ca = true, .ca_key_usage = "critical,keyCertSign"}, &world.root);
  world.folder.write("sub.pem", pem(*world.sub.certificate));
  world.beta = world.leaf({});
  world.cms = world.sign_with(world.beta);
  REQUIRE(world.verify(world.cms).outcome == Outcome::valid);
  const auto check = world.verify_with(world.list());
  CHECK(check.outcome == Outcome::undetermined);
  CHECK_THAT(check.reason, Contains("not one that signs CRLs"));
}

TEST_CASE(
    "an authority of the path that was revoked makes its providers untrusted; that nothing "
    "is known of it does not",
    "[rule:4]") {
  const RevocationWorld world;
  const auto roots = [&](const CrlProfile& profile) {
    return world.list() + crl_pem(world.root, profile);
  };
  const auto revoked = std::vector<Revocation>{{world.sub.certificate.get(), test_time}};
  const auto check = world.verify_with(roots({.revoked = revoked}));
  CHECK(check.outcome == Outcome::untrusted);
  CHECK(check.reason ==
        "the certificate of " + sub_name + " was revoked on 2026-11-22 05:11:22 UTC");
  CHECK(world.verify_with(roots({.revoked = revoked}), test_time - 1s).outcome == Outcome::valid);
  CHECK(world.verify_with(roots({})).outcome == Outcome::valid);
  CHECK(world.verify_with(roots({.next_update = test_time - 1s})).outcome == Outcome::valid);
  // "Revoked" outweighs "unknown".
  CHECK(world.verify_with(crl_pem(world.root, {.revoked = revoked})).outcome == Outcome::untrusted);
}

TEST_CASE("no list is asked about a certificate that the trust file itself names", "[rule:4]") {
  const RevocationWorld world;
  const auto roots_revocation =
      crl_pem(world.root, {.revoked = {{world.sub.certificate.get(), test_time - days(1)}}});
  world.folder.write("crl.pem", world.list() + roots_revocation);
  const auto outcome_with = [&](const std::string& trusted) {
    return world.verify(world.cms, test_time, content, trusted, "crl.pem").outcome;
  };
  CHECK(outcome_with("root.pem") == Outcome::untrusted);
  CHECK(outcome_with("sub.pem") == Outcome::valid);

  world.folder.write("beta.pem", pem(*world.beta.certificate));
  world.folder.write("crl.pem", world.list_with(test_time - days(1)));
  CHECK(outcome_with("sub.pem") == Outcome::untrusted);
  // Whether or not its issuer's certificate comes with the signature.
  const auto bare = world.sign_with(world.beta, "-nocerts -certfile beta.pem");
  for (const auto& cms : {world.cms, bare})
    CHECK(world.verify(cms, test_time, content, "beta.pem", "crl.pem").outcome == Outcome::valid);
}

TEST_CASE("a signed file is not opened if its signer was revoked, or may have been", "[rule:8.4]") {
  const RevocationWorld world;
  const auto signed_file = world.sign_with(world.beta, "-nodetach");
  const auto opened = [&](const std::string& crls) {
    world.folder.write("crl.pem", crls);
    const auto verifier =
        value_of(CmsVerifier::load(world.folder.path("root.pem"), world.folder.path("crl.pem")));
    return verifier->enclosed_content(signed_file, test_time).map(&SignedContent::content);
  };
  CHECK(opened(world.list()) == content);
  CHECK_THAT(opened(world.list_with(test_time)).error().detail, Contains("was revoked on"));
  CHECK_THAT(opened(crl_pem(world.root, {})).error().detail, Contains("has no CRL of"));

  SECTION("nor if there are no lists at all, unless the trust file names the signer itself") {
    const auto none = value_of(CmsVerifier::load(world.folder.path("root.pem")));
    CHECK_THAT(none->enclosed_content(signed_file, test_time).error().detail,
               Contains("no list of revoked certificates is named (trust.crl_file), so nobody"));
    CHECK(none->enclosed_content(signed_file, test_time, CmsVerifier::Revocation::not_asked));
    world.folder.write("beta.pem", pem(*world.beta.certificate));
    const auto itself = value_of(CmsVerifier::load(world.folder.path("beta.pem")));
    CHECK(itself->enclosed_content(signed_file, test_time));
  }
  SECTION("the content comes with its signer and time") {
    world.folder.write("crl.pem", world.list());
    const auto verifier =
        CmsVerifier::load(world.folder.path("root.pem"), world.folder.path("crl.pem"));
    const auto before = SystemClock().now();
    const auto now =
        (*verifier)->enclosed_content(world.sign_with(world.beta, "-nodetach"), test_time);
    REQUIRE(now);
    CHECK(now->certificate == to_der(*world.beta.certificate));
    REQUIRE(now->signed_at);
    CHECK(*now->signed_at >= before);
    CHECK(*now->signed_at <= SystemClock().now());
    const auto bare = value_of(
        (*verifier)->enclosed_content(world.sign_with(world.beta, "-nodetach -noattr"), test_time));
    CHECK_FALSE(bare.signed_at);
  }
}

TEST_CASE("the openssl command agrees: its lists are read, and it judges the same certificates so",
          "[rule:4]") {
  const RevocationWorld world;
  const auto gamma = world.leaf({});
  const auto& folder = world.folder;
  folder.write("sub.key", pem(*world.sub.key));
  folder.write("beta.crt", pem(*world.beta.certificate));
  folder.write("gamma.crt", pem(*gamma.certificate));
  folder.write("ca.cnf",
               "[ca]\ndefault_ca = sub\n[sub]\ndatabase = index.txt\ndefault_md = sha256\n"
               "certificate = sub.pem\nprivate_key = sub.key\n");
  const auto made = run(
      folder,
      "serial=$(openssl x509 -in beta.crt -noout -serial | cut -d= -f2) && printf "
      "'R\\t271122051122Z\\t261121051122Z,keyCompromise\\t%s\\tunknown\\t/CN=Beta\\n' $serial > "
      "index.txt && openssl ca -config ca.cnf -gencrl -crl_lastupdate 20261121060000Z "
      "-crl_nextupdate 20261129060000Z -out crl.pem");
  INFO(made.output);
  REQUIRE(made.status == 0);

  const auto theirs = [&](const std::string& certificate, Instant at) {
    return run(folder, fmt::format("openssl verify -CAfile root.pem -untrusted sub.pem -CRLfile "
                                   "crl.pem -crl_check -attime {} {}",
                                   at.time_since_epoch().count(), certificate))
        .output;
  };
  const auto gamma_cms = world.sign_with(gamma);
  const auto ours = [&](const std::string& cms, Instant at) {
    return world.verify(cms, at, content, "root.pem", "crl.pem");
  };

  CHECK_THAT(theirs("beta.crt", test_time), Contains("certificate revoked"));
  CHECK(ours(world.cms, test_time).outcome == Outcome::untrusted);
  CHECK_THAT(ours(world.cms, test_time).reason, Contains("revoked on 2026-11-21 05:11:22 UTC"));
  CHECK(theirs("gamma.crt", test_time) == "gamma.crt: OK\n");
  CHECK(ours(gamma_cms, test_time).outcome == Outcome::valid);

  const auto late = test_time + days(8);
  CHECK_THAT(theirs("gamma.crt", late), Contains("CRL has expired"));
  CHECK(ours(gamma_cms, late).outcome == Outcome::undetermined);
  // Here the instant does not matter: revoked is revoked.
  CHECK(ours(world.cms, test_time - days(2)).outcome == Outcome::valid);
}
