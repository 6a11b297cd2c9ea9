// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/reply.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::milter;

TEST_CASE("each fault has its reply, and none tells what only the log may know") {
  for (const auto fault :
       {Fault::rejected, Fault::bad_input, Fault::unavailable, Fault::internal}) {
    const auto reply = reply_for({fault, "public words", "/etc/pec/secret"});
    CHECK(reply.enhanced.starts_with("4."));
    CHECK_FALSE(reply.text.empty());
    CHECK_THAT(reply.text, !Catch::Contains("secret"));
  }
}

TEST_CASE("whatever the fault, the client keeps the message", "[rule:8.5]") {
  const auto codes_for = [](Fault fault) {
    const auto reply = reply_for({fault, "public words", "detail"});
    CHECK_FALSE(reply.permanent());
    return reply.code + " " + reply.enhanced;
  };
  CHECK(codes_for(Fault::rejected) == "451 4.7.0");
  CHECK(codes_for(Fault::bad_input) == "451 4.6.0");
  CHECK(codes_for(Fault::unavailable) == "451 4.3.0");
  CHECK(codes_for(Fault::internal) == "451 4.3.5");
}

TEST_CASE("the detail of an error goes to the log, and what it waits for to the alert",
          "[rule:8.5]") {
  const Error error{Fault::unavailable, "public words", "/etc/pec/secret is gone",
                    ErrorSource::disk};
  const auto decision = decision_for(error, "1@pec.alfa.example");
  CHECK(decision.pec_id == "1@pec.alfa.example");
  CHECK(decision.reason == error.detail);
  REQUIRE(std::holds_alternative<TryLater>(decision.action));
  const auto& waits = std::get<TryLater>(decision.action);
  CHECK(waits.enhanced == "4.3.0");
  CHECK(waits.text == reply_for(error).text);
  CHECK(waits.source == ErrorSource::disk);
}
