// SPDX-License-Identifier: GPL-2.0-or-later

// The cost of the delivery journal for one delivery, after so many earlier ones: processor time and
// memory, without waiting for the disk. `ms` counts all three steps of a delivery (claim and
// pending, saved, done) with their pruning: the clock is set so that a file is always being pruned.
// Built against a revision before the pages, it measures that one if PEC_OLD_JOURNAL says so (which
// pruned in one delivery).
//
// The peak of memory is the process's own (VmHWM), reset before the measured deliveries.
#include "dovecot-plugin/delivery_journal.hpp"
#ifndef PEC_OLD_JOURNAL
#include "dovecot-plugin/journal_table.hpp"
#endif
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <ctime>
#include <fmt/format.h>
#include <fstream>
#include <glib.h>
#include <stdexcept>
#include <string>

// Here nothing waits for the disk; the power-cut tests make sure that this is called.
extern "C" int fsync(int) {
  return 0;
}
extern "C" int fdatasync(int) {
  return 0;
}

namespace {

using namespace pec;
using namespace pec::delivery;

constexpr Instant start{std::chrono::seconds{1795324282}};

double processor_seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double peak_kilobytes() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word)
    if (word == "VmHWM:") {
      double kilobytes = 0;
      status >> kilobytes;
      return kilobytes;
    }
  throw std::runtime_error("no VmHWM in /proc/self/status");
}

std::string key_of(std::int64_t number) {
  return delivery_key(std::to_string(number), "bruno@pec.beta.example");
}

Result<DeliveryJournal> claim(const std::filesystem::path& home, std::int64_t number, Instant now) {
#ifdef PEC_OLD_JOURNAL
  return DeliveryJournal::claim(home, key_of(number), now);
#else
  return DeliveryJournal::claim(home, {key_of(number)}, now);
#endif
}

void deliver(const std::filesystem::path& home, std::int64_t number, Instant now) {
  auto journal = claim(home, number, now);
  if (!journal) throw std::runtime_error(journal.error().detail);
  for (const auto state : {DeliveryState::pending, DeliveryState::saved, DeliveryState::done}) {
    DeliveryRecord record;
    record.state = state;
    record.at = now;
    if (const auto written = journal->write(record); !written)
      throw std::runtime_error(written.error().detail);
  }
}

// The file that the version before the pages kept, after so many deliveries.
void write_old_file(const std::filesystem::path& home, std::int64_t count) {
  std::ofstream file(home / journal_name);
  file << "pec-delivery-journal 1 1795324282\n";
  for (std::int64_t number = 0; number < count; ++number) {
    const auto key = key_of(number);
    for (const std::string_view name : {"pending", "saved", "done"}) {
      const auto content = key + " " + std::string(name) + " 1795324282 17 INBOX";
      char* check = g_compute_checksum_for_string(G_CHECKSUM_SHA256, content.c_str(), -1);
      file << std::string_view(check).substr(0, 8) << ' ' << content << '\n';
      g_free(check);
    }
  }
}

// So many deliveries, spread over one lifetime.
void fill(const std::filesystem::path& home, std::int64_t count) {
#ifdef PEC_OLD_JOURNAL
  // With write() this would take the square of the time.
  write_old_file(home, count);
#else
  // Like write(), without opening the files for each record.
  int file = 1;
  deliver(home, 0, start);
  const auto path = [&] { return home / fmt::format("{}.{}", journal_name, file); };
  auto table = JournalTable::open(path()).value();
  for (std::int64_t number = 1; number < count; ++number) {
    const auto now = start + journal_lifetime * number / count;
    for (const auto state : {DeliveryState::pending, DeliveryState::saved, DeliveryState::done}) {
      if (table.append(key_of(number), {state, now}).value()) continue;
      deliver(home, number, now);  // begins the next file
      ++file;
      table = JournalTable::open(path()).value();
      break;
    }
  }
#endif
}

// `pruning`: old files are over, and each delivery removes its share of them.
void deliveries(benchmark::State& state, bool pruning) {
  const test::TemporaryFolder home;
  fill(home.path(), state.range(0));
  auto now = start + journal_lifetime - std::chrono::seconds(1);
  if (pruning) {
    deliver(home.path(), -1, start + journal_lifetime);
    now = start + 2 * journal_lifetime;
  }
  std::ofstream("/proc/self/clear_refs") << "5\n";
  const double before = peak_kilobytes();
  double longest = 0;
  std::int64_t number = 1'000'000'000;
  for (auto _ : state) {
    const double begin = processor_seconds();
    deliver(home.path(), ++number, now);
    const double took = processor_seconds() - begin;
    state.SetIterationTime(took);
    longest = std::max(longest, took);
  }
  state.counters["longest_ms"] = longest * 1e3;
  state.counters["grown_kB"] = peak_kilobytes() - before;
}

void each_delivery(benchmark::State& state) {
  deliveries(state, false);
}
void each_delivery_and_pruning(benchmark::State& state) {
  deliveries(state, true);
}

}  // namespace

#ifdef PEC_OLD_JOURNAL
constexpr int repeated = 3;
#else
constexpr int repeated = 1000;
#endif
BENCHMARK(each_delivery)
    ->Arg(1000)
    ->Arg(100'000)
    ->Arg(1'000'000)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(repeated);

#ifndef PEC_OLD_JOURNAL
BENCHMARK(each_delivery_and_pruning)
    ->Arg(1000)
    ->Arg(100'000)
    ->Arg(1'000'000)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(repeated);
// Once: a journal of the version before, with so many deliveries.
void taking_over(benchmark::State& state) {
  for (auto _ : state) {
    const test::TemporaryFolder home;
    write_old_file(home.path(), state.range(0));
    const double begin = processor_seconds();
    deliver(home.path(), 0, start);
    state.SetIterationTime(processor_seconds() - begin);
  }
}
BENCHMARK(taking_over)
    ->Arg(10'000)
    ->Arg(1'000'000)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);
#endif
BENCHMARK_MAIN();
