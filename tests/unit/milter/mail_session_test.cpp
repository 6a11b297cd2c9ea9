#include "mail_session.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

using namespace pec;
using namespace pec::milter;

namespace {

// Takes every recipient.
std::optional<Refusal> all(Transaction&, const std::string&) {
  return std::nullopt;
}

MailSession session() {
  return {"pec-access", std::filesystem::temp_directory_path()};
}

}  // namespace

TEST_CASE("a transaction is collected as the mail server tells it") {
  auto mail = session();
  mail.begin("<Anna@pec.alfa.example>", "anna");
  CHECK_FALSE(mail.add_recipient("<Bruno@pec.beta.example>", all));
  CHECK_FALSE(mail.add_recipient("carla@pec.alfa.example", all));
  CHECK_FALSE(mail.add_header("Subject", " two\n\tlines "));
  CHECK_FALSE(mail.add_header("X-None", ""));
  REQUIRE(mail.add_body("a\r\n"));
  REQUIRE(mail.add_body("b\r\n"));
  const auto transaction = mail.finish("4ABC");
  REQUIRE(transaction);
  CHECK(transaction->daemon_name == "pec-access");
  CHECK(transaction->queue_id == "4ABC");
  CHECK(transaction->login == "anna");
  CHECK(transaction->sender == "Anna@pec.alfa.example");
  CHECK(transaction->recipients ==
        std::vector<std::string>{"Bruno@pec.beta.example", "carla@pec.alfa.example"});
  CHECK(transaction->message.header.wire() == "Subject: two\r\n\tlines \r\nX-None:\r\n");
  CHECK(transaction->message.body.view == "a\r\nb\r\n");
}

TEST_CASE("a recipient that is refused is not in the transaction") {
  auto mail = session();
  mail.begin("<a@x.example>", "");
  const auto admit = [](Transaction& so_far,
                        const std::string& recipient) -> std::optional<Refusal> {
    CHECK(so_far.sender == "a@x.example");
    if (recipient == "good@y.example") return std::nullopt;
    return Refusal{{"452", "4.5.3", "not here"}, "log", false};
  };
  CHECK_FALSE(mail.add_recipient("<good@y.example>", admit));
  const auto refusal = mail.add_recipient("<bad@y.example>", admit);
  REQUIRE(refusal);
  CHECK(refusal->reply.code == "452");
  const auto transaction = mail.finish("1");
  REQUIRE(transaction);
  CHECK(transaction->recipients == std::vector<std::string>{"good@y.example"});
}

TEST_CASE("a header that is too large is refused, and the next message is not") {
  auto mail = session();
  mail.begin("<a@x.example>", "");
  const std::string line(most_header_bytes / 4, 'x');
  for (int i = 0; i < 3; ++i) CHECK_FALSE(mail.add_header("A", line));
  const auto refusal = mail.add_header("A", line);
  REQUIRE(refusal);
  CHECK(refusal->reply == Reply{"550", "5.6.0", "The message's header is too large"});
  mail.begin("<b@x.example>", "");
  CHECK_FALSE(mail.add_header("A", line));
}

TEST_CASE("several messages of one connection do not mix, given up or not") {
  auto mail = session();
  mail.begin("<a@x.example>", "a");
  CHECK_FALSE(mail.add_recipient("<one@y.example>", all));
  CHECK_FALSE(mail.add_header("Subject", " one"));
  REQUIRE(mail.add_body("one"));
  mail.reset();

  mail.begin("<>", "");
  CHECK_FALSE(mail.add_recipient("<two@y.example>", all));
  REQUIRE(mail.add_body("two"));
  const auto second = mail.finish("2");
  REQUIRE(second);
  CHECK(second->sender.empty());
  CHECK(second->login.empty());
  CHECK(second->recipients == std::vector<std::string>{"two@y.example"});
  CHECK(second->message.header.empty());
  CHECK(second->message.body.view == "two");

  mail.begin("<b@x.example>", "b");
  const auto third = mail.finish("3");
  REQUIRE(third);
  CHECK(third->daemon_name == "pec-access");
  CHECK(third->recipients.empty());
  CHECK(third->message.body.view.empty());
}
