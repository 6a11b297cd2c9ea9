// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/policy_request.hpp"

#include "support/results.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <string>

using namespace pec;
using namespace pec::policyd;
using namespace pec::test;
using Catch::Contains;

namespace {

// As Postfix 3.7 sends it at DATA, shortened.
const std::string at_data =
    "request=smtpd_access_policy\nprotocol_state=DATA\nprotocol_name=ESMTP\n"
    "client_address=127.0.0.1\nclient_name=localhost\nhelo_name=client.example\n"
    "sender=anna@pec.alfa.example\nrecipient=\nrecipient_count=501\nqueue_id=4Zx\n"
    "instance=1a2b.65f0.0\nsize=0\netrn_domain=\nsasl_method=PLAIN\n"
    "sasl_username=anna@pec.alfa.example\nsasl_sender=\nccert_subject=a=b=c\n"
    "policy_context=submission\n\n";

std::string error_of(std::string_view text) {
  const auto request = test::error_of(parse_request(text));
  CHECK(request.fault == Fault::bad_input);
  return request.detail;
}

}  // namespace

TEST_CASE("a request's attributes are read, and those that nobody asks for are passed over") {
  CHECK(parse_request(at_data) == PolicyRequest{.context = "submission",
                                                .state = "DATA",
                                                .login = "anna@pec.alfa.example",
                                                .sender = "anna@pec.alfa.example",
                                                .recipient = "",
                                                .recipient_count = 501,
                                                .instance = "1a2b.65f0.0"});
  CHECK(parse_request("request=smtpd_access_policy\n\n") == PolicyRequest{});
}

TEST_CASE("other input than a request is reported") {
  CHECK_THAT(error_of(""), Contains("no empty line"));
  CHECK_THAT(error_of("request=smtpd_access_policy\n"), Contains("no empty line"));
  CHECK_THAT(error_of("\n\n"), Contains("a line without"));
  CHECK_THAT(error_of("GET / HTTP/1.1\r\n\n\n"),
             Contains("a line without \"=\": \"GET / HTTP/1.1"));
  CHECK_THAT(error_of("sender=a@b.example\n\n"), Contains("not request="));
  CHECK_THAT(error_of("request=tlsproxy\n\n"), Contains("not request="));
  for (const std::string count : {"", "-1", "many", "1 ", "99999999999999999999"})
    CHECK_THAT(error_of("request=smtpd_access_policy\nrecipient_count=" + count + "\n\n"),
               Contains("recipient_count is not a number"));
  CHECK_THAT(
      error_of("request=smtpd_access_policy\nsender=" + std::string(longest_request, 'x') + "\n\n"),
      Contains("longer than any request"));
}

TEST_CASE("requests that are damaged at any place are read or refused, and nothing else") {
  std::mt19937 random(20261122);
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto text = at_data;
    for (int changes = 0; changes < 3; ++changes) {
      const auto at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, random() % 8 + 1);
          break;
        default:
          text.insert(at, 1, static_cast<char>(random()));
      }
    }
    const auto request = parse_request(text);
    if (!request) {
      ++refused;
      continue;
    }
    CHECK(request->sender.find('\n') == std::string::npos);
  }
  CHECK(refused > 0);
  CHECK(refused < 20'000);
}
