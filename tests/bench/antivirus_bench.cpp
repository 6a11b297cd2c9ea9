// SPDX-License-Identifier: GPL-2.0-or-later

// The cost of a scan beside libclamav's own time: ClamEngine::scan of a rope against cl_scandesc of
// a file with the same bytes. And the cost of another process: ScannerClient::scan, by way of a
// Server, against the engine itself. The two take turns, so a machine that slows down slows both;
// `of_libclamav` and `of_engine` are the ratios.

#include "antivirus/scanner_client.hpp"
#include "mime/body_spool.hpp"
#include "mime/encoder.hpp"
#include "scanner/clam_database.hpp"
#include "scanner/clam_engine.hpp"
#include "scanner/server.hpp"
#include "support/clam_samples.hpp"
#include "support/temporary_folder.hpp"

#include <benchmark/benchmark.h>
#include <ctime>
#include <fcntl.h>
#include <random>
#include <stdexcept>
#include <thread>

namespace {

using namespace pec;
using namespace pec::scanner;

struct Engines {
  Engines() {
    test::make_database(folder.path());
    test::add_signatures(folder.path(), 100'000);
    options.database_dir = folder.path();
    engine.emplace(options, [](std::string) {});
    const auto state = DatabaseFolder::look_at(options.database_dir);
    database = ClamDatabase::load(options, state.value()).value();
  }

  test::TemporaryFolder folder, work;
  ClamOptions options;
  std::optional<ClamEngine> engine;
  std::shared_ptr<const ClamDatabase> database;  // libclamav's alone, with the same settings
};

Engines& world() {
  static Engines instance;
  return instance;
}

// Two attachments: one that doesn't compress, one of text.
std::string message_of(std::size_t size) {
  std::mt19937 random(1);
  std::string noise, text;
  while (noise.size() < size / 2) noise += static_cast<char>(random() & 0xff);
  while (text.size() < size / 4) text += "Nel mezzo del cammin di nostra vita\r\n";
  return test::mail_with_part(
      "Content-Type: application/octet-stream; name=\"a.bin\"\r\n"
      "Content-Transfer-Encoding: base64\r\n",
      mime::encode_base64(noise) + "--b\r\nContent-Type: text/plain; name=\"a.txt\"\r\n\r\n" +
          text);
}

// As the milter has it: header in memory, a large body mapped.
mime::Rope rope_of(const std::string& message) {
  const auto body = message.find("\r\n\r\n") + 4;
  mime::BodySpool spool(world().work.path());
  if (auto kept = spool.append(std::string_view(message).substr(body)); !kept)
    throw std::runtime_error(kept.error().detail);
  mime::Rope rope(message.substr(0, body));
  rope.append(spool.finish().value());
  return rope;
}

void scan_alone(int fd) {
  cl_scan_options options{};
  options.general = CL_SCAN_GENERAL_HEURISTICS;
  options.parse = ~0U;
  options.heuristic = CL_SCAN_HEURISTIC_EXCEEDS_MAX;
  const char* virus = nullptr;
  unsigned long blocks = 0;
  FirstFile first;
  if (cl_scandesc_callback(fd, nullptr, &virus, &blocks, world().database->engine(), &options,
                           &first) != CL_CLEAN)
    throw std::runtime_error("libclamav does not find the message clean");
}

// Processor time of this thread, in which libclamav works: a busy machine matters little.
double seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void scan_clean(benchmark::State& state, bool in_envelope) {
  auto message = message_of(static_cast<std::size_t>(state.range(0)));
  if (in_envelope) message = test::envelope_of(message);
  const auto rope = rope_of(message);
  const auto path = world().work.path() / "message";
  test::put_file(path, message);
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  scan_alone(file.get());  // the first scan pays for what is set up only once
  double ours = 0, alone = 0;
  for (auto _ : state) {
    const double begin = seconds();
    if (world().engine->scan(rope).outcome != ScanResult::Outcome::clean)
      throw std::runtime_error("the engine does not find the message clean");
    const double middle = seconds();
    scan_alone(file.get());
    alone += seconds() - middle;
    ours += middle - begin;
    state.SetIterationTime(middle - begin);
  }
  state.counters["of_libclamav"] = ours / alone;
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

// By the clock: the threads take turns, so the sum of their processor times would mean something
// else.
void through_the_scanner(benchmark::State& state) {
  const auto rope = rope_of(message_of(static_cast<std::size_t>(state.range(0))));
  const auto socket = (world().work.path() / "socket").string();
  const FileDescriptor listening = listen_on(socket, std::chrono::milliseconds(20));
  Beats beats;
  Server server(listening.get(), *world().engine, {}, beats);
  const std::jthread serves([&] { server.run(); });
  const antivirus::ScannerClient client({.socket = socket, .temp_dir = world().work.path()});
  std::chrono::duration<double> through{}, engine{};
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    const auto found = client.scan(rope);
    const auto middle = std::chrono::steady_clock::now();
    if (found.outcome != ScanResult::Outcome::clean ||
        world().engine->scan(rope).outcome != ScanResult::Outcome::clean)
      throw std::runtime_error("the message is not found clean: " + found.reason);
    engine += std::chrono::steady_clock::now() - middle;
    through += middle - begin;
    state.SetIterationTime(std::chrono::duration<double>(middle - begin).count());
  }
  state.counters["of_engine"] = through / engine;
  server.stop();
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const std::int64_t size : {20'000, 1'000'000, 30'000'000}) benchmark->Arg(size);
  benchmark->Unit(benchmark::kMillisecond)->UseManualTime();
}

}  // namespace

BENCHMARK_CAPTURE(scan_clean, original, false)->Apply(sizes);
BENCHMARK_CAPTURE(scan_clean, envelope, true)->Apply(sizes);
BENCHMARK(through_the_scanner)->Apply(sizes)->Arg(2'000);
BENCHMARK_MAIN();
