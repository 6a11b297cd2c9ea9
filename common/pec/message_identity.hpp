// SPDX-License-Identifier: GPL-2.0-or-later

// The identity of a message of certified mail, for the delivery journal, the ledger and each search
// for duplicates. It rests on the signed bytes. No signature covers the outer header, the frame and
// the SMTP envelope. So anybody who has one genuine message can send it again with another
// Message-ID, boundary or subject.
//
//     envelope_identity(parts.content)                  // 32 hex digits
//     receipt_identity(data, "posta-certificata@pec.beta.example")
//     receipt_name(key, host_group)                     // the Message-ID of a receipt of ours
//
// The identity of an envelope is that of its signed bytes. The identity of a receipt or notice is
// who says what about which message. So it stays the same if a newer program makes the receipt
// again, or words it otherwise. Neither identity says to whom a message goes: keys with recipients
// are built on top. Pure functions, any thread.
#pragma once

#include "mime/rope.hpp"
#include "pec/certification_data.hpp"
#include "pec/ports.hpp"

#include <string>
#include <string_view>

namespace pec {

// `signed_part`: the exact bytes that the signature covers. It works for anomaly envelopes, too:
// each one that our incoming point makes has its own inner boundary.
std::string envelope_identity(std::string_view signed_part);

// `signer`: the address in the signer's certificate, which a renewed certificate keeps. Of the data
// count: kind, identificativo, the recipients that the receipt is about (in any order) and the
// certified time. All else may be worded otherwise.
std::string receipt_identity(const CertificationData& data, std::string_view signer);

// The identity of a submission that gets no envelope: the same bytes, from the same login, for the
// same sender. It names the submission in the virus store.
std::string submission_identity(const mime::Rope& message, std::string_view login,
                                std::string_view sender);

// The left side of the Message-ID of a receipt that we issue. It follows from what the receipt is
// about, under the host group's secret. So a receipt that is made again is the same one, even on
// another node or after the ledger was lost. Nobody else can know the name before the receipt is
// issued. So nothing embedded can hold a boundary that is made from it.
std::string receipt_name(const ReceiptKey& key, const Authenticator& host_group);

// The same for the anomaly envelope around a message that a provider has signed, by its identity.
std::string anomaly_name(std::string_view identity, const Authenticator& host_group);

}  // namespace pec
