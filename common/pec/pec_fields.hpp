// SPDX-License-Identifier: GPL-2.0-or-later

// The header fields of certified mail: their names, and how to read them.
//
//     if (claimed_kind(message.header) == EventKind::transport_envelope) ...
//
// No signature covers the header: do not believe it before compare_outer_header() has agreed. Pure,
// any thread.
#pragma once

#include "mime/header.hpp"
#include "pec/certification_data.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pec {

inline constexpr std::string_view envelope_field = "X-Trasporto";
inline constexpr std::string_view receipt_field = "X-Ricevuta";
inline constexpr std::string_view receipt_form_field = "X-TipoRicevuta";
inline constexpr std::string_view reference_field = "X-Riferimento-Message-ID";
inline constexpr std::string_view security_field = "X-VerificaSicurezza";
inline constexpr std::string_view sender_field = "X-Mittente";

// The kind that the header claims, by X-Trasporto or X-Ricevuta. Nothing unless there is exactly
// one field of the two, and it says a kind that it may say. An empty field counts, too: a reader
// that only looks for the field takes it for the message's kind.
std::optional<EventKind> claimed_kind(const mime::HeaderList& header);

// Whether any X-Trasporto says that this is an anomaly envelope.
bool says_anomaly(const mime::HeaderList& header);

// The delivery receipt that a header asks for; complete if it names none, or an unknown one
// (3.1.5).
ReceiptForm requested_form(const mime::HeaderList& header);

// The Message-ID without its brackets; empty if there is none.
std::string bare_message_id(const mime::HeaderList& header);

}  // namespace pec
