// SPDX-License-Identifier: GPL-2.0-or-later

// ClamdClient against a real clamd.
#include "antivirus/clamd_client.hpp"

#include "support/clamd_process.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

using namespace pec;
using namespace pec::antivirus;
using namespace pec::test;
using namespace std::chrono_literals;
using Catch::Contains;
using Outcome = ScanResult::Outcome;
using Failure = ScanResult::Failure;

namespace {

ScanResult scan(const ClamdClient& client, std::string message) {
  return client.scan(mime::Rope(std::move(message)));
}

}  // namespace

TEST_CASE("clamd finds over its socket and over TCP what libclamav finds", "[rule:2]") {
  const Clamd clamd;
  const TemporaryFolder work;
  const auto zip = zip_of(work.path(), "eicar.com", eicar());
  const auto nested = zip_of(work.path(), "b.zip", zip_of(work.path(), "a.zip", zip));
  const std::string messages[] = {
      plain_mail(eicar()),
      mail_with_file(eicar()),
      mail_with_file(nested, "c.zip"),
      attached(mail_with_file(zip, "a.zip")),
      envelope_of(mail_with_file(zip, "a.zip")),
      "X-Odd: " + std::string(250, 'x') + "ustar\r\n" + mail_with_file(zip, "a.zip"),
      "\r\n" + eicar(),
  };
  for (const auto& address : {clamd.socket(), clamd.port()}) {
    const ClamdClient client({address});
    for (const auto& message : messages) {
      const auto result = scan(client, message);
      INFO(result.reason << "\n" << message);
      CHECK(result.outcome == Outcome::infected);
      CHECK(result.virus == "Test.Eicar.UNOFFICIAL");
    }
    CHECK(scan(client, mail_with_file(content_of(clam_testfiles / "clam.pdf"))).virus ==
          "Test.Clam.UNOFFICIAL");
    CHECK(scan(client, plain_mail("Ciao")).outcome == Outcome::clean);
    CHECK(scan(client, "").outcome == Outcome::clean);
    CHECK(scan(client, mail_with_file(std::string(5'000'000, 'x'))).outcome == Outcome::clean);
    CHECK_THAT(client.state(), Contains(address) && Contains("ClamAV "));
  }
}

TEST_CASE("exceeding clamd's limits is a failure, never clean") {
  const Clamd clamd("StreamMaxLength 200K\nMaxRecursion 3\n");
  const ClamdClient client({clamd.socket()});
  const TemporaryFolder work;
  const auto large = scan(client, mail_with_file(std::string(5'000'000, 'x')));
  CHECK(large.outcome == Outcome::failed);
  CHECK(large.failure == Failure::error);
  CHECK_THAT(large.reason, Contains("size limit exceeded"));

  std::string zip = "Ciao a tutti";
  for (const char* name : {"a.txt", "b.zip", "c.zip", "d.zip"})
    zip = zip_of(work.path(), name, zip);
  const auto deep = scan(client, mail_with_file(zip));
  CHECK(deep.outcome == Outcome::failed);
  CHECK(deep.failure == Failure::error);
  CHECK_THAT(deep.reason, Contains("MaxRecursion"));
}

TEST_CASE("without clamd nothing is clean, until it is back") {
  Clamd clamd;
  const ClamdClient client({clamd.socket()});
  CHECK(scan(client, plain_mail("Ciao")).outcome == Outcome::clean);
  clamd.stop();
  const auto without = scan(client, plain_mail("Ciao"));
  CHECK(without.outcome == Outcome::failed);
  CHECK(without.failure == Failure::no_engine);
  CHECK_THAT(without.reason, Contains(clamd.socket()));
  CHECK_THAT(client.state(), Contains("can't be reached"));
  const auto no_port = ClamdClient({clamd.port()}).scan(mime::Rope(plain_mail("Ciao")));
  CHECK(no_port.failure == Failure::no_engine);
  clamd.start();
  CHECK(scan(client, plain_mail("Ciao")).outcome == Outcome::clean);
}

TEST_CASE("a malformed address is reported") {
  const char* const addresses[] = {"/missing/clamd.ctl", "no port", "127.0.0.1:none", ""};
  for (const std::string address : addresses) {
    const auto result = ClamdClient({address}).scan(mime::Rope("x"));
    INFO(address);
    CHECK(result.failure == Failure::no_engine);
    CHECK_THAT(result.reason, Contains("can't be reached"));
  }
  const auto result = ClamdClient({"/" + std::string(200, 'x')}).scan(mime::Rope("x"));
  CHECK_THAT(result.reason, Contains("too long"));
}

TEST_CASE("while clamd is killed and restarted each verdict is right, or none") {
  Clamd clamd;
  const ClamdClient client({clamd.socket()});
  std::atomic<bool> stop = false;
  std::atomic<int> found = 0, wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      const mime::Rope message(mail_with_file(eicar() + std::string(300'000, 'x')));
      while (!stop) {
        const auto result = client.scan(message);
        if (result.outcome == Outcome::infected) ++found;
        if (result.outcome == Outcome::clean ||
            (result.outcome == Outcome::failed && result.failure != Failure::no_engine))
          ++wrong;
      }
    });
  for (int round = 0; round < 5; ++round) {
    const int before = found;
    while (found == before && wrong == 0) std::this_thread::yield();
    clamd.stop();
    clamd.start();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(found >= 5);
}
