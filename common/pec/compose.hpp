// SPDX-License-Identifier: GPL-2.0-or-later

// Composition: the messages that the system makes, in the layout that every real client reads (RFC
// 6109, 4.3; section 8.1 of the project's rules).
//
//     Draft draft = compose_receipt(contents, identity);
//     Result<std::string> signature = signer.sign(draft.content, draft.at);
//     OutgoingMessage message = finish(std::move(draft), *signature);
//
// The layout:
//
//     multipart/signed
//     ├ multipart/mixed                          <- Draft::content: what the signature covers
//     │ ├ multipart/alternative: text, HTML
//     │ ├ application/xml      daticert.xml      (not in anomaly envelopes)
//     │ └ message/rfc822       postacert.eml     (envelopes, complete and brief delivery receipts)
//     └ application/pkcs7-signature  smime.p7s
//
// Pure: same arguments, same bytes. The original is never copied: the rope points into it. Errors:
// none. Any thread.
#pragma once

#include "mime/message.hpp"
#include "pec/certification_data.hpp"
#include "pec/identity.hpp"
#include "pec/mailbox.hpp"
#include "pec/stamp.hpp"
#include "pec/texts.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pec {

// A message that lacks only its signature.
struct Draft {
  mime::HeaderList header;  // complete, in the fixed order
  mime::Rope content;       // the signed part: its own header, an empty line, its body
  std::string boundary;     // of the multipart/signed
  Instant at;               // the certified time, and the signing time
  std::string signer;       // address of the identity that signs it
};

mime::OutgoingMessage finish(Draft draft, std::string_view signature_der);

// The original as it is embedded and certified. The PEC msgid replaces its Message-ID, which stays
// as X-Riferimento-Message-ID. If it has no Date, it gets one (RFC 6409, 8.1). Our fields stand
// first, so readers find them before a client's fields of the same names. All the rest is byte for
// byte the same (2.2.1). `date`: the value for Date.
mime::Rope original_with_pec_id(const mime::Message& original, std::string_view pec_id,
                                std::string_view date);

// A subject for the field Subject and for texts. If it has more octets than most_subject_octets,
// only its beginning is shown, with dots. The certification data always have it whole.
std::string shown_subject(std::string_view subject);

// 3.1.5. `data` is complete (kind transport_envelope). The header comes from it and the original.
Draft compose_transport_envelope(const mime::Message& original, const CertificationData& data,
                                 const Stamp& stamp, const Identity& identity);

// 3.1.2 to 3.1.4, 3.2.1, 3.2.3, 3.2.4, 3.3.2. A receipt or notice about the message in `data`.
struct ReceiptContents {
  Letter letter{};
  CertificationData data;
  Stamp stamp;
  std::string message_id;  // its own, without brackets
  std::string to;
  std::string description;             // of the failure, for the text; notices only
  std::optional<mime::Rope> original;  // as postacert.eml
};
Draft compose_receipt(const ReceiptContents& contents, const Identity& identity);

// 3.2.2. An anomaly envelope holds the message that came in, whole and unchanged.
struct AnomalyContents {
  Stamp stamp;                          // arrival
  std::string id;                       // of this event, without brackets; names the boundaries
  std::string sender;                   // valid, or empty if it is not known
  std::vector<std::string> addressees;  // the text lists them
  std::string subject;                  // UTF-8
  std::string description;              // why it is not certified
  SpamLevel spam = SpamLevel::not_spam;
};
Draft compose_anomaly_envelope(const mime::Message& arrived, const AnomalyContents& contents,
                               const Identity& identity);

}  // namespace pec
