// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/internal_recipient.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "mime/digest.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace pec {

namespace {

constexpr std::size_t mac_bytes = 20;  // 160 bits: 32 base32 digits, one DNS label with the tag
constexpr std::size_t mac_size = 32;
constexpr std::size_t max_address = 254;

// The first three pieces hold no line end, and no event holds a blank: the text is unambiguous.
std::string mac_over(std::string_view recipient, const InternalRecipient& internal,
                     std::string_view bound_to, const Authenticator& authenticator) {
  const auto mac =
      authenticator.mac(fmt::format("{}\n{}\n{}\n{}", incident_name(internal), recipient,
                                    internal.at.time_since_epoch().count(), bound_to));
  return text::base32(std::string_view(mac).substr(0, mac_bytes));
}

// The forms that a genuine mac may cover. New macs cover the canonical form. Macs of earlier
// versions, still in the queue, cover the recipient in lower case with all its quotes, which
// Postfix may have removed since. All forms name the same mailbox. For most addresses they are
// equal.
std::vector<std::string> forms_of(std::string_view recipient) {
  const auto lower = text::lower(recipient);
  return {mime::canonical_address(recipient), lower,
          fmt::format("\"{}\"@{}", mime::local_part_of(lower), mime::domain_of(lower))};
}

// Cuts the last label off `domain` and returns it.
std::string_view take_last_label(std::string_view& domain) {
  const auto dot = domain.rfind('.');
  if (dot == std::string_view::npos) return std::exchange(domain, {});
  const auto label = domain.substr(dot + 1);
  domain = domain.substr(0, dot);
  return label;
}

}  // namespace

std::string mailbox_tag(std::string_view mailbox) {
  return text::base32(mime::sha256(mime::canonical_address(mailbox))).substr(0, mailbox_tag_size);
}

std::string incident_name(const InternalRecipient& internal) {
  const auto event = wire_name(internal.event);
  return internal.mailbox_tag.empty() ? std::string(event)
                                      : fmt::format("{} {}", event, internal.mailbox_tag);
}

std::optional<MissingReceipt> missing_receipt(std::string_view incident_name) {
  const auto blank = std::min(incident_name.find(' '), incident_name.size());
  const auto event = internal_event_from_wire(incident_name.substr(0, blank));
  const auto tag = incident_name.substr(std::min(blank + 1, incident_name.size()));
  if (!event || (blank < incident_name.size() && tag.size() != mailbox_tag_size))
    return std::nullopt;
  return MissingReceipt{*event, std::string(tag)};
}

Result<std::string> format_internal(const InternalRecipient& internal, std::string_view bound_to,
                                    const Authenticator& authenticator) {
  auto address = fmt::format(
      "{}.{}.{}{}.{}.{}", internal.recipient, internal.at.time_since_epoch().count(),
      mac_over(mime::canonical_address(internal.recipient), internal, bound_to, authenticator),
      internal.mailbox_tag, wire_name(internal.event), internal_domain);
  if (address.size() > max_address)
    return bad_input(fmt::format("recipient address too long for an internal recipient: {}",
                                 text::printable(internal.recipient)));
  return address;
}

bool looks_internal(std::string_view address) {
  return text::ends_with_ignoring_case(address, internal_domain);
}

std::optional<InternalEvent> internal_event_in(std::string_view address) {
  if (!text::ends_with_ignoring_case(address, fmt::format(".{}", internal_domain)))
    return std::nullopt;
  address.remove_suffix(internal_domain.size() + 1);
  return internal_event_from_wire(take_last_label(address));
}

Result<InternalRecipient> parse_internal(std::string_view address, std::string_view bound_to,
                                         const Authenticator& host_group,
                                         const Authenticator& delivery_point) {
  const auto rejected = [&](std::string_view why) {
    return fail(Fault::rejected, "not an internal recipient of this system",
                fmt::format("{}: {}", why, text::printable(address)));
  };
  if (!text::ends_with_ignoring_case(address, fmt::format(".{}", internal_domain)))
    return rejected("not an internal recipient");

  std::string_view rest = address.substr(0, address.size() - internal_domain.size() - 1);
  const auto event = internal_event_from_wire(take_last_label(rest));
  if (!event) return rejected("unknown internal event");
  const auto label = text::lower(take_last_label(rest));
  const auto mac = label.substr(0, mac_size), tag = label.substr(std::min(mac_size, label.size()));
  if (!tag.empty() && tag.size() != mailbox_tag_size)
    return rejected("internal recipient with a part of a mailbox's tag");
  const auto stamp = take_last_label(rest);

  long long seconds = 0;
  const auto [end, error] = std::from_chars(stamp.data(), stamp.data() + stamp.size(), seconds);
  // The mac covers the number. Another spelling of the number would make a second good address.
  if (error != std::errc() || end != stamp.data() + stamp.size() ||
      stamp != fmt::to_string(seconds))
    return rejected("internal recipient without a time stamp");
  if (rest.empty()) return rejected("internal recipient for nobody");

  InternalRecipient internal{*event, std::string(rest), Instant(std::chrono::seconds(seconds)),
                             tag};
  const auto& authenticator =
      internal.event == InternalEvent::delivery ? delivery_point : host_group;
  for (const auto& form : forms_of(internal.recipient))
    if (text::equals_in_constant_time(mac, mac_over(form, internal, bound_to, authenticator)))
      return internal;
  return rejected("internal recipient with a wrong mac");
}

}  // namespace pec
