// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/formal_checks.hpp"

#include "pec/texts.hpp"
#include "support/domain_fixtures.hpp"
#include "support/results.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;

namespace {

OriginalFields fields_of(const std::string& header) {
  return read_original(message_of(header + "\r\nx\r\n").header);
}

// A row of a table: a header, and the flaw that a check finds (none: it is good).
struct Row {
  std::string header;
  FormalCheck expected;
};

template <class Check>
void check_rows(const Check& check, const std::vector<Row>& rows) {
  for (const auto& [header, expected] : rows) {
    CAPTURE(header);
    const auto found = check(fields_of(header));
    REQUIRE(found.has_value() == expected.has_value());
    if (found) {
      CHECK(static_cast<int>(found->rule) == static_cast<int>(expected->rule));
      CHECK(found->value == expected->value);
    }
  }
}

const FormalCheck good;

FormalCheck fails(FormalRule rule, std::string value = {}) {
  return FormalFailure{rule, std::move(value)};
}

mime::Message with_parts(const std::string& part_headers) {
  return message_of(
      "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" +
      part_headers + "\r\n\r\nx\r\n--b--\r\n");
}

}  // namespace

TEST_CASE("From holds exactly one valid address", "[rule:2][rule:3.1.1]") {
  check_rows(check_from,
             {
                 {"From: Anna <anna@pec.alfa.example>\r\n", good},
                 {"from: anna@pec.alfa.example (Anna)\r\n", good},
                 {"From: =?utf-8?q?Anna=2C_B?= <anna@pec.alfa.example>\r\n", good},
                 {"From: \"anna\"@pec.alfa.example\r\n", good},
                 {"To: b@y.example\r\n", fails(FormalRule::no_from)},
                 {"From:\r\n", fails(FormalRule::no_from)},
                 {"From: nobody:;\r\n", fails(FormalRule::no_from)},
                 {"From: anna\r\n", fails(FormalRule::invalid_from, "anna")},
                 {"From: Anna <>\r\n", fails(FormalRule::invalid_from, "")},
                 {"From: a@x.example, b@x.example\r\n", fails(FormalRule::several_from)},
                 {"From: a@x.example\r\nFrom: b@x.example\r\n", fails(FormalRule::several_from)},
                 {"From: a@x.example, junk\r\n", fails(FormalRule::several_from)},
             });
}

TEST_CASE("To holds at least one valid address", "[rule:2][rule:3.1.1]") {
  const auto bad = fails(FormalRule::no_valid_to);
  check_rows(check_to, {
                           {"To: Bruno <bruno@y.example>, nobody\r\n", good},
                           {"To: Group: a@x.example, b@x.example;\r\n", good},
                           {"To: nobody\r\nTo: a@x.example\r\n", good},
                           {"Cc: a@x.example\r\n", bad},
                           {"To: undisclosed-recipients:;\r\n", bad},
                           {"To: nobody\r\n", bad},
                           {"To:\r\n", bad},
                       });
}

TEST_CASE("the reverse path equals the From address", "[rule:2][rule:3.1.1]") {
  const std::string sender = "anna@pec.alfa.example";
  const auto bad = fails(FormalRule::sender_is_not_from, sender);
  check_rows([&](const OriginalFields& fields) { return check_sender(fields, sender); },
             {
                 {"From: Anna <Anna@PEC.alfa.example>\r\n", good},
                 {"From: \"anna\"@pec.alfa.example\r\n", good},
                 {"From: eve@pec.alfa.example\r\n", bad},
                 {"Subject: x\r\n", good},
             });
}

TEST_CASE("every SMTP recipient is a valid address", "[rule:2][rule:3.1.1]") {
  CHECK_FALSE(check_addresses({"a@x.example", "\"a b\"@x.example"}));
  const auto failure =
      value_of(check_addresses({"a@x.example", "a", "a@[192.0.2.1]",
                                std::string(65, 'a') + "@x.example", "\xe8@x.example"}));
  CHECK(failure.rule == FormalRule::invalid_recipients);
  CHECK(failure.value ==
        "a, a@[192.0.2.1], " + std::string(65, 'a') + "@x.example, \xe8@x.example");
}

