// SPDX-License-Identifier: GPL-2.0-or-later

// Composition: the messages that the system makes, laid out as every real client reads them
// (RFC 6109, 4.3; section 8.1 of the project's rules).
//
//     Draft draft = compose_receipt({...});
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
// Pure: same arguments, same bytes. The original is never copied: it enters as slices of a rope. Errors:
// none; any thread.
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

// A message that lacks its signature only.
struct Draft {
  mime::HeaderList header;  // complete, in the fixed order
  mime::Rope content;       // the signed part: its own header, an empty line, its body
  std::string boundary;     // of the multipart/signed
  Instant at;               // certified time: the signing time too
  std::string signer;       // address of the identity that signs it
};

mime::OutgoingMessage finish(Draft draft, std::string_view signature_der);

// The original as it is embedded and certified: its Message-ID replaced by the PEC msgid, the old
// one kept as X-Riferimento-Message-ID, and a Date if it has none (RFC 6409, 8.1). These stand first, so
// that they are found before what a client wrote under such a name; all the rest is byte for byte the
// same (2.2.1). `date`: a Date's value.
mime::Rope original_with_pec_id(const mime::Message& original, std::string_view pec_id,
                                std::string_view date);

// A subject as Subject and texts show it: its beginning and dots if it has more octets than
// most_subject_octets. The certification data always have all of it.
std::string shown_subject(std::string_view subject);

// 3.1.5. `data` is complete (kind transport_envelope); the header comes from it and the original.
Draft compose_transport_envelope(const mime::Message& original, const CertificationData& data,
                                 const Stamp& stamp, const Identity& identity);

// 3.1.2 to 3.1.4, 3.2.1, 3.2.3, 3.2.4, 3.3.2. A receipt or notice about the message that `data` certifies.
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

// 3.2.2. What came in and is no correct certified mail, whole and unchanged within.
struct AnomalyContents {
  Stamp stamp;                          // arrival
  std::string id;                       // of this event, without brackets: ours, for boundaries
  std::string sender;                   // valid, or empty if it can't be told
  std::vector<std::string> addressees;  // that the text lists
  std::string subject;                  // UTF-8
  std::string description;              // why it is not certified
  SpamLevel spam = SpamLevel::not_spam;
};
Draft compose_anomaly_envelope(const mime::Message& arrived, const AnomalyContents& contents,
                               const Identity& identity);

}  // namespace pec
