// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/certified_failure.hpp"

#include "base/text.hpp"
#include "pec/texts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <initializer_list>

namespace pec {

namespace {

// "5.6.0 - PEC Alfa S.p.A. - ...": clients read the leading code.
std::string error_detail(std::string_view code, std::string_view provider,
                         std::string_view description) {
  return fmt::format("{} - {} - {}", code, provider, description);
}

bool holds(std::string_view words, std::initializer_list<std::string_view> some) {
  const auto lower = text::lower(words);
  return std::any_of(some.begin(), some.end(),
                     [&](std::string_view each) { return lower.find(each) != std::string::npos; });
}

// By the enhanced status code (RFC 3463). A host that gives no code is reported as 5.0.0: then its
// words decide. A temporary status means that the mail server has given up trying.
DeliveryFailure failure_of(const FailedRecipient& failed) {
  const std::string_view status = failed.status;
  const auto detail = status.substr(std::min(status.find('.'), status.size()));
  if (detail == ".2.2") return DeliveryFailure::full_mailbox;
  if (status.starts_with('4')) return DeliveryFailure::expired;
  const auto is_one_of = [&](std::initializer_list<std::string_view> some) {
    return std::find(some.begin(), some.end(), detail) != some.end();
  };
  if (is_one_of({".1.1", ".1.0", ".1.3", ".1.6"})) return DeliveryFailure::unknown_mailbox;
  if (is_one_of({".1.2", ".1.10", ".4.4"})) return DeliveryFailure::unknown_domain;
  if (detail == ".2.1") return DeliveryFailure::inactive_mailbox;
  if (status.empty() || detail == ".0.0") {
    if (holds(failed.diagnostic, {"user unknown", "unknown user", "no such user"}))
      return DeliveryFailure::unknown_mailbox;
    if (holds(failed.diagnostic, {"mailbox full", "mailbox is full", "quota"}))
      return DeliveryFailure::full_mailbox;
  }
  return DeliveryFailure::refused;
}

CertifiedError error_of(DeliveryFailure failure) {
  switch (failure) {
    case DeliveryFailure::unknown_mailbox:
      return CertifiedError::no_recipient;
    case DeliveryFailure::unknown_domain:
      return CertifiedError::no_domain;
    default:
      return CertifiedError::other;
  }
}

// The words of a host that anybody may run: only plain ASCII is repeated.
std::string quotable(std::string_view words) {
  constexpr std::size_t longest = 400;
  std::string out = text::printable(words.substr(0, longest));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) > 0x7e; }, '?');
  return words.size() > longest ? out + " ..." : out;
}

}  // namespace

CertifiedFailure certify_failure(const FailedRecipient& failed, const std::string& provider) {
  const auto failure = failure_of(failed);
  std::string code(code_of(failure));
  if (code.empty()) code = failed.status.empty() ? "5.0.0" : failed.status;
  std::string words(description_of(failure));
  if (!failed.diagnostic.empty()) words += fmt::format(" ({})", quotable(failed.diagnostic));
  return {error_of(failure), error_detail(code, provider, words)};
}

CertifiedFailure certify_failure(DeliveryFailure failure, const std::string& provider) {
  return {error_of(failure), error_detail(code_of(failure), provider, description_of(failure))};
}

CertifiedFailure certify_virus(std::string_view virus, const std::string& provider) {
  return {CertifiedError::virus, error_detail("5.5.1", provider, description_of_virus(virus))};
}

CertifiedFailure certify_bad_form(std::string_view description, const std::string& provider) {
  return {CertifiedError::other, error_detail("5.6.0", provider, description)};
}

}  // namespace pec
