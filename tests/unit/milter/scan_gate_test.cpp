// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/scan_gate.hpp"

#include "unit/milter/world.hpp"

#include <catch2/catch.hpp>
#include <thread>

using namespace pec::milter;
using namespace pec;
using namespace pec::test;

namespace {

Transaction of(Role role, const std::string& login) {
  auto transaction = submission();
  transaction.role = role;
  transaction.login = login;
  return transaction;
}

// The milter's answer while another message is scanned.
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
  auto first = std::optional(gate.enter({ScanKind::submission, "a"}));
  REQUIRE(first->has_value());
  bool has_turn = false;
  std::thread other([&] { has_turn = gate.enter({ScanKind::submission, "b"}).has_value(); });
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
      const auto turn = gate.enter({ScanKind::submission, std::to_string(i % 7)});
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
  MilterWorld world(alfa);
  auto made = std::make_unique<ScannerInUse>();
  auto& scanner = *made;
  world.services.scanner = std::move(made);
  world.services.scan_gate =
      std::make_unique<ScanGate>(ScanLimits{.patience = std::chrono::seconds(0)});
  std::optional<Outcome> same, other, incoming;
  RecordingQueueFile first, second, third, fourth;
  scanner.meanwhile = [&] {
    same = world.run(of(Role::access, "anna@pec.alfa.example"), second);
    other = world.run(of(Role::access, "carla@pec.alfa.example"), third);
    incoming = world.run(of(Role::incoming, ""), fourth);
  };
  CHECK(world.run(of(Role::access, "anna@pec.alfa.example"), first).verdict == Verdict::accept);
  REQUIRE(same);
  CHECK(same->reply.code == "451");
  CHECK_THAT(same->log, Catch::Contains("not scanned for viruses: its turn"));
  CHECK(second.edits.empty());
  CHECK(other->verdict == Verdict::accept);
  CHECK(incoming->verdict == Verdict::accept);
  CHECK(scanner.scans == 3);
}

TEST_CASE("while an address outside has the scanner busy, certified mail and others' come in",
          "[rule:4]") {
  MilterWorld world(beta);
  auto made = std::make_unique<ScannerInUse>();
  auto& scanner = *made;
  world.services.scanner = std::move(made);
  world.services.scan_gate =
      std::make_unique<ScanGate>(ScanLimits{.ordinary = 2, .patience = std::chrono::seconds(0)});
  const auto from = [](const std::string& client, const mime::Message& message) {
    auto transaction = arriving(message, {"bruno@pec.beta.example"}, "x@ordinaria.example");
    transaction.client = client;
    return transaction;
  };
  const auto ordinary = message_of(simple_original);
  std::optional<Outcome> same, other, one_more, certified, malformed, sieve;
  RecordingQueueFile files[7];
  scanner.meanwhile = [&] {
    same = world.run(from("2001:db8:1:2::9", ordinary), files[1]);
    scanner.meanwhile = [&] {
      one_more = world.run(from("192.0.2.8", ordinary), files[2]);
      certified = world.run(from("192.0.2.9", simple_envelope()), files[3]);
      malformed = world.run(from("192.0.2.9", malformed_envelope()), files[4]);
      auto of_sieve = from("127.0.0.1", ordinary);
      of_sieve.role = Role::sieve;
      sieve = world.run(of_sieve, files[5]);
    };
    other = world.run(from("192.0.2.7", ordinary), files[6]);
  };
  CHECK(world.run(from("2001:db8:1:2::1", ordinary), files[0]).verdict == Verdict::accept);
  REQUIRE(sieve);
  CHECK(same->verdict == Verdict::refuse);  // of the same network
  CHECK(other->verdict == Verdict::accept);
  CHECK(one_more->verdict == Verdict::refuse);
  CHECK(certified->verdict == Verdict::accept);
  CHECK(malformed->verdict == Verdict::accept);
  CHECK(sieve->verdict == Verdict::accept);
}