TEST_CASE("a recipient is short enough for notices about it", "[rule:2][rule:6]") {
  const auto of_size = [](std::size_t octets) {
    const std::string domain = "." + std::string(60, 'b') + "." + std::string(60, 'c') + ".example";
    const std::string start = "anna@";
    return start + std::string(octets - start.size() - domain.size(), 'a') + domain;
  };
  CHECK_FALSE(check_addresses({of_size(longest_recipient)}));
  CHECK(check_addresses({of_size(longest_recipient + 1)}));
  for (const auto event :
       {InternalEvent::acceptance, InternalEvent::take_charge, InternalEvent::delivery,
        InternalEvent::virus_found, InternalEvent::virus_told, InternalEvent::non_delivery,
        InternalEvent::early_notice, InternalEvent::timeout_notice})
    CHECK(format_internal({event, of_size(longest_recipient), morning}, "id@x.example",
                          PlainAuthenticator("secret")));
}

TEST_CASE("every SMTP recipient must be in To or Cc", "[rule:2][rule:3.1.1]") {
  const std::vector<std::string> recipients{"bruno@Y.example", "carla@x.example",
                                            "dario@z.example"};
  const auto missing = [](const std::string& which) {
    return fails(FormalRule::hidden_recipients, which);
  };
  check_rows(
      [&](const OriginalFields& fields) { return check_recipients(fields, recipients); },
      {
          {"To: Bruno <BRUNO@y.example>, Group: carla@x.example;\r\n"
           "Cc: =?utf-8?q?=C3=A8?= <dario@z.example>\r\n",
           good},
          {"To: \"bruno\"@y.example, carla@x.example, dario@z.example, more@x.example\r\n", good},
          {"To: bruno@y.example\r\nTo: carla@x.example\r\nCc: dario@z.example (D)\r\n", good},
          {"To: bruno@y.example\r\nBcc: carla@x.example\r\nReply-To: dario@z.example\r\n",
           missing("carla@x.example, dario@z.example")},
          {"Subject: x\r\n", missing("bruno@Y.example, carla@x.example, dario@z.example")},
      });
}

TEST_CASE("Bcc holds no value", "[rule:2][rule:3.1.1]") {
  check_rows(check_bcc, {
                            {"To: a@x.example\r\n", good},
                            {"Bcc:\r\n", good},
                            {"Bcc: \r\n \r\n", good},
                            {"Bcc: a@x.example\r\n", fails(FormalRule::bcc)},
                            {"Bcc:\r\nBCC: a@x.example\r\n", fails(FormalRule::bcc)},
                            {"Bcc: not an address\r\n", fails(FormalRule::bcc)},
                        });
}

TEST_CASE("a date, if there is one, is one by RFC 5322 (3.3, 4.3)", "[rule:2][rule:3.1.1]") {
  const auto bad = [](const std::string& value) { return fails(FormalRule::invalid_date, value); };
  std::vector<Row> rows{{"Subject: x\r\n", good}};
  for (const std::string value :
       {"Sun, 22 Nov 2026 05:11:00 +0100", "22 Nov 26 05:11 EST (obsolete form)",
        "30 Nov 2026 09:02 GMT", "Mon, 30 Nov 2026 09:02:04 +0100 (GMT+01:00)",
        "mon , (a (nested \\) one)) 1 nov 126 05 : 11 : 60 Z",
        "Sun, 22 Nov 2026 05:11:00\r\n +0100"})
    rows.push_back({"Date: " + value + "\r\n", good});
  for (const std::string value :
       {"", "yesterday", "32 Nov 2026 05:11:00 +0100", "dom, 22 Nov 2026 05:11:00 +0100",
        "Mon, 30 Nov 2026 9:02:04 +0100", "Mon Nov 30 09:02:04 2026", "2026-11-30T09:02:04+01:00",
        "Mon, 30 Nov 2026 09:02:04 Europe/Rome", "Mon, 30 Nov 2026 09:02:04",
        "Mon, 30 Nov 2026 24:02:04 +0100", "Mon, 30 Nov 2026 09:02:04 +0160",
        "Mon, 30 Nov 2026 09:02:04 +0100 (", "30Nov 2026 09:02:04 +0100", "29 Feb 2027 09:02 GMT",
        "Mon, 30 Nov 2026 09:02:04 +01000", "Mon, 30 Nov 2026 09:02:04 +0100 x",
        "1 Jan 1850 09:02 GMT"})
    rows.push_back({"Date: " + value + "\r\n", bad(value)});
  check_rows(check_date, rows);
}

