// SPDX-License-Identifier: GPL-2.0-or-later

#include "support/results.hpp"
#include "unit/smime/signing_world.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

using namespace pec;
using namespace pec::smime;
using namespace pec::test;
using Catch::Contains;
using Outcome = SignatureCheck::Outcome;

namespace {

// A verifier on two files, ca.pem and crl.pem, that a test replaces.
struct ReloadWorld : SigningWorld {
  ReloadWorld() { replace("ca.pem", pem(*root.certificate)); }

  // As the files must be replaced: never half written where the verifier looks.
  void replace(const std::string& name, std::string_view text) const {
    std::filesystem::rename(folder.write(name + ".new", text), folder.path(name));
  }

  std::unique_ptr<CmsVerifier> load() const {
    return value_of(CmsVerifier::load(folder.path("ca.pem"), folder.path("crl.pem")));
  }

  std::string loading_error() const {
    const auto verifier =
        error_of(CmsVerifier::load(folder.path("ca.pem"), folder.path("crl.pem")));
    CHECK(verifier.fault == Fault::bad_input);
    CHECK(ERR_peek_error() == 0);
    return verifier.detail;
  }

  Outcome outcome(const CmsVerifier& verifier) const {
    return verifier.verify(content, cms, test_time).outcome;
  }

  Identity beta = leaf({});
  std::string cms = sign_with(beta);
  std::string good = crl_pem(sub, {});
  std::string revoked = crl_pem(sub, {.revoked = {{beta.certificate.get(), test_time}}});
};

}  // namespace

TEST_CASE("a CRL file that can't be used is named, with what to do") {
  const ReloadWorld world;
  CHECK_THAT(world.loading_error(), Contains("crl.pem: No such file or directory; put it there"));

  world.replace("crl.pem", "");
  CHECK_THAT(world.loading_error(),
             Contains("crl.pem holds no CRL in PEM form: if it is DER, convert it with \"openssl "
                      "crl -inform DER\""));
  world.replace("crl.pem", pem(*world.root.certificate));
  CHECK_THAT(world.loading_error(), Contains("crl.pem holds no CRL in PEM form"));

  auto damaged = world.good;
  damaged.replace(damaged.size() / 2, 4, "####");
  world.replace("crl.pem", world.good + damaged);
  CHECK_THAT(world.loading_error(),
             Contains("CRL 2 in ") && Contains("crl.pem is damaged") && Contains("copy the file"));
  world.replace("crl.pem", world.good.substr(0, world.good.size() / 2));
  CHECK_THAT(world.loading_error(), Contains("CRL 1 in ") && Contains("crl.pem is damaged"));

  world.replace("crl.pem", world.good + crl_pem(world.sub, {.next_update = std::nullopt}));
  CHECK_THAT(world.loading_error(),
             Contains("CRL 2 in ") &&
                 Contains("crl.pem has no readable thisUpdate or nextUpdate") &&
                 Contains("get one that has both"));
}

TEST_CASE("a reload says whether anything changed, and what changed counts from then on") {
  const ReloadWorld world;
  world.replace("crl.pem", world.good);
  const auto verifier = world.load();
  CHECK(verifier->reload() == false);
  CHECK(world.outcome(*verifier) == Outcome::valid);

  world.replace("crl.pem", world.revoked);
  CHECK(world.outcome(*verifier) == Outcome::valid);
  CHECK(verifier->reload() == true);
  CHECK(world.outcome(*verifier) == Outcome::untrusted);
  CHECK(verifier->reload() == false);

  world.replace("crl.pem", world.good);
  const auto stranger = make_identity({.common_name = "Stranger", .ca = true});
  world.replace("ca.pem", pem(*stranger.certificate));
  CHECK(verifier->reload() == true);
  CHECK(world.outcome(*verifier) == Outcome::untrusted);
  world.replace("ca.pem", pem(*world.root.certificate));
  CHECK(verifier->reload() == true);
  CHECK(world.outcome(*verifier) == Outcome::valid);
}

TEST_CASE("a verifier without a CRL file reloads its trust file") {
  const ReloadWorld world;
  auto loaded = value_of(CmsVerifier::load(world.folder.path("ca.pem")));
  CHECK(loaded->reload() == false);
  world.replace("ca.pem", pem(*world.sub.certificate));
  CHECK(loaded->reload() == true);
  CHECK(world.outcome(*loaded) == Outcome::valid);
}

TEST_CASE("a reload of a bad file keeps the old one, until the file is corrected") {
  const ReloadWorld world;
  world.replace("crl.pem", world.revoked);
  const auto verifier = world.load();
  const auto kept = [&](const std::string& name, const std::string& complaint) {
    for (int twice = 0; twice < 2; ++twice) {
      const auto reloaded = error_of(verifier->reload());
      CHECK(reloaded.fault == Fault::bad_input);
      CHECK_THAT(reloaded.detail, Contains(name) && Contains(complaint));
    }
    CHECK(world.outcome(*verifier) == Outcome::untrusted);
  };

  world.replace("crl.pem", world.good + "-----BEGIN X509 CRL-----\nAAAA\n");
  kept("crl.pem", "is damaged");
  std::filesystem::remove(world.folder.path("crl.pem"));
  kept("crl.pem", "No such file or directory; put it there");
  world.replace("crl.pem", world.good);
  world.replace("ca.pem", "nothing");
  kept("ca.pem", "holds no certificate in PEM form");  // the good CRL waits for it

  world.replace("ca.pem", pem(*world.root.certificate));
  CHECK(verifier->reload() == true);
  CHECK(world.outcome(*verifier) == Outcome::valid);
}

TEST_CASE("threads verify while the files are reloaded, and each sees the one state or the other") {
  const ReloadWorld world;
  world.replace("crl.pem", world.good);
  const auto verifier = world.load();
  std::atomic<bool> stop = false;
  std::atomic<int> verified = 0, wrong = 0, bad_reloads = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&] {
      for (int n = 1; !stop; ++n) {
        const auto outcome = world.outcome(*verifier);
        if (outcome != Outcome::valid && outcome != Outcome::untrusted) ++wrong;
        ++verified;
        // Several may reload at once; which of them takes a change is open.
        if (n % 10 == 0 && !verifier->reload()) ++bad_reloads;
      }
    });

  for (int round = 0; round < 40; ++round) {
    const bool revoke = round % 2 == 0;
    world.replace("crl.pem", revoke ? world.revoked : world.good);
    CHECK(verifier->reload());
    CHECK(world.outcome(*verifier) == (revoke ? Outcome::untrusted : Outcome::valid));
  }
  while (verified < 100) std::this_thread::yield();
  stop = true;
  threads.clear();
  CHECK(wrong == 0);
  CHECK(bad_reloads == 0);
}
