#include "pec/formal_checks.hpp"

#include "../../support/domain_fixtures.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;

namespace {

mime::Message with_header(const std::string& header) {
  return message_of(header + "\r\nx\r\n");
}

Submission submission(std::vector<std::string> recipients) {
  return {"anna@pec.alfa.example", "anna@pec.alfa.example", std::move(recipients)};
}

}  // namespace

TEST_CASE("From holds exactly one valid address", "[rule:2][rule:3.1.1]") {
  CHECK_FALSE(check_from(with_header("From: Anna <anna@pec.alfa.example>\r\n")));
  CHECK_FALSE(check_from(with_header("from: anna@pec.alfa.example\r\n")));
  CHECK(check_from(with_header("To: b@y.example\r\n")));
  CHECK(check_from(with_header("From:\r\n")));
  CHECK(check_from(with_header("From: anna\r\n")));
  CHECK(check_from(with_header("From: a@x.example, b@x.example\r\n")));
  CHECK(check_from(with_header("From: a@x.example\r\nFrom: b@x.example\r\n")));
}

TEST_CASE("To holds at least one valid address", "[rule:2][rule:3.1.1]") {
  CHECK_FALSE(check_to(with_header("To: Bruno <bruno@y.example>, nobody\r\n")));
  CHECK_FALSE(check_to(with_header("To: Group: a@x.example, b@x.example;\r\n")));
  CHECK(check_to(with_header("Cc: a@x.example\r\n")));
  CHECK(check_to(with_header("To: undisclosed-recipients:;\r\n")));
  CHECK(check_to(with_header("To: nobody\r\n")));
}

TEST_CASE("the reverse path equals the From address", "[rule:2][rule:3.1.1]") {
  const auto message = with_header("From: Anna <Anna@PEC.alfa.example>\r\n");
  CHECK_FALSE(check_sender(message, submission({})));
  CHECK(check_sender(with_header("From: eve@pec.alfa.example\r\n"), submission({})));
  CHECK(check_sender(with_header("Subject: x\r\n"), submission({})));
}

TEST_CASE("every SMTP recipient must be in To or Cc", "[rule:2][rule:3.1.1]") {
  const auto message = with_header(
      "To: Bruno <BRUNO@y.example>, Group: carla@x.example;\r\n"
      "Cc: =?utf-8?q?=C3=A8?= <dario@z.example>\r\n");
  CHECK_FALSE(check_recipients(
      message, submission({"bruno@Y.example", "carla@x.example", "dario@z.example"})));
  const auto failure =
      check_recipients(message, submission({"bruno@y.example", "eva@z.example", "f@z.example"}));
  REQUIRE(failure);
  CHECK(*failure == "destinatari assenti dai campi To e Cc: eva@z.example, f@z.example");
}

TEST_CASE("Bcc holds no value", "[rule:2][rule:3.1.1]") {
  CHECK_FALSE(check_bcc(with_header("To: a@x.example\r\n")));
  CHECK_FALSE(check_bcc(with_header("Bcc:\r\n")));
  CHECK_FALSE(check_bcc(with_header("Bcc: \r\n \r\n")));
  CHECK(check_bcc(with_header("Bcc: a@x.example\r\n")));
  CHECK(check_bcc(with_header("Bcc:\r\nBCC: a@x.example\r\n")));
}

TEST_CASE("fields that may occur once do", "[rule:2][rule:3.1.1]") {
  CHECK_FALSE(check_single_fields(with_header("Subject: a\r\nReceived: x\r\nReceived: y\r\n")));
  const auto failure = check_single_fields(with_header("Subject: a\r\nsubject: b\r\nTo: a\r\n"));
  REQUIRE(failure);
  CHECK(*failure == "campi di intestazione ripetuti: Subject");
}

TEST_CASE("a header field that the mail server may have cut is refused", "[rule:2][rule:3.1.1]") {
  const auto with_field = [](std::size_t size) {
    return with_header("X-Long: " + std::string(size, 'x') + "\r\nX-Short: y\r\n");
  };
  CHECK_FALSE(check_field_sizes(with_field(49'000)));
  const auto failure = check_field_sizes(with_field(50'000));
  REQUIRE(failure);
  CHECK(*failure == "campi di intestazione troppo lunghi: X-Long");
}

TEST_CASE("all failures of a message are listed", "[rule:2]") {
  const auto failures =
      check_formally(with_header("Bcc: x@y.example\r\n"), submission({"b@y.example"}));
  CHECK(failures.size() == 5);
  CHECK(check_formally(message_of(simple_original), simple_submission()).empty());
}
