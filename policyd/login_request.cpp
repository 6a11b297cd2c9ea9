// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/login_request.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pec::policyd {

namespace {

using Json = nlohmann::json;

// A missing attribute is empty, or false.
template <class Value>
Result<void> take(const Json& object, const char* name, Value& value) {
  const auto found = object.find(name);
  if (found == object.end()) return {};
  const auto* given = found->get_ptr<
      const std::conditional_t<std::is_same_v<Value, bool>, Json::boolean_t, Json::string_t>*>();
  if (given == nullptr) return bad_input(fmt::format("{} has another type", name));
  value = *given;
  return {};
}

// If no password goes over the wire, or there is none, Dovecot makes the same mark each time. A
// mark that is too long comes from a site that has not limited it, and is dropped.
bool can_be_marked(std::string_view mechanism, const PasswordMark& mark) {
  return (mechanism == "PLAIN" || mechanism == "LOGIN") && mark.size() <= longest_password_mark;
}

}  // namespace

Result<LoginRequest> parse_login_request(std::string_view json) {
  if (json.size() > longest_login_request) return bad_input("longer than any request");
  const auto object = Json::parse(json, nullptr, false);
  if (!object.is_object()) return bad_input("not a JSON object");
  LoginRequest request;
  std::string mechanism;
  for (const auto& taken :
       {take(object, "login", request.account), take(object, "remote", request.address),
        take(object, "protocol", request.protocol), take(object, "mark", request.mark),
        take(object, "mechanism", mechanism), take(object, "success", request.success),
        take(object, "policy_reject", request.refused)})
    if (!taken) return tl::unexpected(taken.error());
  if (!can_be_marked(mechanism, request.mark)) request.mark.clear();
  return request;
}

}  // namespace pec::policyd
