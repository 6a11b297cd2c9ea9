// SPDX-License-Identifier: GPL-2.0-or-later

// Postfix's questions to the policy daemon (policyd/policy_request.hpp).
//
// Input: a request, or other input in its place.
// - Printed, a request reads the same; attributes that the rules don't ask for change nothing.
// - Any other input is refused with one line.
#include "fuzz/property.hpp"
#include "policyd/policy_request.hpp"

#include <fmt/format.h>
#include <string>

using namespace pec::policyd;
using pec::fuzz::must_hold;

namespace {

std::string printed(const PolicyRequest& request) {
  return fmt::format(
      "request=smtpd_access_policy\npolicy_context={}\nprotocol_state={}\nsasl_username={}\n"
      "sender={}\nrecipient={}\nrecipient_count={}\ninstance={}\n\n",
      request.context, request.state, request.login, request.sender, request.recipient,
      request.recipient_count, request.instance);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(pec::fuzz::text_of(data, size));
  const auto request = parse_request(input);
  if (!request) {
    must_hold(pec::fuzz::on_one_line(request.error().detail), "a complaint is one line");
    return 0;
  }
  for (const auto* value : {&request->context, &request->state, &request->login, &request->sender,
                            &request->recipient, &request->instance})
    must_hold(value->find('\n') == std::string::npos, "a value is one line");

  const auto again = parse_request(printed(*request));
  must_hold(again.has_value() && *again == *request, "printed, a request reads the same");
  if (input.size() + 16 > longest_request) return 0;
  const auto more = parse_request("ccert_subject=\n" + input);
  must_hold(more.has_value() && *more == *request, "an idle attribute changes nothing");
  return 0;
}
