// SPDX-License-Identifier: GPL-2.0-or-later

// Answers of a faulty Dovecot. A real one: quota_test.py.
#include "service/dovecot_quota.hpp"

#include "support/results.hpp"
#include "support/temporary_folder.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <catch2/catch.hpp>
#include <thread>

using namespace pec;
using namespace pec::test;
using namespace std::chrono_literals;
using Catch::Contains;
using Unix = boost::asio::local::stream_protocol;

namespace {

// Answers one question, and keeps the connection open until it is destroyed.
class AnsweringDovecot {
public:
  explicit AnsweringDovecot(std::string answer)
      : thread_([this, answer = std::move(answer)] {
          Unix::iostream client;
          acceptor_.accept(client.socket());
          std::getline(client, version_);
          std::getline(client, question_);
          client << answer << std::flush;
          std::string nothing;
          std::getline(client, nothing);  // until the client has gone
        }) {}

  Result<std::vector<Quota>> asked(std::chrono::milliseconds limit = 20s) {
    auto quotas = service::DovecotQuotas(path_, limit).of("anna@pec.alfa.example");
    thread_.join();
    return quotas;
  }
  const std::string& question() const { return question_; }

private:
  TemporaryFolder folder_;
  std::string path_ = (folder_.path() / "pec-quota").string();
  boost::asio::io_context io_;
  Unix::acceptor acceptor_{io_, Unix::endpoint(path_)};
  std::string version_, question_;
  std::jthread thread_;
};

const std::string table = "User quota\tSTORAGE\t211\t1024\t20\tUser quota\tMESSAGE\t1\t-\t0\t";

}  // namespace

TEST_CASE("Dovecot is asked for one mailbox, and its limits are in octets and messages") {
  AnsweringDovecot dovecot("+\n" + table + "Site\tMESSAGE\t3\t50\t6\t\n+\n");
  const auto quotas = value_of(dovecot.asked());
  CHECK(quotas == std::vector<Quota>{{Quota::Unit::octets, 211 * 1024, 1024 * 1024},
                                     {Quota::Unit::messages, 3, 50}});
  CHECK(dovecot.question() == "\tanna@pec.alfa.example\tquota\tget");
}

TEST_CASE("an address that is not a user of Dovecot has no limit") {
  const auto quotas = value_of(AnsweringDovecot("+\n\n-NOUSER\n").asked());
  CHECK(quotas.empty());
}

TEST_CASE(
    "an unknown answer is an error that says so, and none is waited for longer than allowed") {
  const auto complaint = [](const std::string& answer, std::chrono::milliseconds limit = 20s) {
    const auto quotas = error_of(AnsweringDovecot(answer).asked(limit));
    CHECK(quotas.fault == Fault::unavailable);
    CHECK_THAT(quotas.detail, Contains("/pec-quota how full anna@pec.alfa.example is: "));
    return quotas.detail;
  };
  CHECK_THAT(complaint("-\n\n\n"), Contains("it wants a login"));
  CHECK_THAT(complaint("+\n\n-NOTFOUND\n"), Contains("it answered -NOTFOUND"));
  for (const std::string other : {"User quota\tSTORAGE\t211\t1024", "a\tSTORAGE\tmany\t1024\t20",
                                  "a\tMESSAGE\t1\t99999999999999999\t20", "\x01"})
    CHECK_THAT(complaint("+\n" + other + "\n+\n"), Contains("it answered "));
  CHECK_THAT(complaint("+\n" + table, 50ms), Contains("it answered ") || Contains("time"));
  CHECK_THAT(service::DovecotQuotas("/nonexistent/pec-quota", 1s).of("a@b.example").error().detail,
             Contains("/nonexistent/pec-quota how full a@b.example is: No such file"));
}

TEST_CASE("an address with a byte of the protocol in it is not asked about") {
  const service::DovecotQuotas quotas("/nonexistent/pec-quota", 1s);
  for (const std::string address :
       {"", "\"a\tb\"@x.example", "a@x.example\n", "\"\r\"@x.example"}) {
    const auto none = value_of(quotas.of(address));
    CHECK(none.empty());
  }
}

TEST_CASE("a path that is too long for a socket is said at once") {
  CHECK_THROWS_WITH(service::DovecotQuotas("/" + std::string(200, 'x'), 1s), Contains("too long"));
}
