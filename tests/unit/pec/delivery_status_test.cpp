// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/delivery_status.hpp"

#include "pec/pec_message.hpp"
#include "support/notifications.hpp"
#include "support/results.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

using namespace pec;
using namespace pec::test;

namespace {

const std::string envelope = simple_envelope().wire().str();

DeliveryStatus read(const mime::Message& message) {
  return value_of(read_delivery_status(message));
}

// The same notification with other groups of fields.
mime::Message with_groups(const std::string& groups) {
  const auto text = notification({{"@GROUPS@", "", ""}}, envelope).wire().str();
  const auto begin = text.find("Final-Recipient");
  const auto end = text.find("\r\n--", begin);
  return message_of(text.substr(0, begin) + groups + text.substr(end));
}

}  // namespace

TEST_CASE("a notification says whom it failed for and why", "[rule:6]") {
  const auto status =
      read(notification({{"bruno@pec.beta.example", "5.1.1",
                          "550 5.1.1 <bruno@pec.beta.example>: User\r\n    unknown"},
                         {"carla@pec.alfa.example", "5.2.2", "552 5.2.2 Quota exceeded"}},
                        envelope));
  CHECK(status.failed ==
        std::vector<FailedRecipient>{
            {"bruno@pec.beta.example", "5.1.1", "550 5.1.1 <bruno@pec.beta.example>: User unknown"},
            {"carla@pec.alfa.example", "5.2.2", "552 5.2.2 Quota exceeded"}});
}

TEST_CASE("the message that failed is known by its header, whole or not", "[rule:6]") {
  const bool header_only = GENERATE(false, true);
  const auto status =
      read(notification({{"bruno@pec.beta.example", "5.1.1", "no"}}, envelope, header_only));
  CHECK(bare_message_id(status.returned) == "20261122041122.id1@pec.alfa.example");
  CHECK(claimed_kind(status.returned) == EventKind::transport_envelope);
  REQUIRE(status.message.has_value() == !header_only);
  if (status.message) CHECK(status.message->view.ends_with(envelope));
}

TEST_CASE("an alias is named as the message had it, two of its mailboxes once", "[rule:6]") {
  const auto status = read(notification(
      {{"info@pec.alfa.example", "5.2.2", "full"}, {"INFO@pec.alfa.example", "5.1.1", "unknown"}},
      envelope));
  CHECK(status.failed == std::vector<FailedRecipient>{{"info@pec.alfa.example", "5.2.2", "full"}});
}

TEST_CASE("a report without a failure is not a failure", "[rule:6]") {
  const auto status = read(with_groups(
      "Final-Recipient: rfc822; a@pec.beta.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n\r\n"
      "Final-Recipient: rfc822; b@pec.beta.example\r\nAction: Failed\r\nStatus: 5.1.1\r\n"));
  CHECK(status.failed == std::vector<FailedRecipient>{{"b@pec.beta.example", "5.1.1", ""}});
}

TEST_CASE("groups that can't be read hide no others") {
  const auto status = read(with_groups(
      "garbage\r\n\r\nFinal-Recipient: x400; /c=it/\r\nAction: failed\r\n\r\n\r\n"
      "Final-Recipient: b@pec.beta.example\r\nAction: failed\r\n\r\n"
      "Final-Recipient: RFC822;c@pec.beta.example\r\nmore garbage\r\nAction: failed\r\n\r\n"
      "Final-Recipient: rfc822; d@pec.beta.example\r\nAction: failed"));
  CHECK(status.failed == std::vector<FailedRecipient>{{"d@pec.beta.example", "", ""}});
}

TEST_CASE("reading any notification ends and gives whole values") {
  std::mt19937 random(20261122);
  const auto good = notification({{"bruno@pec.beta.example", "5.1.1", "550 no"},
                                  {"carla@pec.alfa.example", "4.4.1", "later"}},
                                 envelope)
                        .wire()
                        .str();
  const auto report = good.find("Reporting-MTA");
  const std::vector<std::string> pieces{"\r\n",
                                        "\n",
                                        ":",
                                        ";",
                                        "rfc822;",
                                        "Action: failed\r\n",
                                        "Final-Recipient: rfc822; a@b.example\r\n",
                                        " ",
                                        "--4jX",
                                        std::string(1, '\0'),
                                        "\xff",
                                        "Status:"};
  std::size_t read = 0;
  for (int round = 0; round < 3000; ++round) {
    auto text = good;
    for (unsigned i = 0; i < 1 + random() % 6; ++i) {
      const auto at = random() % 2 ? report + random() % 600 : random() % text.size();
      text.replace(std::min(at, text.size()), random() % 8, pieces[random() % pieces.size()]);
    }
    const auto status = read_delivery_status(message_of(text));
    if (!status) continue;
    ++read;
    for (const auto& failed : status->failed) {
      CHECK_FALSE(failed.recipient.empty());
      CHECK(failed.diagnostic.find_first_of("\r\n") == std::string::npos);
      CHECK(failed.recipient.find_first_of("\r\n") == std::string::npos);
    }
  }
  CHECK(read > 1000);
}

TEST_CASE("other messages are not notifications") {
  CHECK_FALSE(read_delivery_status(simple_envelope()));
  CHECK_FALSE(read_delivery_status(message_of("Subject: x\r\n\r\ny\r\n")));
  CHECK_FALSE(read_delivery_status(message_of(
      "Content-Type: multipart/report; report-type=disposition-notification; "
      "boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n--b--\r\n")));
  CHECK_FALSE(read_delivery_status(
      message_of("Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
                 "--b\r\n\r\nx\r\n--b--\r\n")));
}
