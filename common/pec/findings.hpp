// SPDX-License-Identifier: GPL-2.0-or-later

// The faults that a message can have, as values; any thread. The words that users read are in
// texts.cpp.
#pragma once

#include <string>

namespace pec {

// The formal checks of the access point (RFC 6109, 3.1.1), by what fails.
enum class FormalRule {
  no_from,                // From is missing or holds no address
  several_from,           // more than one address in From
  invalid_from,           // value: the address
  no_valid_to,            // To is missing or holds no valid address
  sender_is_not_from,     // value: the reverse path
  invalid_recipients,     // SMTP recipients that are not valid addresses; value: which
  hidden_recipients,      // SMTP recipients in neither To nor Cc; value: which
  bcc,                    // Bcc holds a value
  invalid_date,           // Date holds no date (RFC 5322, 3.6.1); value: its text
  invalid_message_id,     // Message-ID is not <...> (RFC 5322, 3.6.4); value: its text
  long_lines,             // of the body; value: their numbers, and the limit
  repeated_fields,        // value: names of fields that may occur once (RFC 5322, 3.6)
  unclean_fields,         // value: names of fields with 8-bit or control characters (2.2)
  oversized_fields,       // value: names of fields that the mail server may have cut, or would
  too_large,              // value: size and limit
  too_large_in_total,     // size times recipients; value: the calculation and the limit
  too_many_to,            // value: number and limit
  forbidden_attachments,  // value: their names
  too_many_parts,         // value: the limit
  too_deep_parts,         // parts within parts; value: the limit, in levels
  too_large_header,       // the message's own header; value: the limit, in octets
  too_much_header,        // of the message and its parts together; value: the limit, in octets
  service_recipients,     // value: recipients that are providers' own; whom to write to instead
};

struct FormalFailure {
  FormalRule rule{};
  std::string value;  // what the rule's comment says; one line of UTF-8

  bool operator==(const FormalFailure&) const = default;
};

// Why an incoming message is not correct (RFC 6109, 2.2.2), in the order of the checks.
enum class IncomingFlaw {
  none,
  not_signed,             // the outermost part has no CMS signature
  unclear_frame,          // signed, but the signed part can be read in more than one way
  broken_signature,       // unreadable, or over other bytes
  unknown_signer,         // the certificate is not in the providers' directory
  untrusted_certificate,  // path, validity at the time, purpose or revocation
  foreign_sender,         // the From address is not of the provider that signed
  foreign_anomaly,        // somebody else's anomaly envelope, or one of ours from outside
  malformed,              // of a provider, but wrong in form
  foreign_message,        // right in form, but about a message that is not the signer's to speak of
  other_content,          // another message with the same PEC msgid was received before
  never_addressed,        // a receipt for somebody to whom the message was not addressed
  other_end,              // a receipt that says the opposite of what is known
};

// Why a message did not reach a recipient (RFC 6109, 3.1.6, 3.3.3).
enum class DeliveryFailure {
  unknown_mailbox,
  unknown_domain,
  inactive_mailbox,
  full_mailbox,
  refused,  // for another reason
  expired,  // tried until the mail server gave up
  early,    // neither take-charge nor delivery so far
  timeout,  // no delivery so far
};

}  // namespace pec