TEST_CASE("a Message-ID, if there is one, can be repeated as it is (RFC 5322, 3.6.4)",
          "[rule:2][rule:3.1.1]") {
  const auto bad = [](const std::string& value) {
    return fails(FormalRule::invalid_message_id, value);
  };
  const auto longest = "<" + std::string(1000, '1') + "@x>";
  check_rows(check_message_id,
             {
                 {"Subject: x\r\n", good},
                 {"Message-ID: <1$a.b@client>\r\n", good},
                 {"Message-ID: <[1@client]>\r\n", good},
                 {"Message-ID:\r\n <1@client>\r\n", good},
                 {"Message-ID: <1@client> (by a (nested) one)\r\n", good},
                 {"Message-ID: (x)\r\n (y) <1@client>\r\n (z) \r\n", good},
                 {"Message-ID:\r\n", bad("")},
                 {"Message-ID: 1@client\r\n", bad("1@client")},
                 {"Message-ID: <<1@client>>\r\n", bad("<<1@client>>")},
                 {"Message-ID: <>\r\n", bad("<>")},
                 {"Message-ID: <1@client> (x\r\n", bad("<1@client> (x")},
                 {"Message-ID: <1@client> x\r\n", bad("<1@client> x")},
                 {"Message-ID: <1 2@client>\r\n", bad("<1 2@client>")},
                 {"Message-ID: <1@client> <2@client>\r\n", bad("<1@client> <2@client>")},
                 {"Message-ID: <\xe8@client>\r\n", bad("<?@client>")},
                 {"Message-ID: " + longest + "\r\n", bad(longest.substr(0, 200) + "...")},
             });
}

TEST_CASE("no line of the body is longer than the limit (RFC 5322, 2.1.1)", "[rule:2]") {
  FormalLimits limits;
  const std::string full(998, 'x'), more(999, 'x');
  const auto found_in = [&](const std::string& body) {
    const auto failure = check_lines(body, limits);
    return failure ? failure->value : "";
  };
  CHECK(found_in("").empty());
  CHECK(found_in(full).empty());
  CHECK(found_in(full + "\r\n" + full + "\r\n").empty());
  CHECK(found_in(more) == "1, massimo 998");
  CHECK(found_in("a\r\n\r\n" + more + "\r\nb\r\n" + more) == "3, 5, massimo 998");
  CHECK(found_in(text::replace_all(std::string(9, '.'), ".", more + "\r\n")) ==
        "1, 2, 3, 4, 5, ..., massimo 998");
  limits.line_length = 999;
  CHECK(found_in(more + "\r\n").empty());
}

TEST_CASE("fields that may occur once do (RFC 5322, 3.6)", "[rule:2][rule:3.1.1]") {
  const auto repeated = [](const std::string& which) {
    return fails(FormalRule::repeated_fields, which);
  };
  check_rows(
      check_single_fields,
      {
          {"Subject: a\r\nReceived: x\r\nReceived: y\r\nComments: a\r\nComments: b\r\n", good},
          {"MIME-Version: 1.0\r\nMime-Version: 1.0 (x)\r\n", good},
          {"Subject: a\r\nsubject: b\r\nTo: a\r\n", repeated("subject")},
          {"To: a\r\nTo: b\r\nTo: c\r\nDate: x\r\nDate: x\r\n", repeated("To, Date")},
          {"Content-Type: text/plain\r\nContent-Type: text/html\r\n", repeated("Content-Type")},
      });
}

TEST_CASE("each field that may occur once is refused if it occurs twice", "[rule:2][rule:3.1.1]") {
  for (const std::string name :
       {"From", "To", "Cc", "Bcc", "Reply-To", "Subject", "Message-ID", "Date", "Sender",
        "In-Reply-To", "References", "Content-Type", "Content-Transfer-Encoding",
        "Content-Disposition", "X-TipoRicevuta"}) {
    const auto failure =
        value_of(check_single_fields(fields_of(name + ": a\r\n" + name + ": a\r\n")));
    CHECK(failure.value == name);
  }
}

TEST_CASE("header fields are of the octets that RFC 5322, 2.2 allows", "[rule:2][rule:3.1.1]") {
  const auto unclean = [](const std::string& which) {
    return fails(FormalRule::unclean_fields, which);
  };
  check_rows(check_octets, {
                               {"Subject: a\tb\r\n c\r\n\td\r\nX-1!#$: ~\r\n", good},
                               {"Subject: citt\xe0\r\n", unclean("Subject")},
                               {"Subject: città\r\nTo: à@x.example\r\n", unclean("Subject, To")},
                               {"Subject: a\x01\r\n", unclean("Subject")},
                               {"Subject: a\x7f\r\n", unclean("Subject")},
                               {"Subject : a\r\n", unclean("Subject")},
                           });
}

