// SPDX-License-Identifier: GPL-2.0-or-later

// The cost of the providers' directory at its full size, 40 providers and 500,000 domains. Measured
// are a load from a file and from a real slapd, its memory, a look-up, and the effect of a new load
// on sessions.

#include "directory/directory_keeper.hpp"
#include "directory/ldap_source.hpp"
#include "directory/ldif_source.hpp"
#include "support/slapd_process.hpp"
#include "unit/directory/directory_ldif.hpp"

#include <algorithm>
#include <atomic>
#include <benchmark/benchmark.h>
#include <fstream>
#include <list>
#include <malloc.h>
#include <sched.h>
#include <stdexcept>
#include <thread>

namespace {

using namespace pec;
using namespace pec::directory;

constexpr int providers = 40;
constexpr int domains_each = 12'500;

std::string domain(int provider, int number) {
  return fmt::format("comune-{}.provincia-{}.example", number, provider);
}

// `generation` makes one that differs from another.
std::string ldif(int generation) {
  std::string text;
  for (int p = 0; p < providers; ++p) {
    const auto certificate = test::make_identity({.common_name = "Many"}).certificate;
    test::EntryText entry{.name = fmt::format("Provider {}", p), .certificates = {&certificate}};
    for (int d = 0; d < domains_each; ++d) entry.domains.push_back(domain(p, d));
    entry.domains.push_back(fmt::format("generation-{}.provincia-{}.example", generation, p));
    text += test::ldif_of(entry);
  }
  return text;
}

// Two files that take turns.
struct Files {
  Files() {
    for (int n : {0, 1}) folder.write(name(n), ldif(n));
    use(0);
  }
  static std::string name(int n) { return fmt::format("{}.ldif", n); }
  std::filesystem::path path() const { return folder.path("directory.ldif"); }
  void use(int n) const {
    std::filesystem::remove(folder.path("new"));
    std::filesystem::create_hard_link(folder.path(name(n)), folder.path("new"));
    std::filesystem::rename(folder.path("new"), path());
  }
  std::unique_ptr<DirectoryKeeper> open() const {
    static const SystemClock clock;
    auto keeper = DirectoryKeeper::open({.source = "ldif:" + path().string()}, clock);
    if (!keeper) throw std::runtime_error(keeper.error().detail);
    return std::move(*keeper);
  }

  test::TemporaryFolder folder;
};

const Files& files() {
  static const Files instance;
  return instance;
}

double resident_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (double kib = 0; word == "VmRSS:" && status >> kib) return kib / 1000;
  throw std::runtime_error("no VmRSS");
}

void load(benchmark::State& state, Source& source) {
  for (auto _ : state) {
    const auto reading = source.read("");
    if (!reading) return state.SkipWithError(reading.error().detail.c_str());
    if (reading->providers->domain_count() < providers * domains_each)
      return state.SkipWithError("not all domains are there");
  }
}

void load_from_ldif(benchmark::State& state) {
  LdifSource source(files().path(), {});
  load(state, source);
}
BENCHMARK(load_from_ldif)->Unit(benchmark::kMillisecond)->UseRealTime();

void load_from_slapd(benchmark::State& state) {
  static test::Slapd slapd(ldif(0));
  LdapSource source({.url = slapd.url()});
  load(state, source);
}
BENCHMARK(load_from_slapd)->Unit(benchmark::kMillisecond)->UseRealTime();

void look_up(benchmark::State& state) {
  const auto keeper = files().open();
  std::vector<std::string> asked;
  for (int n = 0; n < 100'000; ++n)
    asked.push_back(domain(n % providers, static_cast<int>(n * 7919L % domains_each)));
  std::size_t next = 0;
  for (auto _ : state) {
    const auto snapshot = keeper->snapshot();
    benchmark::DoNotOptimize(snapshot->provider_of_domain(asked[next]));
    next = (next + 1) % asked.size();
  }
}
BENCHMARK(look_up);

// Looks up now and then, as sessions do, and keeps the longest time of one look-up. If it may
// (root), it has precedence over other programs, so that their share of the time doesn't count.
class Session {
public:
  explicit Session(const DirectoryKeeper& keeper)
      : thread_([this, &keeper](const auto& stop) {
          const sched_param priority{.sched_priority = 1};
          pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority);
          while (!stop.stop_requested()) {
            const auto began = std::chrono::steady_clock::now();
            keeper.snapshot()->provider_of_domain("comune-77.provincia-7.example");
            const auto took = std::chrono::steady_clock::now() - began;
            longest_ = std::max(longest_, std::chrono::duration<double, std::milli>(took).count());
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
          }
        }) {}
  double longest_ms() {
    thread_.request_stop();
    thread_.join();
    return longest_;
  }

private:
  double longest_ = 0;
  std::jthread thread_;
};

// The time is that of the refresh; `longest_ms` is the longest delay of a session meanwhile.
// Memory: of the loaded directory, and after all the refreshes.
void refresh(benchmark::State& state, bool of_the_sessions) {
  files().use(0);
  malloc_trim(0);  // memory that others left behind would be used again, unseen
  const auto before = resident_mb();
  const auto keeper = files().open();
  state.counters["resident_mb"] = resident_mb() - before;
  const auto other = of_the_sessions ? nullptr : files().open();
  std::list<Session> sessions;
  for (int n = 0; n < 20; ++n) sessions.emplace_back(of_the_sessions ? *keeper : *other);
  int generation = 0;
  for (auto _ : state) {
    state.PauseTiming();
    files().use(generation = 1 - generation);
    state.ResumeTiming();
    if (keeper->refresh() != true) return state.SkipWithError("the new directory was not taken");
  }
  double longest_ms = 0;
  for (auto& session : sessions) longest_ms = std::max(longest_ms, session.longest_ms());
  state.counters["longest_ms"] = longest_ms;
  state.counters["resident_after_mb"] = resident_mb() - before;
}
BENCHMARK_CAPTURE(refresh, of_the_sessions_directory, true)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(10)
    ->UseRealTime();
// For comparison: the machine's own pauses.
BENCHMARK_CAPTURE(refresh, of_a_directory_nobody_uses, false)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(10)
    ->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
