// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/crl_file.hpp"

#include "base/file.hpp"
#include "support/results.hpp"
#include "unit/smime/test_pki.hpp"

#include <catch2/catch.hpp>
#include <openssl/err.h>

using namespace pec;
using namespace pec::smime;
using namespace pec::test;
using namespace std::chrono_literals;
using Catch::Contains;
using std::chrono::days;

namespace {

struct CrlWorld {
  CrlFile file(const std::string& pem_text) const {
    auto authorities =
        value_of(certificates_from_pem(pem(*root.certificate) + pem(*other.certificate), "ca"));
    return value_of(CrlFile::from_pem(pem_text, std::move(authorities), "crl.pem"));
  }

  std::string list_of_day(int day) const {
    return crl_pem(root, {.this_update = test_time - days(day)});
  }

  // Why it is not taken; what was there stays.
  std::string refusal(const std::string& there, const std::string& fetched) const {
    auto crls = file(there);
    const auto put = error_of(crls.put(fetched, test_time));
    CHECK(put.fault == Fault::bad_input);
    CHECK(put.detail.find('\n') == std::string::npos);
    CHECK_FALSE(crls.changed());
    CHECK(crls.to_pem() == there);
    CHECK(ERR_peek_error() == 0);
    return put.detail;
  }

  Identity root = make_identity({.common_name = "Root", .ca = true});
  Identity other = make_identity({.common_name = "Other", .ca = true});
};

const std::string roots = "the CRL of C=IT, O=Root, CN=Root";

}  // namespace

TEST_CASE("a fetched CRL takes the place of its authority's older one, and of no other") {
  const CrlWorld world;
  const auto others = crl_pem(world.other, {});
  const auto fresh = world.list_of_day(1);
  for (const auto& there : {std::string(), others, world.list_of_day(2) + others}) {
    auto file = world.file(there);
    CHECK(file.put(fresh, test_time) == roots + " counts until 2026-11-29 05:11:22 UTC");
    CHECK(file.changed());
    CHECK_THAT(file.to_pem(), Contains(fresh));
    CHECK(file.to_pem().size() == fresh.size() + (there.empty() ? 0 : others.size()));
  }
}

TEST_CASE("a CRL in DER is the same") {
  const CrlWorld world;
  const TemporaryFolder folder;
  const auto list = world.list_of_day(1);
  folder.write("crl.pem", list);
  REQUIRE(run(folder, "openssl crl -in crl.pem -outform DER -out crl.der").status == 0);
  const auto der = value_of(read_file(folder.path("crl.der")));
  auto file = world.file("");
  CHECK(file.put(der, test_time));
  CHECK(file.to_pem() == list);
  CHECK_THAT(world.refusal("", der + "x"), Contains("bytes follow the CRL"));
  CHECK_THAT(world.refusal("", der.substr(0, 100)), Contains("not a CRL"));
}

TEST_CASE("the same CRL again changes nothing") {
  const CrlWorld world;
  const auto list = world.list_of_day(1);
  auto file = world.file(list);
  CHECK(file.put(list, test_time));
  CHECK_FALSE(file.changed());
}

TEST_CASE("no CRL takes the place of a younger one: it may be from before a revocation") {
  const CrlWorld world;
  CHECK(world.refusal(world.list_of_day(1), world.list_of_day(3)) ==
        roots +
            " is of 2026-11-19 05:11:22 UTC, older than the one in place, of "
            "2026-11-21 05:11:22 UTC");
}

TEST_CASE("a CRL that is past its time, or of the future, is not taken") {
  const CrlWorld world;
  CHECK_THAT(world.refusal("", crl_pem(world.root, {.next_update = test_time})),
             Contains(roots + " counted until 2026-11-22 05:11:22 UTC"));
  CHECK_THAT(world.refusal("", crl_pem(world.root, {.this_update = test_time + 1s})),
             Contains(roots + " counts from 2026-11-22 05:11:23 UTC on"));
  CHECK_THAT(world.refusal("", crl_pem(world.root, {.next_update = std::nullopt})),
             Contains("has no readable thisUpdate or nextUpdate"));
}

TEST_CASE("a CRL of somebody else's key, name or part is not taken") {
  const CrlWorld world;
  const auto there = world.list_of_day(1);
  const auto impostor = make_identity({.common_name = "Root", .ca = true});
  CHECK_THAT(world.refusal(there, crl_pem(impostor, {})),
             Contains("not signed with the authority's key"));
  const auto stranger = make_identity({.common_name = "Stranger", .ca = true});
  CHECK_THAT(world.refusal(there, crl_pem(stranger, {})),
             Contains("a CRL of C=IT, O=Stranger, CN=Stranger, but that authority is not trusted"));
  CHECK_THAT(
      world.refusal(there, crl_pem(world.root, {.extensions = "deltaCRL = critical,DER:020101"})),
      Contains("not the authority's whole list"));
}

TEST_CASE("anything but a CRL is refused") {
  const CrlWorld world;
  CHECK_THAT(world.refusal(world.list_of_day(1), ""), Contains("not a CRL"));
  CHECK_THAT(world.refusal("", "<html>Not found</html>"), Contains("not a CRL"));
  CHECK_THAT(world.refusal("", pem(*world.root.certificate)), Contains("no CRL in PEM form"));
  CHECK_THAT(world.refusal("", world.list_of_day(1) + world.list_of_day(2)),
             Contains("2 CRLs instead of one"));
}

TEST_CASE("a damaged file of CRLs is told, not written over") {
  const CrlWorld world;
  auto authorities = value_of(certificates_from_pem(pem(*world.root.certificate), "ca"));
  CHECK_THAT(error_of(CrlFile::from_pem("rubbish", std::move(authorities), "/p/crl.pem")).detail,
             Contains("/p/crl.pem holds no CRL in PEM form"));
}
