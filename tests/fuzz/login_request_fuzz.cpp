// SPDX-License-Identifier: GPL-2.0-or-later

// Dovecot's questions about logins to pec-policyd (policyd/login_request.hpp).
//
// Input: a request, or other input in its place.
// - Printed, a request reads the same; unknown attributes change nothing.
// - Any other input is refused with one line.
#include "fuzz/property.hpp"
#include "policyd/login_request.hpp"

#include <nlohmann/json.hpp>
#include <string>

using namespace pec::policyd;
using pec::fuzz::must_hold;

namespace {

nlohmann::json object_of(const LoginRequest& request) {
  return {{"login", request.account},
          {"remote", request.address},
          {"protocol", request.protocol},
          {"mechanism", request.mark.empty() ? "" : "PLAIN"},
          {"mark", request.mark},
          {"success", request.success},
          {"policy_reject", request.refused}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = parse_login_request(pec::fuzz::text_of(data, size));
  if (!request) {
    must_hold(pec::fuzz::on_one_line(request.error().detail), "a complaint is one line");
    return 0;
  }
  must_hold(request->mark.size() <= longest_password_mark, "a mark tells no password");
  auto object = object_of(*request);
  const auto printed = object.dump();
  if (printed.size() + 16 > longest_login_request) return 0;
  const auto again = parse_login_request(printed);
  must_hold(again.has_value() && *again == *request, "printed, a request reads the same");
  object["tls"] = "idle";
  const auto more = parse_login_request(object.dump());
  must_hold(more.has_value() && *more == *request, "an idle attribute changes nothing");
  return 0;
}
