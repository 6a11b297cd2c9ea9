// SPDX-License-Identifier: GPL-2.0-or-later

// Every message of tests/data/awkward through every decision that reads messages.
#include "base/file.hpp"
#include "pec/brief.hpp"
#include "support/domain_fixtures.hpp"
#include "support/results.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

using namespace pec;
using namespace pec::test;

namespace {

// Name and content of each file.
std::map<std::string, std::string> awkward_messages() {
  std::map<std::string, std::string> messages;
  for (const auto& file :
       std::filesystem::directory_iterator(PEC_SOURCE_DIR "/tests/data/awkward")) {
    auto content = value_of(read_file(file.path()));
    messages[file.path().filename().string()] = std::move(content);
  }
  REQUIRE(messages.size() > 20);
  return messages;
}

// As the mail server hands it on: a missing or unfinished header gets the empty line.
std::string received(const mime::Message& message) {
  return message.wire().str();
}

}  // namespace

TEST_CASE("every message is wrapped whole, and its signer and the reason are known",
          "[rule:4][rule:7]") {
  for (const auto& [name, content] : awkward_messages()) {
    CAPTURE(name);
    const auto message = message_of(content);
    const auto found = classified(message);
    CHECK(found.what == IncomingClass::ordinary);
    CHECK_FALSE(found.reason.empty());
    auto decision = decide_incoming(
        message, found, {"", {"dario@pec.beta.example"}},
        {stamp_of(morning), "20261122041122.id7", Takes::all_mail, beta, directory()});
    REQUIRE(std::holds_alternative<Replace>(decision.action));
    const auto envelope = sent(decision, beta);
    const auto parts = value_of(read_frame(envelope));
    REQUIRE(parts.signed_part.children.size() == 2);
    const auto& original = parts.signed_part.children.back();
    CHECK(original.file_name() == "postacert.eml");
    CHECK((original.content(envelope.body.view) == received(message)));
  }
}

TEST_CASE("every submission is accepted whole or answered with a notice", "[rule:2]") {
  for (const auto& [name, content] : awkward_messages()) {
    CAPTURE(name);
    const auto decision = decide_access(message_of(content), simple_submission(), access_facts());
    REQUIRE(std::holds_alternative<Replace>(decision.action));
    CHECK(decision.route == Route{alfa.address, {"anna@pec.alfa.example"}});
    CHECK(decision.entries.events.size() == 1);
  }
}

TEST_CASE("every message has a brief form: only attachments give way", "[rule:5]") {
  const std::set<std::string> with_attachments{"anomaly-from-elsewhere.eml",
                                               "delivery-status-notification.eml",
                                               "forged-receipt.eml", "parts-without-end.eml"};
  for (const auto& [name, content] : awkward_messages()) {
    CAPTURE(name);
    const auto brief = brief_original(mime::Bytes::of(content)).str();
    CHECK((brief != content) == with_attachments.contains(name));
  }
}
