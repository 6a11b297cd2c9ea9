// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/cms_signer.hpp"
#include "unit/smime/test_pki.hpp"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>

using namespace pec;
using namespace pec::smime;
using namespace pec::test;
using namespace std::chrono_literals;

TEST_CASE("the certificate that ends first is reported, in time", "[rule:4]") {
  const TemporaryFolder folder;
  const auto load = [&](const std::string& name, Instant ends) {
    const auto us =
        make_identity({.common_name = name, .email = "p@" + name + ".example", .not_after = ends});
    return CmsSigner::load(folder.write(name + ".pem", pem(*us.certificate)),
                           folder.write(name + ".key", pem(*us.key)), 48h)
        .value();
  };
  const auto alfa = load("alfa", test_time + std::chrono::days(100));
  const auto unit = load("unit", test_time + std::chrono::days(40));
  TestClock clock;
  std::mutex mutex;
  std::condition_variable changed;
  bool told_good = false;
  std::string told;
  const Watch watch(
      1ms,
      [&] {
        return Watch::Seen{
            signing_state({alfa.get(), unit.get()}, clock.now(), std::chrono::days(30))};
      },
      [&](const PartState& state) {
        const std::lock_guard lock(mutex);
        told_good = state.good;
        told = state.text;
        changed.notify_all();
      });
  const auto comes = [&](bool good, const std::string& part) {
    std::unique_lock lock(mutex);
    return changed.wait_for(
        lock, 20s, [&] { return told_good == good && told.find(part) != std::string::npos; });
  };
  CHECK(comes(true, "alfa.pem until "));
  CHECK(comes(true, "unit.pem until "));
  clock.set(test_time + std::chrono::days(11));
  CHECK(comes(false, "the signing certificate in "));
  CHECK(comes(false, "unit.pem ends on "));
  clock.set(test_time + std::chrono::days(39));
  CHECK(comes(false, "nothing is signed any more, and mail waits"));
}
