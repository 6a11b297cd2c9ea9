// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/cms_verifier.hpp"
#include "support/results.hpp"
#include "unit/smime/signing_world.hpp"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>

using namespace pec;
using namespace pec::smime;
using namespace pec::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

// A verifier on files that a test replaces, and the last report about it.
struct TrustWorld : SigningWorld {
  TrustWorld() { write_list(crl_pem(root, {.next_update = test_time})); }

  void write_list(const std::string& text) const {
    std::filesystem::rename(folder.write("new", text), folder.path("crl.pem"));
  }
  Watch watch(CmsVerifier& watched, std::chrono::milliseconds every) {
    const auto look = [&] { return watched.look(clock.now()); };
    return {every, look, [this](const PartState& state) {
              const std::lock_guard lock(mutex);
              told = state;
              changed.notify_all();
            }};
  }

  std::unique_ptr<CmsVerifier> verifier =
      std::move(CmsVerifier::load(folder.write("ca", pem(*root.certificate)),
                                  folder.write("crl.pem", crl_pem(root, {})), 24h)
                    .value());
  TestClock clock;
  std::mutex mutex;
  std::condition_variable changed;
  PartState told;
};

}  // namespace

TEST_CASE("a list that is late is told, though it is still used") {
  TrustWorld world;
  auto watch = world.watch(*world.verifier, 1h);
  CHECK(world.told.good);
  CHECK_THAT(world.told.text, Contains("up to date"));

  world.clock.advance(1s);
  CHECK(watch.look() == false);
  CHECK_FALSE(world.told.good);
  CHECK_THAT(world.told.text, Contains("is used until 2026-11-23 05:11:22 UTC"));

  world.write_list(crl_pem(world.root, {}));
  CHECK(watch.look() == true);
  CHECK(world.told.good);
}

TEST_CASE("files that can't be read leave the trust as it was, and are told") {
  TrustWorld world;
  auto watch = world.watch(*world.verifier, 1h);
  world.write_list("rubbish");
  CHECK_FALSE(watch.look());
  CHECK_FALSE(world.told.good);
  CHECK_THAT(world.told.text, Contains("holds no CRL in PEM form"));
  CHECK_THAT(world.told.text, Contains("; still in use: "));
}

TEST_CASE("without a revocation list it is bad: nobody could be judged", "[rule:4]") {
  TrustWorld world;
  const auto unlisted = value_of(CmsVerifier::load(world.folder.path("ca")));
  const auto watch = world.watch(*unlisted, 1h);
  CHECK_FALSE(world.told.good);
  CHECK_THAT(world.told.text,
             Contains("no list of revoked certificates is named (trust.crl_file)") &&
                 Contains("for trials alone"));
}

TEST_CASE("a new list is taken up without being asked") {
  TrustWorld world;
  world.clock.advance(1s);
  const auto watch = world.watch(*world.verifier, 5ms);
  world.write_list(crl_pem(world.root, {}));
  std::unique_lock lock(world.mutex);
  CHECK(world.changed.wait_for(lock, 60s, [&] { return world.told.good; }));
}
