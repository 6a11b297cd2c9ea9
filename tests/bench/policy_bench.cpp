// SPDX-License-Identifier: GPL-2.0-or-later

// How many questions pec-policyd answers in a second, and how long each waits. Its state is in
// SQLite: 100,000 mailboxes with a state of their own, 50,000 submissions of the last day. Clients
// ask over the unix socket as smtpd does, each on a connection that it keeps, one question after
// the other. They run in this process, so on two cores they take a share of both.

#include "ledger/database.hpp"
#include "ledger/sql_ledger.hpp"
#include "policyd/policy.hpp"
#include "policyd/server.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <array>
#include <benchmark/benchmark.h>
#include <chrono>
#include <fmt/format.h>
#include <optional>
#include <soci/soci.h>
#include <spdlog/spdlog.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace pec;
using Clock = std::chrono::steady_clock;

constexpr int mailboxes = 100'000, questions = 5'000;  // of each client

// One mailbox in a hundred is blocked, one revoked. Every login has sent some; the first hundred,
// 250 in the last hour.
constexpr std::array fill{
    "INSERT INTO mailbox (address, closed, state, since, reason)"
    " WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)"
    " SELECT 'user' || i || '@pec.alfa.example', 0,"
    " CASE i % 100 WHEN 98 THEN 'blocked' WHEN 99 THEN 'revoked' ELSE 'active' END, 0, '' FROM n",
    "INSERT INTO submission (pec_id, login, at, recipients, level, fingerprint)"
    " WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 49999)"
    " SELECT 'id' || i, 'user' || CASE WHEN i < 25000 THEN i % 100 ELSE i END || "
    "'@pec.alfa.example',"
    " CAST(strftime('%s', 'now') AS INTEGER) - i % 3600, 1, 'not spam', '' FROM n",
};

class Client {
public:
  explicit Client(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    path.copy(to.sun_path, sizeof to.sun_path - 1);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
      throw std::runtime_error("can't connect to " + path);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { close(fd_); }

  std::string ask(const std::string& request) const {
    std::string answer;
    std::array<char, 512> piece;
    if (send(fd_, request.data(), request.size(), MSG_NOSIGNAL) < 0) return answer;
    while (!answer.ends_with("\n\n")) {
      const auto size = recv(fd_, piece.data(), piece.size(), 0);
      if (size <= 0) throw std::runtime_error("hung up");
      answer.append(piece.data(), static_cast<std::size_t>(size));
    }
    return answer;
  }

private:
  int fd_;
};

// All that Postfix sends.
std::string question(int user) {
  return fmt::format(
      "request=smtpd_access_policy\nprotocol_state=DATA\nprotocol_name=ESMTP\n"
      "client_address=192.0.2.7\nclient_name=unknown\nclient_port=40122\n"
      "reverse_client_name=unknown\nserver_address=192.0.2.1\nserver_port=465\n"
      "helo_name=[192.0.2.7]\nsender=user{0}@pec.alfa.example\nrecipient=\nrecipient_count=3\n"
      "queue_id=\ninstance=1c8.69213f0a.4a0e2.0\nsize=20480\netrn_domain=\nstress=\n"
      "sasl_method=PLAIN\nsasl_username=user{0}@pec.alfa.example\nsasl_sender=\nccert_subject=\n"
      "ccert_issuer=\nccert_fingerprint=\nccert_pubkey_fingerprint=\nencryption_protocol=TLSv1.3\n"
      "encryption_cipher=TLS_AES_256_GCM_SHA384\nencryption_keysize=256\n"
      "policy_context=submission\n\n",
      user);
}

const char* expected(int user) {
  switch (user % 100) {
    case 98:
      return "action=550 5.7.1 Casella bloccata";
    case 99:
      return "action=550 5.7.1 Casella revocata";
    default:
      return "action=DUNNO";
  }
}

// `every`: how often; a question's time counts from when it was due. Zero: each after the last one.
std::vector<Clock::duration> ask_all(const std::string& path, int client, Clock::duration every) {
  const Client connection(path);
  std::vector<Clock::duration> took;
  took.reserve(questions);
  const auto start = Clock::now();
  for (int i = 0; i < questions; ++i) {
    const int user = (client * 7919 + i * 104'729) % mailboxes;
    const auto request = question(user);
    const auto due = start + i * every;
    if (every.count() != 0) std::this_thread::sleep_until(due);
    const auto begin = every.count() != 0 ? due : Clock::now();
    const auto answer = connection.ask(request);
    took.push_back(Clock::now() - begin);
    if (!answer.starts_with(expected(user))) throw std::runtime_error("unexpected: " + answer);
  }
  return took;
}

double milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

void requests(benchmark::State& state) {
  spdlog::set_level(spdlog::level::warn);  // a log line for each refusal would cost time
  const test::TemporaryFolder folder;
  const auto connection = "sqlite3://" + (folder.path() / "ledger.db").string();
  const auto ledger = ledger::SqlLedger::open(connection);
  if (!ledger) throw std::runtime_error(ledger.error().detail);
  const auto session =
      ledger::Database::at(connection, std::chrono::seconds{10}).value()->connect();
  for (const auto* statement : fill) *session << statement;

  SendingLimits limits;
  limits.rate_messages = static_cast<std::uint64_t>(state.range(1));
  const SystemClock clock;
  const policyd::Policy policy(**ledger, clock, limits, Fallback::wait);
  const auto path = (folder.path() / "policy.sock").string();
  policyd::Server server(policy, {.listen = {"unix:" + path}});
  const std::jthread serving([&] { server.run(); });

  const auto clients = static_cast<int>(state.range(0));
  const auto every = state.range(2) == 0
                         ? Clock::duration{0}
                         : Clock::duration(std::chrono::seconds{1}) * clients / state.range(2);
  std::vector<Clock::duration> took;
  for (auto _ : state) {
    std::vector<std::vector<Clock::duration>> each(static_cast<std::size_t>(clients));
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < clients; ++i)
        threads.emplace_back(
            [&, i] { each[static_cast<std::size_t>(i)] = ask_all(path, i, every); });
    }
    for (const auto& some : each) took.insert(took.end(), some.begin(), some.end());
  }
  server.stop();
  std::sort(took.begin(), took.end());
  state.SetItemsProcessed(static_cast<std::int64_t>(took.size()));
  state.counters["p50_ms"] = milliseconds(took[took.size() / 2]);
  state.counters["p99_ms"] = milliseconds(took[took.size() * 99 / 100]);
}

}  // namespace

// A rate that nobody reaches, so that pec-policyd checks everything.
BENCHMARK(requests)
    ->ArgNames({"clients", "rate_messages", "asked_per_second"})
    ->ArgsProduct({{8}, {0, 300}, {5000, 0}})
    ->UseRealTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_MAIN();
