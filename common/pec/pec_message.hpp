// A certified-mail message as it comes in: where its signature lies, and whether its form is right
// (RFC 6109, 2.2.2: signature existence and formal correctness; the layout of 4.3).
//
//     Result<SignedParts> parts = find_signature(message);   // is it an S/MIME signed message?
//     SignatureCheck check = verifier.verify(parts->content, parts->signature, now);
//     Result<PecMessage> pec = read_pec_message(message, *parts);     // is its form right?
//
// Both readers look at the bytes only; nothing here decides whom to believe. The views point into
// the message's body: keep the message.
#pragma once

#include "base/result.hpp"
#include "mime/message.hpp"
#include "mime/part_tree.hpp"
#include "pec/certification_data.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec {

// A multipart/signed with a detached CMS signature, outermost in the message.
struct SignedParts {
  mime::Part signed_part;    // the first part: what the signature covers
  std::string_view content;  // its exact bytes
  std::string signature;     // the second part, decoded: DER
};
// Error: bad_input, with what is missing.
Result<SignedParts> find_signature(const mime::Message& message);

// An envelope, receipt or notice whose form is right.
struct PecMessage {
  EventKind kind{};
  std::string message_id;  // its own, without brackets: an envelope's is the PEC msgid
  CertificationData data;
  std::optional<mime::Bytes> original;  // postacert.eml, where there is one
  std::vector<std::string> remarks{};
};
// Header, certification data and parts agree, and all that the kind needs is there.
// Error: bad_input, with what is wrong.
Result<PecMessage> read_pec_message(const mime::Message& message, const SignedParts& parts);

// The kind that the header claims: X-Trasporto or X-Ricevuta; nothing if neither, or both.
std::optional<EventKind> claimed_kind(const mime::HeaderList& header);

// The Message-ID without its brackets; empty if there is none.
std::string bare_message_id(const mime::HeaderList& header);

}  // namespace pec
