// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/login_request.hpp"

#include "support/results.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace pec;
using namespace pec::policyd;
using namespace pec::test;
using Catch::Contains;

namespace {

// As Dovecot 2.3 sends it.
const std::string report =
    R"({"login":"Anna@pec.alfa.example","mark":"0fc5","mechanism":"PLAIN","protocol":"imap",)"
    R"("remote":"192.0.2.1","success":false,"policy_reject":true,"tls":"TLSv1.3"})";

std::string error_of(std::string_view json) {
  const auto request = test::error_of(parse_login_request(json));
  CHECK(request.fault == Fault::bad_input);
  return request.detail;
}

PasswordMark mark_of(const std::string& mechanism, const std::string& mark) {
  const auto request = value_of(
      parse_login_request(R"({"mechanism":")" + mechanism + R"(","mark":")" + mark + R"("})"));
  return request.mark;
}

}  // namespace

TEST_CASE("a question about a login is read, and what nobody asks for is passed over") {
  CHECK(parse_login_request(report) == LoginRequest{.account = "Anna@pec.alfa.example",
                                                    .address = "192.0.2.1",
                                                    .protocol = "imap",
                                                    .mark = "0fc5",
                                                    .success = false,
                                                    .refused = true});
  CHECK(parse_login_request(R"({"success":true})") == LoginRequest{.success = true});
}

TEST_CASE("a password is marked where one is sent, by a few bits alone") {
  CHECK(mark_of("LOGIN", "0fc5") == "0fc5");
  CHECK(mark_of("CRAM-MD5", "0fc5").empty());
  CHECK(mark_of("", "0fc5").empty());
  CHECK(mark_of("PLAIN", "0fc5a").empty());
}

TEST_CASE("other input than a question about a login is reported") {
  for (const std::string wrong : {"", "[]", "\"login\"", "{", "{\"login\":\"a\"", "\xff"})
    CHECK_THAT(error_of(wrong), Contains("not a JSON object"));
  for (const std::string wrong : {R"({"login":7})", R"({"login":null})", R"({"login":["a"]})"})
    CHECK_THAT(error_of(wrong), Contains("login has another type"));
  CHECK_THAT(error_of(R"({"success":"true"})"), Contains("success has another type"));
  CHECK_THAT(error_of(R"({"login":")" + std::string(longest_login_request, 'x') + "\"}"),
             Contains("longer than any request"));
}
