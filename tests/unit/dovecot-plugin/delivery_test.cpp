// SPDX-License-Identifier: GPL-2.0-or-later

#include "dovecot-plugin/delivery.hpp"

#include "dovecot-plugin/delivery_c.h"
#include "pec/internal_recipient.hpp"
#include "smime/hmac.hpp"
#include "support/results.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_clock.hpp"
#include "unit/dovecot-plugin/old_journal_file.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace pec;
using namespace pec::delivery;
using namespace pec::test;
using namespace std::chrono_literals;

namespace {

const Instant start = test_time;

const smime::HmacAuthenticator delivery_secret(smime::HmacAuthenticator::Secret{1, 2, 3});
const smime::HmacAuthenticator host_group_secret(smime::HmacAuthenticator::Secret{4, 5, 6});

// One mail home, and deliveries of one message to it: each begin() is one more attempt of Postfix.
struct DeliveryWorld {
  TemporaryFolder home;
  TestClock clock;
  DeliveryRequest request{
      home.path(),       "identity-1", "<a1@pec.alfa.example>", "Bob+d@b.example",
      "bob+d@B.example", true,         "<a1@pec.alfa.example>"};

  Delivery begin() {
    auto delivery = Delivery::begin(request, clock);
    INFO((delivery ? "" : delivery.error().detail));
    REQUIRE(delivery);
    return std::move(*delivery);
  }
};

}  // namespace

TEST_CASE_METHOD(DeliveryWorld,
                 "an envelope is stored, then handed off, then nothing is left to do",
                 "[rule:3.3]") {
  auto delivery = begin();
  CHECK(delivery.step() == DeliveryStep::store);
  REQUIRE(delivery.stored());
  CHECK(delivery.step() == DeliveryStep::hand_off);
  REQUIRE(delivery.handed_off());
  CHECK(delivery.step() == DeliveryStep::finished);
}

TEST_CASE_METHOD(DeliveryWorld, "a receipt or notice is stored, and no receipt is owed for it",
                 "[rule:3.3]") {
  request.receipt_is_owed = false;
  auto delivery = begin();
  CHECK(delivery.step() == DeliveryStep::store);
  REQUIRE(delivery.stored());
  CHECK(delivery.step() == DeliveryStep::finished);
}

TEST_CASE_METHOD(DeliveryWorld, "a delivered message is not delivered again") {
  const bool owed = GENERATE(true, false);
  request.receipt_is_owed = owed;
  {
    auto delivery = begin();
    REQUIRE(delivery.stored());
    if (owed) REQUIRE(delivery.handed_off());
  }
  clock.advance(3h);
  CHECK(begin().step() == DeliveryStep::finished);
  request.recipient = "carla@b.example";
  CHECK(begin().step() == DeliveryStep::store);
}

TEST_CASE_METHOD(DeliveryWorld, "a message is what is signed, whatever its Message-ID says",
                 "[rule:4]") {
  REQUIRE(begin().stored());
  // A stranger's message with the same Message-ID: it is another message.
  request.identity = "identity-2";
  CHECK(begin().step() == DeliveryStep::store);
  // A replay with another Message-ID: it is the same message.
  request.identity = "identity-1";
  request.message_id = "<a2@pec.alfa.example>";
  CHECK(begin().step() == DeliveryStep::hand_off);
}

TEST_CASE_METHOD(DeliveryWorld, "the old program's deliveries are known by the Message-ID") {
  request.recipient = "bob@b.example";
  const auto* const state = GENERATE("pending", "saved", "done");
  write_old_journal(home.path(), "a1@pec.alfa.example", state);
  clock.advance(1h);
  auto delivery = begin();
  if (state == std::string("pending")) {
    REQUIRE(delivery.step() == DeliveryStep::look_up);
    REQUIRE(delivery.found(start + 1s));
    CHECK(delivery.record().at == start + 1s);
  } else {
    CHECK(delivery.record().at == start);
  }
  if (delivery.step() == DeliveryStep::hand_off) REQUIRE(delivery.handed_off());
  CHECK(delivery.step() == DeliveryStep::finished);
}

