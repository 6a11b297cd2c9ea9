// SPDX-License-Identifier: GPL-2.0-or-later

// Whether an incoming certified-mail message with a good signature has the right form (RFC 6109,
// 2.2.2: formal correctness; the layout of 4.3).
//
//     Result<SignedParts> parts = read_frame(message);   // is it an S/MIME signed message?
//     SignatureCheck check = verifier.verify(parts->content, parts->signature, now);
//     Result<PecMessage> pec = read_pec_message(message, *parts, check.addresses);
//
// Only the bytes are judged. Whom to believe is decided elsewhere. `original` shares the message's
// body. Pure functions, any thread.
#pragma once

#include "base/result.hpp"
#include "mime/message.hpp"
#include "pec/certification_data.hpp"
#include "pec/frame.hpp"
#include "pec/pec_fields.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pec {

// An envelope, receipt or notice whose form is right.
struct PecMessage {
  EventKind kind{};
  std::string message_id;  // its own, without brackets: an envelope's is the PEC msgid
  CertificationData data;
  std::optional<mime::Bytes> original;  // postacert.eml, if there is one
  // Short names of differences between the outer header and the data that are only noted.
  std::vector<std::string> remarks{};
};
// Header, certification data and parts agree, and all that the kind needs exists. `signer`: the
// addresses in the signer's certificate. Error: bad_input, with what is wrong.
Result<PecMessage> read_pec_message(const mime::Message& message, const SignedParts& parts,
                                    const std::vector<std::string>& signer);

// Only daticert.xml of the signed part, whatever the header says. Error: bad_input.
Result<CertificationData> read_data(const mime::Message& message, const SignedParts& parts);

}  // namespace pec