TEST_CASE("of many wrong fields the first twenty are named") {
  std::string header, names;
  for (int i = 0; i < 30; ++i) header += "X-" + std::to_string(i) + ": \x01\r\n";
  for (int i = 0; i < 20; ++i) names += "X-" + std::to_string(i) + ", ";
  const auto failure = value_of(check_octets(fields_of(header)));
  CHECK(failure.value == names + "...");
}

TEST_CASE("a header field that the mail server may have cut is refused", "[rule:2][rule:3.1.1]") {
  const auto with_field = [](std::size_t size) {
    return "X-Long: " + std::string(size, 'x') + "\r\nX-Short: y\r\n";
  };
  check_rows(check_field_sizes,
             {
                 {with_field(49'000), good},
                 {with_field(50'000), fails(FormalRule::oversized_fields, "X-Long")},
                 {"Subject: " + std::string(most_subject_octets, 'x') + "\r\n", good},
                 {"Subject: " + std::string(most_subject_octets + 1, 'x') + "\r\n",
                  fails(FormalRule::oversized_fields, "Subject")},
                 {"Subject: " + std::string(50'000, 'x') + "\r\n",
                  fails(FormalRule::oversized_fields, "Subject")},
             });
}

TEST_CASE("the size is within the limit", "[rule:2][rule:3.1.1]") {
  FormalLimits limits;
  CHECK(limits.message_size == 31457280);
  CHECK_FALSE(check_size(31457280, limits));
  const auto failure = value_of(check_size(31457281, limits));
  CHECK(failure.rule == FormalRule::too_large);
  CHECK(failure.value == "31457281 byte, massimo 31457280 byte");
}

TEST_CASE("the size times the recipients is within the limit", "[rule:2][rule:3.1.1]") {
  FormalLimits limits;
  limits.total_size = 1000;
  CHECK_FALSE(check_total_size(1000, 0, limits));
  CHECK_FALSE(check_total_size(1000, 1, limits));
  CHECK_FALSE(check_total_size(250, 4, limits));
  CHECK_FALSE(check_total_size(333, 3, limits));
  const auto failure = value_of(check_total_size(334, 3, limits));
  CHECK(failure.rule == FormalRule::too_large_in_total);
  CHECK(failure.value == "334 byte per 3 destinatari, massimo 1000 byte");
  CHECK(check_total_size(std::uint64_t{1} << 40, std::size_t{1} << 40, limits));
}

TEST_CASE("To holds at most 250 addresses", "[rule:2]") {
  const auto with_addresses = [](int count) {
    std::string header = "To: a0@x.example";
    for (int i = 1; i < count; ++i) header += ",\r\n a" + std::to_string(i) + "@x.example";
    return fields_of(header + "\r\nCc: b@x.example\r\n");
  };
  CHECK_FALSE(check_to_count(with_addresses(250), FormalLimits{}));
  const auto failure = value_of(check_to_count(with_addresses(251), FormalLimits{}));
  CHECK(failure.rule == FormalRule::too_many_to);
  CHECK(failure.value == "251, massimo 250");
}

TEST_CASE("attachments of a forbidden type are found by any of their extensions", "[rule:2]") {
  FormalLimits limits;
  limits.forbidden_extensions = {"exe", "scr"};
  const auto found_in = [&](const std::string& part_headers) {
    const auto failure = check_attachments(read_structure(with_parts(part_headers)), limits);
    return failure ? failure->value : "";
  };
  const std::string file = "Content-Disposition: attachment; filename=";
  CHECK(found_in(file + "\"a.exe\"") == "a.exe");
  CHECK(found_in(file + "A.EXE") == "A.EXE");
  CHECK(found_in(file + "\"fattura.pdf.exe\"") == "fattura.pdf.exe");
  CHECK(found_in(file + "\"a.exe.pdf\"") == "a.exe.pdf");
  CHECK(found_in(file + "\"a.exe. \"") == "a.exe.");
  CHECK(found_in(file + "\"a.exe_\"") == "a.exe_");
  CHECK(found_in(file + "\"a. exe\"") == "a. exe");
  CHECK(found_in("Content-Type: text/plain; name=\"b.scr\"\r\n" + file + "\"b.txt\"") == "b.scr");
  CHECK(found_in("Content-Type: text/plain; name*=utf-8''%C3%A8.scr") == "è.scr");
  CHECK(found_in("Content-Type: text/plain; name=\"=?utf-8?q?=C3=A8=2Escr?=\"") == "è.scr");
  CHECK(found_in("Content-Type: message/rfc822\r\n\r\n" + file + "c.exe") == "c.exe");

  CHECK(found_in(file + "\"a.pdf\"").empty());
  CHECK(found_in(file + "\"exe\"").empty());
  CHECK(found_in(file + "\"a.executive.txt\"").empty());
  CHECK(found_in("Content-Type: text/plain").empty());
  CHECK_FALSE(check_attachments(read_structure(with_parts(file + "a.exe")), FormalLimits{}));

  limits.forbidden_extensions = {"7z", "ps1"};
  CHECK(found_in(file + "a.7z") == "a.7z");
  CHECK(found_in(file + "\"a.PS1 \"") == "a.PS1");
  CHECK(found_in(file + "a.ps2").empty());
}

TEST_CASE("a message's structure is within what all can read of it wrapped", "[rule:2][rule:4]") {
  using Rules = std::vector<FormalRule>;
  FormalLimits any_lines;
  any_lines.line_length = 1'000'000;
  const auto found_in = [&](const std::string& fields, const std::string& body) {
    const auto message = message_of(
        text::replace_all(simple_original, "\r\n\r\nCiao.\r\n", "\r\n" + fields + "\r\n" + body));
    std::vector<FormalRule> rules;
    for (const auto& failure : check_formally(message, read_original(message.header),
                                              simple_submission(), 3, any_lines)) {
      rules.push_back(failure.rule);
      CHECK(description_of({failure}).find("massimo " + failure.value) != std::string::npos);
    }
    return rules;
  };
  const std::string type = "Content-Type: multipart/mixed; boundary=b\r\n";
  const auto parts = [](std::size_t count) {
    std::string body;
    for (std::size_t i = 0; i < count; ++i) body += "--b\r\n\r\nx\r\n";
    return body + "--b--\r\n";
  };
  CHECK(found_in(type, parts(most_structure.max_parts - 1)).empty());
  CHECK(found_in(type, parts(most_structure.max_parts)) == Rules{FormalRule::too_many_parts});

  const auto messages = [](std::size_t depth) {
    std::string body = "Content-Type: message/rfc822\r\n\r\n";
    return text::replace_all(std::string(depth, '.'), ".", body) + "\r\nx\r\n";
  };
  const std::string attached = "Content-Type: message/rfc822\r\n";
  CHECK(found_in(attached, messages(most_structure.max_depth - 1)).empty());
  CHECK(found_in(attached, messages(most_structure.max_depth)) ==
        Rules{FormalRule::too_deep_parts});

  // 300 attached messages with 8 kB of header each.
  const auto with_headers = [](std::size_t octets) {
    std::string body;
    const auto part = "--b\r\nX: " + std::string(8000, 'x') + "\r\n\r\nx\r\n";
    for (std::size_t i = 0; i < octets / 8000; ++i) body += part;
    return body + "--b--\r\n";
  };
  CHECK(found_in(type, with_headers(most_structure.max_header_octets - 8000)).empty());
  CHECK(found_in(type, with_headers(2'400'000)) == Rules{FormalRule::too_much_header});
  const auto own = [](int fields) {
    return text::replace_all(std::string(static_cast<std::size_t>(fields), '.'), ".",
                             "X-Long: " + std::string(40'000, 'x') + "\r\n");
  };
  CHECK(found_in(own(12), "x\r\n").empty());
  CHECK(found_in(own(13), "x\r\n") == Rules{FormalRule::too_large_header});
  // The message's own header is one of all headers.
  CHECK(found_in(type + own(12), with_headers(most_structure.max_header_octets - 400'000)) ==
        Rules{FormalRule::too_much_header});
}

TEST_CASE("the structure that is accepted leaves room for what wraps it", "[rule:2]") {
  // A transport envelope, an anomaly envelope around it, and one more.
  constexpr std::size_t levels = 4, parts = 8, header_octets = 90'000;
  const mime::ParseLimits readers;
  CHECK(most_structure.max_depth + 3 * levels <= readers.max_depth);
  CHECK(most_structure.max_parts + 3 * parts <= readers.max_parts);
  CHECK(most_structure.max_header_octets + 3 * header_octets <= readers.max_header_octets);
}

TEST_CASE("all failures of a message are listed", "[rule:2]") {
  const auto check = [](const mime::Message& message, const Submission& submission) {
    FormalLimits limits;
    limits.total_size = 100;
    limits.message_size = 200;
    return check_formally(message, read_original(message.header), submission, 3, limits);
  };
  std::vector<FormalRule> rules;
  for (const auto& failure : check(message_of("Bcc: x@y.example\r\nDate: x\r\n\r\nx"),
                                   {"a@x.example", "a@x.example", {"b@x.example"}}))
    rules.push_back(failure.rule);
  CHECK(rules == std::vector{FormalRule::no_from, FormalRule::no_valid_to,
                             FormalRule::hidden_recipients, FormalRule::bcc,
                             FormalRule::invalid_date});
  const auto simple = message_of(simple_original);
  const auto sizes = check(simple, simple_submission());
  REQUIRE(sizes.size() == 1);
  CHECK(sizes.front().rule == FormalRule::too_large);
  CHECK(check_formally(simple, read_original(simple.header), simple_submission(), 3, {}).empty());
}

TEST_CASE("a message that fails one check fails as a whole", "[rule:2][rule:3.1.1]") {
  struct Row {
    FormalRule rule;
    std::string from, to;  // the one flaw: what of the good message becomes what
    Submission submission = simple_submission();
    FormalLimits limits = {};
  };
  const auto sent_by = [](const std::string& sender) {
    auto submission = simple_submission();
    submission.sender = sender;
    return submission;
  };
  const auto sent_to = [](const std::string& recipient) {
    auto submission = simple_submission();
    submission.recipients.push_back(recipient);
    return submission;
  };
  FormalLimits small, small_in_total, few, no_programs;
  small.message_size = 100;
  small_in_total.total_size = 500;
  few.to_addresses = 0;
  no_programs.forbidden_extensions = {"exe"};
  const std::string cc = "Cc: carla@pec.alfa.example", id = "<client-1@pec.alfa.example>";
  const std::vector<Row> rows{
      {FormalRule::no_from, "From: Anna <anna@pec.alfa.example>\r\n", ""},
      {FormalRule::no_valid_to,
       "To: Bruno <bruno@pec.beta.example>\r\nCc: ", "Cc: bruno@pec.beta.example, "},
      {FormalRule::sender_is_not_from, "", "", sent_by("eva@pec.alfa.example")},
      {FormalRule::invalid_recipients, cc, cc + ", a@[192.0.2.1]", sent_to("a@[192.0.2.1]")},
      {FormalRule::hidden_recipients, "", "", sent_to("eva@ordinaria.example")},
      {FormalRule::bcc, cc, "Bcc: eva@ordinaria.example\r\n" + cc},
      {FormalRule::invalid_date, "Date: ", "Date: x"},
      {FormalRule::long_lines, "Ciao.", std::string(999, 'x')},
      {FormalRule::invalid_message_id, id, "client-1"},
      {FormalRule::repeated_fields, cc, "Sender: a\r\nSender: a\r\n" + cc},
      {FormalRule::unclean_fields, "Prova", "Prov\xe0"},
      {FormalRule::oversized_fields, "Prova", std::string(50'000, 'x')},
      {FormalRule::too_large, "", "", simple_submission(), small},
      {FormalRule::too_large_in_total, "", "", simple_submission(), small_in_total},
      {FormalRule::too_many_to, "", "", simple_submission(), few},
      {FormalRule::forbidden_attachments, cc, "Content-Type: text/plain; name=a.exe\r\n" + cc,
       simple_submission(), no_programs},
  };
  for (const auto& row : rows) {
    const auto whole =
        row.from.empty() ? simple_original : text::replace_all(simple_original, row.from, row.to);
    CAPTURE(whole.substr(0, 500));
    REQUIRE((row.from.empty() || whole != simple_original));
    const auto message = message_of(whole);
    const auto failures = check_formally(message, read_original(message.header), row.submission,
                                         row.submission.recipients.size(), row.limits);
    REQUIRE(failures.size() == 1);
    CHECK(static_cast<int>(failures.front().rule) == static_cast<int>(row.rule));
  }
}
