// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/sending_limits.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using Catch::Contains;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const Instant now{seconds{1795324282}};

SentMessage sent(seconds ago, std::uint64_t recipients = 1, std::string fingerprint = "f") {
  return {"id",       "anna@alfa.example", now - ago,
          recipients, SpamLevel::not_spam, std::move(fingerprint)};
}

// `count` messages, the newest one interval ago.
std::vector<SentMessage> series(std::uint64_t count, seconds interval) {
  std::vector<SentMessage> all;
  for (std::uint64_t i = 1; i <= count; ++i)
    all.push_back(sent(interval * static_cast<seconds::rep>(i)));
  return all;
}

}  // namespace

TEST_CASE("without rates everything passes") {
  const SendingLimits limits;
  CHECK(wanted_for_rate(limits) == 0);
  CHECK_FALSE(over_rate(series(1000, seconds{1}), 500, now, limits));
}

TEST_CASE(
    "so many messages pass in any window, and the next one waits for the oldest to leave it") {
  const SendingLimits limits{.rate_window = minutes{10}, .rate_messages = 3};
  CHECK(wanted_for_rate(limits) == 3);
  CHECK_FALSE(over_rate({}, 1, now, limits));
  CHECK_FALSE(over_rate(series(2, seconds{60}), 1, now, limits));
  CHECK(over_rate(series(3, seconds{60}), 1, now, limits) == seconds{600 - 180});
  CHECK(over_rate(series(9, seconds{60}), 1, now, limits) == seconds{600 - 180});
  // The third oldest has just left.
  CHECK_FALSE(over_rate(series(3, seconds{200}), 1, now, limits));
  CHECK(over_rate(series(3, seconds{199}), 1, now, limits) == seconds{3});
}

TEST_CASE("recipients count as well, those of this message included") {
  const SendingLimits limits{.rate_window = minutes{10}, .rate_recipients = 100};
  const std::vector recent{sent(seconds{60}, 40), sent(seconds{120}, 50), sent(seconds{180}, 10)};
  CHECK_FALSE(over_rate({recent[0], recent[1]}, 10, now, limits));
  CHECK(over_rate({recent[0], recent[1]}, 11, now, limits) == seconds{600 - 120});
  CHECK(over_rate(recent, 1, now, limits) == seconds{600 - 180});
  CHECK(over_rate(recent, 61, now, limits) == seconds{600 - 60});
  // One message with more than the rate waits until it is alone.
  CHECK(over_rate({recent[0]}, 200, now, limits) == seconds{600 - 60});
  CHECK_FALSE(over_rate({}, 200, now, limits));
}

TEST_CASE("more spam than is allowed shows that the password is in wrong hands") {
  const SendingLimits limits;
  CHECK_FALSE(stolen_credentials(180, {}, limits));
  CHECK(stolen_credentials(181, {}, limits) == "181 messages of spam in one hour");
}

TEST_CASE("a series of messages at regular intervals shows it, too, if that is set") {
  const SendingLimits off, limits{.series_messages = 5};
  CHECK_FALSE(stolen_credentials(0, series(100, seconds{30}), off));
  CHECK_FALSE(stolen_credentials(0, series(4, seconds{30}), limits));
  REQUIRE(stolen_credentials(0, series(5, seconds{30}), limits));
  CHECK_THAT(*stolen_credentials(0, series(5, seconds{30}), limits),
             Contains("5 messages in a row that are nearly the same, at regular intervals"));
  CHECK(stolen_credentials(0, series(5, seconds{0}), limits));  // as fast as it goes

  auto other_text = series(5, seconds{30});
  other_text[2].fingerprint = "g";
  CHECK_FALSE(stolen_credentials(0, other_text, limits));
  auto other_time = series(5, seconds{30});
  other_time[2].at += seconds{10};
  CHECK_FALSE(stolen_credentials(0, other_time, limits));
  auto blurred = series(5, seconds{30});
  blurred[2].at += seconds{2};
  CHECK(stolen_credentials(0, blurred, limits));
}

TEST_CASE("more viruses in a day than are allowed block, by their number or by their size") {
  const SendingLimits limits{.infected_messages = 3, .infected_octets = 1000};
  CHECK_FALSE(too_many_viruses({}, limits));
  CHECK_FALSE(too_many_viruses({3, 1000}, limits));
  CHECK(too_many_viruses({4, 10}, limits) ==
        "4 messages with viruses, of 10 octets together, in one day");
  CHECK(too_many_viruses({1, 1001}, limits));
}
