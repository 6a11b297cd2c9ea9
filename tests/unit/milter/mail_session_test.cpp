// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/mail_session.hpp"

#include "support/results.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

using namespace pec;
using namespace pec::milter;
using namespace pec::test;

namespace {

// Takes every recipient.
std::optional<Refusal> all(Transaction&, const std::string&) {
  return std::nullopt;
}

MailSession session() {
  return {Role::access, std::filesystem::temp_directory_path()};
}

}  // namespace

TEST_CASE("a transaction is collected as the mail server tells it") {
  auto mail = session();
  mail.begin({"<Anna@pec.alfa.example>", "anna@pec.alfa.example"}, "anna");
  CHECK_FALSE(
      mail.add_recipient({"<Bruno@pec.beta.example>", "bruno@pec.beta.example", "smtp"}, all));
  CHECK_FALSE(
      mail.add_recipient({"<carla@pec.alfa.example>", "carla@pec.alfa.example", "smtp"}, all));
  CHECK_FALSE(mail.add_header("Subject", " two\n\tlines "));
  CHECK_FALSE(mail.add_header("X-None", ""));
  REQUIRE(mail.add_body("a\r\n"));
  REQUIRE(mail.add_body("b\r\n"));
  const auto transaction = value_of(mail.finish("4ABC"));
  CHECK(transaction.role == Role::access);
  CHECK(transaction.queue_id == "4ABC");
  CHECK(transaction.login == "anna");
  CHECK(transaction.sender == "Anna@pec.alfa.example");
  CHECK(transaction.recipients ==
        std::vector<std::string>{"Bruno@pec.beta.example", "carla@pec.alfa.example"});
  CHECK(transaction.message.header.wire() == "Subject: two\r\n\tlines \r\nX-None:\r\n");
  CHECK(transaction.message.body.view == "a\r\nb\r\n");
}

TEST_CASE("a recipient that is refused is not in the transaction") {
  auto mail = session();
  mail.begin({"<a@x.example>", "a@x.example"}, "");
  const auto admit = [](Transaction& so_far,
                        const std::string& recipient) -> std::optional<Refusal> {
    CHECK(so_far.sender == "a@x.example");
    if (recipient == "good@y.example") return std::nullopt;
    return Refusal{{"452", "4.5.3", "not here"}, "log"};
  };
  CHECK_FALSE(mail.add_recipient({"<good@y.example>", "good@y.example", "smtp"}, admit));
  const auto refusal =
      value_of(mail.add_recipient({"<bad@y.example>", "bad@y.example", "smtp"}, admit));
  CHECK(refusal.reply.code == "452");
  const auto transaction = value_of(mail.finish("1"));
  CHECK(transaction.recipients == std::vector<std::string>{"good@y.example"});
}

TEST_CASE("an address is taken in one form, and kept without needless quotes", "[rule:2][rule:4]") {
  MailSession mail(Role::incoming, std::filesystem::temp_directory_path());
  const std::string bruno = "bruno@pec.beta.example";
  REQUIRE_FALSE(mail.begin({"<\"anna\"@pec.alfa.example>", "anna@pec.alfa.example"}, ""));
  std::vector<std::string> admitted;
  const auto admit = [&](Transaction&, const std::string& recipient) -> std::optional<Refusal> {
    admitted.push_back(recipient);
    return std::nullopt;
  };
  for (const char* const written :
       {"<bruno@pec.beta.example.>", "<bruno>", "<bruno(x)@pec.beta.example>",
        "<br\\uno@pec.beta.example>", "<@x.example:bruno@pec.beta.example>",
        "<bruno@pec.beta.example,>", "<bruno@\"pec.beta.example\">", "< bruno@pec.beta.example>",
        "<bruno@pec.beta.example >", "<\"bruno@pec.beta.example\">", "<<bruno@pec.beta.example>>",
        "bruno@pec.beta.example x"}) {
    INFO(written);
    const auto refusal = value_of(mail.add_recipient({written, bruno, "lmtp"}, admit));
    CHECK(refusal.reply.code == "553");
    CHECK(refusal.reply.enhanced == "5.1.3");
    CHECK_FALSE(refusal.waits_for.has_value());
  }
  CHECK(mail.add_recipient({"<bruno@pec.beta.example>", "carla@pec.beta.example", "lmtp"}, admit));
  CHECK(admitted.empty());

  CHECK_FALSE(mail.add_recipient({"<bruno@pec.beta.example>", bruno, "lmtp"}, admit));
  CHECK_FALSE(mail.add_recipient({"<\"br\\uno\"@Pec.Beta.example>", bruno, "lmtp"}, admit));
  CHECK_FALSE(mail.add_recipient(
      {"<\"b\\ r\"@pec.beta.example>", "\"b r\"@pec.beta.example", "lmtp"}, admit));
  // Postfix itself has refused it, or will fail to deliver it: the macro may hold any text then.
  CHECK_FALSE(
      mail.add_recipient({"<bruno@pec.beta.example>", "5.1.1 no such user", "error"}, admit));
  CHECK_FALSE(mail.add_recipient({"<Postmaster>", "postmaster@pec.beta.example", "lmtp"}, admit));
  const auto transaction = value_of(mail.finish("1"));
  CHECK(transaction.sender == "anna@pec.alfa.example");
  CHECK(transaction.recipients == std::vector<std::string>{bruno, "bruno@Pec.Beta.example",
                                                           "\"b r\"@pec.beta.example", bruno,
                                                           "postmaster@pec.beta.example"});
  CHECK(admitted == transaction.recipients);
  CHECK(transaction.as_written == std::vector<std::string>{bruno, "\"br\\uno\"@Pec.Beta.example",
                                                           "\"b\\ r\"@pec.beta.example", bruno,
                                                           "Postmaster"});
}

