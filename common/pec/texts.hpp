// SPDX-License-Identifier: GPL-2.0-or-later

// The texts for users: subjects and bodies of all messages that the system makes. The wording is in
// texts.cpp, as templates, and nowhere else. The law sets it (RFC 6109, 3), so it is in Italian. A
// provider may add words of its own below it.
//
//     RenderedLetter letter = render(Letter::acceptance, facts, own_texts);
//
// Pure; any thread.
#pragma once

#include "pec/findings.hpp"
#include "pec/ledger_entry.hpp"
#include "pec/stamp.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec {

enum class Letter {
  transport_envelope,
  acceptance,
  non_acceptance,
  non_acceptance_for_virus,
  take_charge,
  delivery_complete,
  delivery_brief,
  delivery_concise,
  virus_detection,
  non_delivery,
  non_delivery_for_virus,
  early_notice,    // after 12 hours
  timeout_notice,  // after 24 hours
  anomaly_envelope,
};

// The values for the templates. All UTF-8, as they came: render() escapes them.
struct LetterFacts {
  Stamp stamp;
  std::string subject;
  std::string sender;
  std::vector<Recipient> recipients;  // those that the text lists
  std::string recipient;              // the one that a delivery is about
  std::string description;            // of what is wrong; the virus's name; errore-esteso
  std::string pec_id;
  std::string msgid;  // the client's own Message-ID; may be empty
};

// By kind of message; a kind may be missing. A name in brackets is replaced, as in texts.cpp.
using LetterTexts = std::map<Letter, std::string>;

// A provider's additions below our words, in this order. UTF-8; lines end with "\n".
struct OwnTexts {
  LetterTexts second_language;  // the same in another language
  LetterTexts for_each;         // about one kind of message
  std::string for_all;          // as it is, with nothing replaced
};

// The name of a file with the text of one kind, without ".txt": "delivery-brief". Nothing for any
// other name.
std::string_view file_name(Letter letter);
std::optional<Letter> letter_of_file(std::string_view name);
// The flaw in a text with names in brackets. Empty: none.
std::string flaw_of_template(std::string_view text);

// The same content twice (4.3.1). UTF-8; lines end with "\n".
struct RenderedLetter {
  std::string plain;
  std::string html;  // no images, styles, scripts or links; everything from outside escaped
};

// The SMTP reply to an address that is not in the one form (mime::plain_address).
inline constexpr std::string_view write_it_plainly =
    "Scrivere l'indirizzo come nome@dominio, senza altro. Write the address as name@domain, and "
    "nothing else";

// The words of formal checks about a value, as formats of fmt's.
inline constexpr std::string_view count_and_most = "{}, massimo {}";
inline constexpr std::string_view octets_and_most = "{} byte, massimo {} byte";
inline constexpr std::string_view octets_to_all_and_most =
    "{} byte per {} destinatari, massimo {} byte";
inline constexpr std::string_view where_to_answer = " (per rispondere scrivere a {})";

std::string_view subject_prefix(Letter letter);  // "ACCETTAZIONE: "
RenderedLetter render(Letter letter, const LetterFacts& facts, const OwnTexts& own = {});

// All failures on one line, fit to follow "a causa di".
std::string description_of(const std::vector<FormalFailure>& failures);
// The words of <errore-esteso> about a virus. virus_named_in() takes the virus's name out of
// another provider's words.
std::string description_of_virus(std::string_view virus);
std::string virus_named_in(std::string_view error_detail);

// Not for IncomingFlaw::none. `may_be_cut`: a header field was too long to come in whole.
std::string description_of(IncomingFlaw flaw, bool may_be_cut);
// The words behind it if ordinary mail bears an address of this provider's.
std::string words_on_borrowed_address(std::string_view address);

// The words of <errore-esteso> about a failure, and the code that clients know it by. Empty code:
// use that of the report about the failure.
std::string_view code_of(DeliveryFailure failure);
std::string_view description_of(DeliveryFailure failure);

}  // namespace pec