TEST_CASE_METHOD(DeliveryWorld,
                 "an attempt that failed after the commit goes on with the hand-off") {
  std::string first;
  {
    auto delivery = begin();
    clock.advance(2s);
    REQUIRE(delivery.stored());
    first = delivery.internal_recipient(delivery_secret).value();
  }
  clock.advance(30min);
  auto again = begin();
  CHECK(again.step() == DeliveryStep::hand_off);
  CHECK(again.record() == DeliveryRecord{DeliveryState::saved, start + 2s});
  CHECK(again.internal_recipient(delivery_secret).value() == first);  // one time, one receipt
}

TEST_CASE_METHOD(DeliveryWorld, "an attempt that died half way is looked up first") {
  begin();
  clock.advance(1h);

  SECTION("not found: it is stored now") {
    auto again = begin();
    REQUIRE(again.step() == DeliveryStep::look_up);
    again.not_found();
    CHECK(again.step() == DeliveryStep::store);
    REQUIRE(again.stored());
    CHECK(again.record().at == start + 1h);
  }
  SECTION("found: its receipt is owed, with the time when it was stored") {
    auto again = begin();
    REQUIRE(again.found(start + 5s));
    CHECK(again.step() == DeliveryStep::hand_off);
    CHECK(again.record().at == start + 5s);
  }
  SECTION("found, with a date that its owner has set: the time stays between the two attempts") {
    const auto at = GENERATE(start - 24h, start + 24h);
    auto again = begin();
    REQUIRE(again.found(at));
    CHECK(again.record().at == (at < start ? start : start + 1h));
  }
  SECTION("found, and no receipt owed: nothing is left to do") {
    request.receipt_is_owed = false;
    auto again = begin();
    REQUIRE(again.found(start + 5s));
    CHECK(again.step() == DeliveryStep::finished);
  }
}

TEST_CASE_METHOD(
    DeliveryWorld,
    "the internal recipient names recipient, event and time, under the delivery secret") {
  auto delivery = begin();
  clock.advance(1s);
  REQUIRE(delivery.stored());
  const auto address = delivery.internal_recipient(delivery_secret).value();
  const auto read =
      value_of(parse_internal(address, "a1@pec.alfa.example", host_group_secret, delivery_secret));
  CHECK(read == InternalRecipient{InternalEvent::delivery, "Bob+d@b.example", start + 1s});
  CHECK_FALSE(parse_internal(address, "a2@pec.alfa.example", host_group_secret, delivery_secret));
}

TEST_CASE_METHOD(DeliveryWorld,
                 "where the recipient is an alias, it says in which mailbox it was delivered",
                 "[rule:5]") {
  request.recipient = "Info@b.example";
  auto delivery = begin();
  REQUIRE(delivery.stored());
  const auto read =
      value_of(parse_internal(delivery.internal_recipient(delivery_secret).value(),
                              "a1@pec.alfa.example", host_group_secret, delivery_secret));
  CHECK(read.recipient == "Info@b.example");
  CHECK(read.mailbox_tag == mailbox_tag("bob+d@b.example"));
}

TEST_CASE_METHOD(DeliveryWorld, "a message without Message-ID is not delivered as certified") {
  request.message_id = " <>\r\n";
  CHECK(error_of(Delivery::begin(request, clock)).detail ==
        "the message claims to be certified mail but has no Message-ID");
  request.receipt_is_owed = false;  // nothing would be bound to it
  CHECK(begin().step() == DeliveryStep::store);
}

// --- The C face ---

namespace {

struct CFaceWorld {
  TemporaryFolder folder;
  std::string home = folder.path();
  std::string secret_file = folder.write("delivery.secret", std::string(64, 'a') + "\n", 0400);
  std::string journal_file = folder.path() / "pec-delivery-journal.1";
  pec_delivery_request request{home.c_str(),      "identity-1",        "<a1@pec.alfa.example>",
                               nullptr,           "bob@b.example",     "bob@b.example",
                               "127.0.0.1:10588", secret_file.c_str(), 1};

  std::string error() const {
    auto* delivery = pec_delivery_begin(&request);
    const std::string text = pec_delivery_error(delivery);
    CHECK((pec_delivery_step(delivery) == PEC_STEP_FAILED) == !text.empty());
    pec_delivery_end(&delivery);
    CHECK(delivery == nullptr);
    return text;
  }
};

}  // namespace

