#include "scan_gate.hpp"

#include "world.hpp"

#include <catch2/catch.hpp>
#include <thread>

using namespace pec::milter;
using namespace pec;
using namespace pec::test;

namespace {

Transaction of(const std::string& role, const std::string& login) {
  auto transaction = submission();
  transaction.daemon_name = role;
  transaction.login = login;
  return transaction;
}

// Says what the milter answers while the message of another is scanned.
class ScannerInUse final : public Scanner {
public:
  ScanResult scan(const mime::Rope&) const override {
    ++scans;
    if (meanwhile) std::exchange(meanwhile, nullptr)();
    ScanResult clean;
    clean.outcome = ScanResult::Outcome::clean;
    return clean;
  }
  std::string state() const override { return "in use"; }

  mutable std::function<void()> meanwhile;
  mutable int scans = 0;
};

}  // namespace

TEST_CASE("a session waits until another one gives its place back") {
  ScanGate gate({.submissions = 1, .patience = std::chrono::hours(1)});
  auto first = std::optional(gate.enter(ScanKind::submission, "a"));
  REQUIRE(first->has_value());
  bool has_turn = false;
  std::thread other([&] { has_turn = gate.enter(ScanKind::submission, "b").has_value(); });
  first.reset();
  other.join();
  CHECK(has_turn);
}

TEST_CASE("sixty sessions have their turns, never more at once than there are places") {
  ScanGate gate({.submissions = 3});
  std::atomic<int> now = 0, most = 0, done = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 60; ++i)
    threads.emplace_back([&, i] {
      const auto turn = gate.enter(ScanKind::submission, std::to_string(i % 7));
      const int here = ++now;
      for (int seen = most; here > seen && !most.compare_exchange_weak(seen, here);) {
      }
      std::this_thread::yield();
      --now;
      if (turn) ++done;
    });
  for (auto& thread : threads) thread.join();
  CHECK(done == 60);
  CHECK(most <= 3);
}

TEST_CASE("while a login's message is scanned its next one waits, and others' don't", "[rule:2]") {
  World world(alfa);
  auto made = std::make_unique<ScannerInUse>();
  auto& scanner = *made;
  world.services.scanner = std::move(made);
  world.services.scan_gate =
      std::make_unique<ScanGate>(ScanLimits{.patience = std::chrono::seconds(0)});
  std::optional<Outcome> same, other, incoming;
  RecordingQueueFile first, second, third, fourth;
  scanner.meanwhile = [&] {
    same = world.run(of("pec-access", "anna@pec.alfa.example"), second);
    other = world.run(of("pec-access", "carla@pec.alfa.example"), third);
    incoming = world.run(of("pec-incoming", ""), fourth);
  };
  CHECK(world.run(of("pec-access", "anna@pec.alfa.example"), first).verdict == Verdict::accept);
  REQUIRE(same);
  CHECK(same->reply.code == "451");
  CHECK_THAT(same->log, Catch::Contains("not scanned for viruses: its turn"));
  CHECK(second.edits.empty());
  CHECK(other->verdict == Verdict::accept);
  CHECK(incoming->verdict == Verdict::accept);
  CHECK(scanner.scans == 3);
}
