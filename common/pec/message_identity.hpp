// SPDX-License-Identifier: GPL-2.0-or-later

// What a message of certified mail *is*, for the delivery journal, the ledger and whoever looks for
// duplicates. It rests on what is under a signature. The outer header, the frame and the SMTP envelope
// are under none: anybody who has one genuine message can send it again with another Message-ID,
// boundary or subject.
//
//     envelope_identity(parts.content)                  // 32 hex digits
//     receipt_identity(data, "posta-certificata@pec.beta.example")
//     receipt_name(key, host_group)                     // the Message-ID of a receipt of ours
//
// An envelope is the bytes that were signed. A receipt or notice is who says what of which message:
// made again by a newer program, or with other words, it is still the same one. Neither says for whom
// a message is: keys of recipients are built on top. Pure functions, any thread.
#pragma once

#include "mime/rope.hpp"
#include "pec/certification_data.hpp"
#include "pec/ports.hpp"

#include <string>
#include <string_view>

namespace pec {

// `signed_part`: the exact bytes that the signature covers. Good for anomaly envelopes, too: each that
// our incoming point makes has an inner boundary of its own.
std::string envelope_identity(std::string_view signed_part);

// `signer`: the address in the signer's certificate, which a renewed certificate keeps. Of the data,
// kind, identificativo, the recipients that the receipt is about, in any order, and the certified time
// count; all else may be said in other words.
std::string receipt_identity(const CertificationData& data, std::string_view signer);

// What a submission is that gets no envelope, which would have an identity: the same bytes, handed in by
// the same login for the same sender. The virus store calls it so.
std::string submission_identity(const mime::Rope& message, std::string_view login,
                                std::string_view sender);

// The left side of the Message-ID of a receipt that we issue. It follows from what the receipt is about,
// under the host group's secret: made again, on another node or after the ledger was lost, it is the
// same receipt. Nobody else can tell it before it is issued, so nothing embedded can hold a boundary
// that is made of it.
std::string receipt_name(const ReceiptKey& key, const Authenticator& host_group);

// Likewise of the anomaly envelope around a message that a provider has signed, by what that is.
std::string anomaly_name(std::string_view identity, const Authenticator& host_group);

}  // namespace pec
