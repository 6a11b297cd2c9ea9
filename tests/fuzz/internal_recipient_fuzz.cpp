// SPDX-License-Identifier: GPL-2.0-or-later

// Internal recipients (common/pec/internal_recipient.hpp): anybody who could forge one could have
// receipts signed.
//
// Input: six lines: recipient, Message-ID, seconds since 1970, the event's name, an edit (position,
// "+", "-" or "=", octet), and an address as somebody might send it.
// - It reads back as it was made, in any case, with needless quotes or without.
// - It is good for nothing else: not for another message, not when edited anywhere, not under the
//   other secret.
// - An address from outside is never good.
#include "base/text.hpp"
#include "fuzz/property.hpp"
#include "mime/address.hpp"
#include "pec/internal_recipient.hpp"
#include "smime/hmac.hpp"

#include <charconv>
#include <string>

using namespace pec;
using fuzz::cut_line;
using fuzz::must_hold;

namespace {

const smime::HmacAuthenticator host_group({1, 2, 3});
const smime::HmacAuthenticator delivery_point({3, 2, 1});

std::int64_t number_in(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// "17=x": the octet at 17 becomes x; "17-": it is left out; "17+x": x is put before it.
std::string edited(std::string address, std::string_view edit) {
  const auto operation = edit.find_first_of("+-=");
  if (operation == std::string_view::npos || address.empty()) return address;
  const auto at = static_cast<std::size_t>(number_in(edit)) % address.size();
  const auto octet = edit.substr(operation + 1, 1);
  return address.replace(at, edit[operation] == '+' ? 0 : 1,
                         edit[operation] == '-' ? std::string_view() : octet);
}

void check_address(const InternalRecipient& internal, const std::string& id,
                   const std::string& address, std::string_view edit) {
  const auto read = [&](const std::string& text) {
    return parse_internal(text, id, host_group, delivery_point);
  };
  const auto as_made = read(address);
  must_hold(as_made.has_value() && *as_made == internal, "what was made is read as it was made");
  must_hold(looks_internal(address), "what was made looks internal");
  must_hold(read(text::lower(address)).has_value(), "case doesn't matter");
  must_hold(read(mime::canonical_address(address)).has_value(), "needless quotes don't matter");

  const std::string other = edited(address, edit);
  if (mime::canonical_address(other) != mime::canonical_address(address))
    must_hold(!read(other), "what was edited is refused");
  must_hold(!parse_internal(address, id + "x", host_group, delivery_point),
            "for another message it is refused");
  must_hold(!parse_internal(address, id, delivery_point, host_group),
            "under the other secret it is refused");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [recipient, after_recipient] = cut_line(fuzz::text_of(data, size));
  const auto [id, after_id] = cut_line(after_recipient);
  const auto [seconds, after_seconds] = cut_line(after_id);
  const auto [name, after_name] = cut_line(after_seconds);
  const auto [edit, outside] = cut_line(after_name);

  must_hold(!parse_internal(outside, id, host_group, delivery_point),
            "an address from outside is refused");
  const auto made = missing_receipt(name);  // "consegna", "consegna abcdefg"
  if (!made || recipient.empty()) return 0;
  constexpr std::string_view base32 = "abcdefghijklmnopqrstuvwxyz234567";
  if (made->mailbox_tag.find_first_not_of(base32) != std::string::npos) return 0;
  if (!made->mailbox_tag.empty() && made->event != InternalEvent::delivery) return 0;
  const InternalRecipient internal{made->event, std::string(recipient),
                                   Instant(std::chrono::seconds(number_in(seconds))),
                                   made->mailbox_tag};
  const auto& authenticator = made->event == InternalEvent::delivery ? delivery_point : host_group;
  const auto address = format_internal(internal, id, authenticator);
  if (address)
    check_address(internal, std::string(id), *address, edit);
  else
    must_hold(recipient.size() > longest_recipient, "a short recipient has an address");
  return 0;
}
