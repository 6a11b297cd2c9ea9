// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/envelope_address.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/texts.hpp"

#include <fmt/format.h>

namespace pec::milter {

namespace {

// Refuses an address. The log shows it as the client wrote it.
tl::unexpected<Refusal> refuse(Role role, const EnvelopeAddress& address, Reply reply,
                               std::string_view why, std::optional<ErrorSource> waits_for = {}) {
  const bool permanent = reply.permanent();
  return tl::unexpected(
      Refusal{std::move(reply),
              fmt::format("role={} action={} address={} reason=\"{}\"", name_of(role),
                          permanent ? "refuse" : "defer", text::printable(address.written), why),
              waits_for});
}

tl::expected<std::string, Refusal> in_one_form(Role role, const EnvelopeAddress& address,
                                               std::string_view macro,
                                               const std::string& enhanced) {
  const bool resolved = address.mailer != "error";
  if (resolved && address.resolved.empty())
    return refuse(role, address, reply_for({Fault::internal, {}, {}}),
                  fmt::format("Postfix does not send {}: correct milter_mail_macros and "
                              "milter_rcpt_macros in main.cf",
                              macro),
                  ErrorSource::internal);
  const auto written = text::without_brackets(address.written);
  // Only this address needs no domain (RFC 5321, 4.5.1).
  if (text::equals_ignoring_case(written, "postmaster") &&
      text::starts_with_ignoring_case(address.resolved, "postmaster@"))
    return std::string(address.resolved);
  auto plain = mime::plain_address(written);
  if (plain && (!resolved || mime::same_address(*plain, address.resolved))) return *plain;
  return refuse(role, address, {"553", enhanced, std::string(write_it_plainly)},
                fmt::format("not in the one form of an address; Postfix takes it for <{}>",
                            text::printable(address.resolved)));
}

}  // namespace

tl::expected<std::string, Refusal> sender_address(Role role, const EnvelopeAddress& sender) {
  const auto written = text::without_brackets(sender.written);
  if (written.empty()) return std::string();  // main.cf refuses it where it is not allowed
  if (role == Role::access) return in_one_form(role, sender, "{mail_addr}", "5.1.7");
  return mime::plain_address(written).value_or(std::string(written));
}

tl::expected<std::string, Refusal> recipient_address(Role role, const EnvelopeAddress& recipient) {
  if (role == Role::access || role == Role::incoming || role == Role::sieve)
    return in_one_form(role, recipient, "{rcpt_addr}", "5.1.3");
  return std::string(text::without_brackets(recipient.written));
}

}  // namespace pec::milter
