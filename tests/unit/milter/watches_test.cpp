// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/watches.hpp"

#include "base/guarded.hpp"
#include "service/state_report.hpp"
#include "support/test_clock.hpp"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>

using namespace pec;
using namespace pec::milter;
using namespace pec::test;

namespace {

class SettableScanner final : public Scanner {
public:
  ScanResult scan(const mime::Rope&) const override {
    ScanResult result;
    if (*working_.lock()) {
      result.outcome = ScanResult::Outcome::clean;
    } else {
      result.failure = ScanResult::Failure::no_engine;
      result.reason = "no database";
    }
    return result;
  }
  std::string state() const override { return "120 signatures"; }
  void work(bool working) { *working_.lock() = working; }

private:
  mutable Guarded<bool> working_{true};
};

class SettableStore final : public VirusStore {
public:
  Result<void> keep(const KeptVirus&, const mime::Rope&) const override { return has_room(); }
  Result<void> has_room() const override {
    if (*room_.lock()) return {};
    return unavailable("no room");
  }
  void set_room(bool room) { *room_.lock() = room; }

private:
  mutable Guarded<bool> room_{true};
};

// Takes only states; fails while a test wants it.
class StateLedger final : public NodeStates {
public:
  Result<void> add_counts(const std::string&,
                          const std::map<std::string, std::uint64_t>&) override {
    return unavailable("not here");
  }
  Result<void> note_state(const ComponentState& state) override {
    const std::lock_guard lock(mutex_);
    if (down_) return unavailable("ledger down");
    states_.push_back(state);
    changed_.notify_all();
    return {};
  }

  void go(bool down) {
    const std::lock_guard lock(mutex_);
    down_ = down;
  }
  // All that was noted, once there is so much.
  std::vector<ComponentState> states(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return states_.size() >= count; });
    return states_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool down_ = false;
  std::vector<ComponentState> states_;
};

using Lines = Guarded<std::vector<std::string>>;

service::StateReport::Log into(Lines& lines) {
  return [&](const PartState& state) {
    lines.lock()->push_back((state.good ? "good: " : "bad: ") + state.text);
  };
}

}  // namespace

TEST_CASE("the scanner's state is told once, and again whenever it changes") {
  SettableScanner scanner;
  StateLedger ledger;
  const TestClock clock;
  Lines lines;
  const Watch watch(
      std::chrono::milliseconds(5), [&] { return Watch::Seen{scanner_state(&scanner)}; },
      service::StateReport(ledger, clock, "mx1", "antivirus", into(lines)));
  REQUIRE(ledger.states(1).size() == 1);
  CHECK(ledger.states(1)[0] ==
        ComponentState{"mx1", "antivirus", true, "120 signatures", clock.now()});
  scanner.work(false);
  REQUIRE(ledger.states(2).size() == 2);
  CHECK(ledger.states(2)[1] ==
        ComponentState{"mx1", "antivirus", false, "no database", clock.now()});
  scanner.work(true);
  REQUIRE(ledger.states(3).size() == 3);
  CHECK(*lines.lock() == std::vector<std::string>{"good: 120 signatures", "bad: no database",
                                                  "good: 120 signatures"});
}

TEST_CASE("a state that the ledger could not take is stored later") {
  SettableScanner scanner;
  StateLedger ledger;
  ledger.go(true);
  const TestClock clock;
  Lines lines;
  const Watch watch(
      std::chrono::milliseconds(5), [&] { return Watch::Seen{scanner_state(&scanner)}; },
      service::StateReport(ledger, clock, "mx1", "antivirus", into(lines)));
  CHECK(lines.lock()->at(1) == "bad: its state is not in the ledger: ledger down");
  ledger.go(false);
  REQUIRE(ledger.states(1).size() == 1);
  CHECK(ledger.states(1)[0].good);
}

TEST_CASE("a milter without a scanner is bad for good", "[rule:2]") {
  StateLedger ledger;
  const TestClock clock;
  Lines lines;
  const Watch watch(
      std::chrono::milliseconds(5), [] { return Watch::Seen{scanner_state(nullptr)}; },
      service::StateReport(ledger, clock, "mx1", "antivirus", into(lines)));
  REQUIRE(ledger.states(1).size() == 1);
  CHECK(ledger.states(1)[0] ==
        ComponentState{"mx1", "antivirus", false,
                       "nothing is scanned for viruses: antivirus.engine is none, for trials",
                       clock.now()});
}

TEST_CASE("that the virus store has no room is told, and that it has room again") {
  SettableStore store;
  StateLedger ledger;
  const TestClock clock;
  Lines lines;
  const Watch watch(
      std::chrono::milliseconds(5), [&] { return Watch::Seen{store_state(store)}; },
      service::StateReport(ledger, clock, "mx1", "virus-store", into(lines)));
  REQUIRE(ledger.states(1).size() == 1);
  CHECK(ledger.states(1)[0].good);
  store.set_room(false);
  REQUIRE(ledger.states(2).size() == 2);
  CHECK(ledger.states(2)[1] == ComponentState{"mx1", "virus-store", false,
                                              "no room; infected messages wait", clock.now()});
  store.set_room(true);
  REQUIRE(ledger.states(3).size() == 3);
  CHECK(ledger.states(3)[2].good);
  CHECK(lines.lock()->size() == 3);
}