TEST_CASE("the sender of a submission is taken in one form, another's in any", "[rule:2]") {
  const std::string anna = "anna@pec.alfa.example";
  for (const char* const written :
       {"<anna@pec.alfa.example.>", "<anna>", "<@x.example:anna@pec.alfa.example>",
        "< anna@pec.alfa.example>", "<a\\nna@pec.alfa.example>"}) {
    INFO(written);
    auto mail = session();
    const auto refusal = value_of(mail.begin({written, anna}, anna));
    CHECK(refusal.reply.code == "553");
    CHECK(refusal.reply.enhanced == "5.1.7");
    MailSession incoming(Role::incoming, std::filesystem::temp_directory_path());
    CHECK_FALSE(incoming.begin({written, anna}, ""));
  }
  auto mail = session();
  CHECK_FALSE(mail.begin({"<\"anna\"@pec.alfa.example>", anna}, anna));
  CHECK(mail.finish("1")->sender == anna);
  CHECK_FALSE(mail.begin({"<>", ""}, anna));
  CHECK(mail.finish("2")->sender.empty());
}

TEST_CASE("without Postfix's word on an address nothing is taken", "[rule:4]") {
  MailSession incoming(Role::incoming, std::filesystem::temp_directory_path());
  CHECK_FALSE(incoming.begin({"<a@x.example>", ""}, ""));
  const auto refusal = value_of(incoming.add_recipient({"<b@y.example>", ""}, all));
  CHECK(refusal.reply.code == "451");
  CHECK(refusal.waits_for.has_value());
  auto mail = session();
  CHECK(mail.begin({"<a@x.example>", ""}, "a")->reply.code == "451");
  // Bounces come without it, and with bare addresses.
  MailSession bounces(Role::bounces, std::filesystem::temp_directory_path());
  CHECK_FALSE(bounces.begin({"", ""}, ""));
  CHECK_FALSE(bounces.add_recipient({"b@y.example", ""}, all));
  CHECK(bounces.finish("1")->as_written == std::vector<std::string>{"b@y.example"});
}

TEST_CASE("a header that is too large is refused, and the next message is not") {
  auto mail = session();
  mail.begin({"<a@x.example>", "a@x.example"}, "");
  const std::string line(most_header_bytes / 4, 'x');
  for (int i = 0; i < 3; ++i) CHECK_FALSE(mail.add_header("A", line));
  const auto refusal = value_of(mail.add_header("A", line));
  CHECK(refusal.reply == Reply{"550", "5.6.0", "The message's header is too large"});
  mail.begin({"<b@x.example>", "b@x.example"}, "");
  CHECK_FALSE(mail.add_header("A", line));
}

TEST_CASE("several messages of one connection do not mix, given up or not") {
  auto mail = session();
  mail.begin({"<a@x.example>", "a@x.example"}, "a");
  CHECK_FALSE(mail.add_recipient({"<one@y.example>", "one@y.example", "smtp"}, all));
  CHECK_FALSE(mail.add_header("Subject", " one"));
  REQUIRE(mail.add_body("one"));
  mail.reset();

  mail.begin({"<>", ""}, "");
  CHECK_FALSE(mail.add_recipient({"<two@y.example>", "two@y.example", "smtp"}, all));
  REQUIRE(mail.add_body("two"));
  const auto second = value_of(mail.finish("2"));
  CHECK(second.sender.empty());
  CHECK(second.login.empty());
  CHECK(second.recipients == std::vector<std::string>{"two@y.example"});
  CHECK(second.message.header.empty());
  CHECK(second.message.body.view == "two");

  mail.begin({"<b@x.example>", "b@x.example"}, "b");
  const auto third = value_of(mail.finish("3"));
  CHECK(third.role == Role::access);
  CHECK(third.recipients.empty());
  CHECK(third.message.body.view.empty());
}

TEST_CASE("messages in memory have a limit, and one that is given up makes room") {
  Share share({1'000'000, 1'000'000});
  const auto with_share = [&] {
    return MailSession(Role::incoming, std::filesystem::temp_directory_path(),
                       *share.take(Party::outside, 0));
  };
  auto one = with_share(), other = with_share();
  one.begin({"<a@b.example>", "a@b.example"}, "");
  other.begin({"<a@b.example>", "a@b.example"}, "");
  std::optional<Refusal> refusal;
  int fields = 0;
  for (; !refusal && fields < 100'000; ++fields) refusal = one.add_header("a", "");
  REQUIRE(refusal);
  CHECK(refusal->reply.code == "451");
  CHECK(fields < 5000);  // of one octet each: their memory counts
  CHECK_FALSE(other.add_body(std::string(1000, 'x')));
  one.reset();
  CHECK(other.add_body(std::string(1000, 'x')));
  REQUIRE(other.finish("Q"));
  {
    const auto held = value_of(other.hold_while_handled());
    CHECK(held.size() > 1000);
    CHECK_FALSE(share.take(Party::outside, 750'000));
  }
  CHECK(share.take(Party::outside, 750'000));
}