TEST_CASE_METHOD(CFaceWorld, "C face: the whole way of an envelope") {
  auto* delivery = pec_delivery_begin(&request);
  REQUIRE(pec_delivery_step(delivery) == PEC_STEP_STORE);
  pec_delivery_end(&delivery);

  delivery = pec_delivery_begin(&request);
  REQUIRE(pec_delivery_step(delivery) == PEC_STEP_LOOK_UP);
  pec_delivery_not_found(delivery);
  REQUIRE(pec_delivery_step(delivery) == PEC_STEP_STORE);
  pec_delivery_stored(delivery);
  REQUIRE(pec_delivery_step(delivery) == PEC_STEP_HAND_OFF);
  CHECK(std::string(pec_delivery_internal_recipient(delivery)).ends_with(".consegna.pec.internal"));
  pec_delivery_handed_off(delivery);
  CHECK(pec_delivery_step(delivery) == PEC_STEP_FINISHED);
  CHECK(std::string(pec_delivery_error(delivery)).empty());
  pec_delivery_end(&delivery);
}

TEST_CASE_METHOD(CFaceWorld,
                 "C face: a certified message is never delivered without its settings") {
  SECTION("no receipts smtpd") {
    request.receipts_address = nullptr;
    CHECK(error() ==
          "pec_receipts_address is not set: add it to the plugin block of Dovecot's "
          "configuration");
  }
  SECTION("no secret file") {
    request.secret_file = "";
    CHECK(error() ==
          "pec_delivery_secret_file is not set: add it to the plugin block of "
          "Dovecot's configuration");
  }
  SECTION("no home") {
    request.home = nullptr;
    CHECK(error() == "the user has no home: let the userdb give one, the journal is there");
  }
  SECTION("no Message-ID") {
    request.message_id = nullptr;
    CHECK(error() == "the message claims to be certified mail but has no Message-ID");
  }
  SECTION("a secret that is not there") {
    std::filesystem::remove(secret_file);
    CHECK(error().find("can't read " + secret_file) == 0);
  }
  SECTION("a malformed secret") {
    chmod(secret_file.c_str(), 0600);
    std::ofstream(secret_file) << "hello";
    CHECK(error().find(secret_file + " does not hold a secret of 64 hexadecimal digits") == 0);
  }
  CHECK_FALSE(std::filesystem::exists(journal_file));
}

TEST_CASE_METHOD(CFaceWorld, "C face: too long a recipient fails at the hand-off, not before") {
  const std::string recipient = std::string(200, 'b') + "@b.example";
  request.recipient = recipient.c_str();
  auto* delivery = pec_delivery_begin(&request);
  pec_delivery_stored(delivery);
  CHECK(pec_delivery_internal_recipient(delivery) == nullptr);
  CHECK(pec_delivery_step(delivery) == PEC_STEP_FAILED);
  CHECK(std::string(pec_delivery_error(delivery)).find("too long") != std::string::npos);
  pec_delivery_end(&delivery);
}

TEST_CASE_METHOD(CFaceWorld,
                 "C face: the secret is read as root, everything else with user rights") {
  if (geteuid() != 0) {
    WARN("skipped: must be root, to have rights to drop");
    return;
  }
  constexpr uid_t mail_uid = 20001;
  REQUIRE(chown(home.c_str(), mail_uid, mail_uid) == 0);
  const bool can_return = GENERATE(true, false);
  const pid_t child = fork();
  if (child == 0) {
    if ((can_return ? seteuid(mail_uid) : setuid(mail_uid)) != 0) _exit(9);
    auto* delivery = pec_delivery_begin(&request);
    const bool begun = pec_delivery_step(delivery) == PEC_STEP_STORE;
    pec_delivery_end(&delivery);
    _exit((begun == can_return ? 0 : 1) + (geteuid() == mail_uid ? 0 : 2));
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 0);
  if (can_return) {
    struct stat info {};
    REQUIRE(stat(journal_file.c_str(), &info) == 0);
    CHECK(info.st_uid == mail_uid);
    CHECK((info.st_mode & 0777) == 0600);
  }
}
