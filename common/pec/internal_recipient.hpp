// SPDX-License-Identifier: GPL-2.0-or-later

// Internal recipients: what must follow from a message, written into its own queue file as a
// recipient (docs/architecture.md, "Internal recipients").
//
//     bob@b.example.1795324282.q7...5a.consegna.pec.internal
//     `- recipient -' `-stamp-' `-mac-' `event-'
//     info@b.example.1795324282.q7...5anr2c4wy.consegna.pec.internal
//                               `-mac-'`-tag-'
//
// The tag names the mailbox of a delivery, if it is another one than the recipient: an alias may
// lead to several (alias_delivery.hpp). It is a digest, because a second address would not fit.
//
// The stamp is the certified time of the event in seconds since 1970. The mac covers event, tag,
// recipient, stamp and the Message-ID of the copied message (an envelope's is its PEC msgid). So an
// internal recipient is good for one message only. Nobody gets anything signed by merely reaching
// the internal port. For a bounce the mac also covers the PEC msgid of what came back in it
// (copy_binding.hpp).
//
// The mac is over the recipient's canonical form: Postfix removes needless quotes from the
// addresses in its queue, and may change their case.
//
// There are two secrets. The delivery point's own one is good for `delivery` alone. So the mail
// store's user can't have acceptances or take-charges made.
//
// Pure functions, any thread.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "pec/ports.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pec {

enum class InternalEvent {
  acceptance,      // the sender
  take_charge,     // each certified recipient of ours
  delivery,        // a recipient whose mailbox has the envelope now
  virus_found,     // a recipient of ours of an infected envelope
  virus_told,      // the recipient that another provider's virus detection is about
  non_delivery,    // one of several failed recipients that a bounce names
  early_notice,    // a recipient without take-charge or delivery after 12 hours
  timeout_notice,  // a recipient without delivery after 24 hours
  anomaly_kept,    // a recipient of an anomaly envelope around a provider's message
  sent_again,      // the recipient of a receipt that goes out again (lost_receipt.hpp)
};
// The table in receipt_types.cpp has the name of each event, and what follows from it.
std::string_view wire_name(InternalEvent event);  // accettazione, presa, consegna ...
std::optional<InternalEvent> internal_event_from_wire(std::string_view name);

struct InternalRecipient {
  InternalEvent event{};
  std::string recipient;  // as the message's SMTP recipient had it
  Instant at;
  // Of a delivery: the mailbox to which the recipient, an alias, has led. Empty: the recipient's
  // own mailbox, or the plugin is of an earlier version.
  std::string mailbox_tag{};

  bool operator==(const InternalRecipient&) const = default;
};

// "nr2c4wy": 7 base32 digits of a digest over the canonical address.
inline constexpr std::size_t mailbox_tag_size = 7;
std::string mailbox_tag(std::string_view mailbox);

// The name of an incident for a missing receipt: the event, and the tag if there is one. So several
// mailboxes of an alias are several incidents. "consegna", "consegna nr2c4wy".
std::string incident_name(const InternalRecipient& internal);
struct MissingReceipt {
  InternalEvent event{};
  std::string mailbox_tag;
};
std::optional<MissingReceipt> missing_receipt(std::string_view incident_name);

inline constexpr std::string_view internal_domain = "pec.internal";

// The most octets that a recipient may have. Mail software takes internal recipients of up to 254
// octets. Beside the recipient stand 74 octets of an acceptance, or 73 of a delivery with its tag.
// The access point certifies no mail to longer addresses.
inline constexpr std::size_t longest_recipient = 180;

// The address. Error: bad_input if it would be longer than mail software takes (254 octets).
// `bound_to`: binding_of() (copy_binding.hpp): except for bounces, the Message-ID without brackets.
Result<std::string> format_internal(const InternalRecipient& internal, std::string_view bound_to,
                                    const Authenticator& authenticator);

// Whether an address claims to be internal, whatever its form. Only we make such addresses.
bool looks_internal(std::string_view address);

// The event in an address, genuine or not.
std::optional<InternalEvent> internal_event_in(std::string_view address);

// Reads an address and checks its mac. Error: rejected, with what is wrong.
Result<InternalRecipient> parse_internal(std::string_view address, std::string_view bound_to,
                                         const Authenticator& host_group,
                                         const Authenticator& delivery_point);

}  // namespace pec
