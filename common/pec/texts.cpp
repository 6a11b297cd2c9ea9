// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/texts.hpp"

#include "base/name_table.hpp"
#include "base/text.hpp"

#include <array>
#include <fmt/format.h>
#include <stdexcept>

namespace pec {

namespace {

// ---- the wording -------------------------------------------------------------------------------
//
// A name in brackets is replaced. [destinatari] is a list, one recipient a line; [destinatari con
// tipo] also has the type behind each. Edit freely: code depends on the names in brackets only. A
// line break here is a line break for the reader.

struct Template {
  Letter letter;
  std::string_view subject_prefix;
  std::string_view title;
  std::string_view body;
};

constexpr std::array templates{
    Template{Letter::transport_envelope, "POSTA CERTIFICATA: ", "Messaggio di posta certificata",
             "Il giorno [data] alle ore [ora] ([zona]) il messaggio\n"
             "\"[oggetto]\" è stato inviato da \"[mittente]\"\n"
             "indirizzato a:\n"
             "[destinatari]\n"
             "Il messaggio originale è incluso in allegato.\n"},
    Template{Letter::acceptance, "ACCETTAZIONE: ", "Ricevuta di accettazione",
             "Il giorno [data] alle ore [ora] ([zona]) il messaggio\n"
             "\"[oggetto]\" proveniente da \"[mittente]\"\n"
             "ed indirizzato a:\n"
             "[destinatari con tipo]\n"
             "è stato accettato dal sistema ed inoltrato.\n"},
    Template{Letter::non_acceptance,
             "AVVISO DI NON ACCETTAZIONE: ", "Errore nell'accettazione del messaggio",
             "Il giorno [data] alle ore [ora] ([zona]) nel messaggio\n"
             "\"[oggetto]\" proveniente da \"[mittente]\"\n"
             "ed indirizzato a:\n"
             "[destinatari]\n"
             "è stato rilevato un problema che ne impedisce l'accettazione\n"
             "a causa di [descrizione].\n"
             "Il messaggio non è stato accettato.\n"},
    Template{Letter::non_acceptance_for_virus, "AVVISO DI NON ACCETTAZIONE PER VIRUS: ",
             "Errore nell'accettazione del messaggio per presenza di virus",
             "Il giorno [data] alle ore [ora] ([zona]) nel messaggio\n"
             "\"[oggetto]\" proveniente da \"[mittente]\"\n"
             "ed indirizzato a:\n"
             "[destinatari]\n"
             "è stato rilevato un problema di sicurezza [descrizione].\n"
             "Il messaggio non è stato accettato.\n"},
    Template{Letter::take_charge, "PRESA IN CARICO: ", "Ricevuta di presa in carico",
             "Il giorno [data] alle ore [ora] ([zona]) il messaggio\n"
             "\"[oggetto]\" proveniente da \"[mittente]\"\n"
             "ed indirizzato a:\n"
             "[destinatari]\n"
             "è stato accettato dal sistema.\n"},
    Template{Letter::delivery_complete, "CONSEGNA: ", "Ricevuta di avvenuta consegna",
             "Il giorno [data] alle ore [ora] ([zona]) il messaggio\n"
             "\"[oggetto]\" proveniente da \"[mittente]\"\n"
             "ed indirizzato a \"[destinatario]\"\n"
             "è stato consegnato nella casella di destinazione.\n"},
    Template{Letter::delivery_brief, "CONSEGNA: ", "Ricevuta breve di avvenuta consegna",
             "Il giorno [data] alle ore [ora] ([zona]) il messaggio\n"
             "\"[oggetto]\" proveniente da \"[mittente]\"\n"
             "ed indirizzato a \"[destinatario]\"\n"
             "è stato consegnato nella casella di destinazione.\n"
             "Ogni allegato è sostituito dalla sua impronta: il codice SHA-1 del contenuto\n"
             "dell'allegato, codificato come sta nel messaggio inviato.\n"},
    Template{Letter::delivery_concise, "CONSEGNA: ", "Ricevuta sintetica di avvenuta consegna",
             "Il giorno [data] alle ore [ora] ([zona]) il messaggio\n"
             "\"[oggetto]\" proveniente da \"[mittente]\"\n"
             "ed indirizzato a \"[destinatario]\"\n"
             "è stato consegnato nella casella di destinazione.\n"},
    Template{Letter::virus_detection,
             "PROBLEMA DI SICUREZZA: ", "Avviso di rilevazione virus informatico",
             "Il giorno [data] alle ore [ora] ([zona]) nel messaggio\n"
             "\"[oggetto]\" proveniente da \"[mittente]\"\n"
             "e destinato all'utente \"[destinatario]\"\n"
             "è stato rilevato un problema di sicurezza [descrizione].\n"},
    Template{Letter::non_delivery, "AVVISO DI MANCATA CONSEGNA: ", "Avviso di mancata consegna",
             "Il giorno [data] alle ore [ora] ([zona]) nel messaggio\n"
             "\"[oggetto]\" proveniente da \"[mittente]\"\n"
             "e destinato all'utente \"[destinatario]\"\n"
             "è stato rilevato un errore [descrizione].\n"
             "Il messaggio è stato rifiutato dal sistema.\n"},
    Template{Letter::early_notice,
             "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: ", "Avviso di mancata consegna",
             "Il giorno [data] alle ore [ora] ([zona]) il messaggio\n"
             "\"[oggetto]\" proveniente da \"[mittente]\"\n"
             "e destinato all'utente \"[destinatario]\"\n"
             "non è stato consegnato nelle prime dodici ore dal suo invio.\n"
             "Non escludendo che questo possa avvenire in seguito si ritiene utile considerare\n"
             "che l'invio potrebbe non andare a buon fine. Il sistema provvederà comunque\n"
             "ad inviare un ulteriore avviso di mancata consegna se nelle prossime dodici ore\n"
             "non vi sarà la conferma della ricezione da parte del destinatario.\n"},
    Template{Letter::timeout_notice,
             "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: ", "Avviso di mancata consegna",
             "Il giorno [data] alle ore [ora] ([zona]) il messaggio\n"
             "\"[oggetto]\" proveniente da \"[mittente]\"\n"
             "e destinato all'utente \"[destinatario]\"\n"
             "non è stato consegnato nelle ventiquattro ore successive al suo invio.\n"
             "Si ritiene che la spedizione debba considerarsi non andata a buon fine.\n"},
    Template{Letter::non_delivery_for_virus,
             "AVVISO DI MANCATA CONSEGNA PER VIRUS: ", "Avviso di mancata consegna per virus",
             "Il giorno [data] alle ore [ora] ([zona]) nel messaggio\n"
             "\"[oggetto]\" destinato all'utente \"[destinatario]\"\n"
             "è stato rilevato un problema di sicurezza [descrizione].\n"
             "Il messaggio non è stato consegnato.\n"},
    Template{Letter::anomaly_envelope, "ANOMALIA MESSAGGIO: ", "Anomalia nel messaggio",
             "Il giorno [data] alle ore [ora] ([zona]) è stato ricevuto\n"
             "il messaggio \"[oggetto]\" proveniente da \"[mittente]\"\n"
             "ed indirizzato a:\n"
             "[destinatari]\n"
             "Tali dati non sono stati certificati per il seguente errore:\n"
             "[descrizione]\n"
             "Il messaggio originale è incluso in allegato.\n"},
};

constexpr NameTable<Letter, 14> file_names{{
    {Letter::transport_envelope, "transport-envelope"},
    {Letter::acceptance, "acceptance"},
    {Letter::non_acceptance, "non-acceptance"},
    {Letter::non_acceptance_for_virus, "non-acceptance-for-virus"},
    {Letter::take_charge, "take-charge"},
    {Letter::delivery_complete, "delivery-complete"},
    {Letter::delivery_brief, "delivery-brief"},
    {Letter::delivery_concise, "delivery-concise"},
    {Letter::virus_detection, "virus-detection"},
    {Letter::non_delivery, "non-delivery"},
    {Letter::non_delivery_for_virus, "non-delivery-for-virus"},
    {Letter::early_notice, "early-notice"},
    {Letter::timeout_notice, "timeout-notice"},
    {Letter::anomaly_envelope, "anomaly-envelope"},
}};

// One or several follow "a causa di", so each begins with a noun and has no article. The value is a
// list of names, or figures.
constexpr NameTable<FormalRule, 23> formal_rules{{
    {FormalRule::no_from, "assenza di un indirizzo nel campo From"},
    {FormalRule::several_from, "presenza di più indirizzi nel campo From"},
    {FormalRule::invalid_from, "indirizzo non valido nel campo From: [valore]"},
    {FormalRule::no_valid_to, "assenza di un indirizzo valido nel campo To"},
    {FormalRule::sender_is_not_from,
     "differenza tra il campo From e il mittente della trasmissione: [valore]"},
    {FormalRule::invalid_recipients, "indirizzi di destinatari non validi: [valore]"},
    {FormalRule::hidden_recipients, "destinatari assenti dai campi To e Cc: [valore]"},
    {FormalRule::bcc, "presenza di un valore nel campo Bcc (Ccn), che non è ammesso"},
    {FormalRule::invalid_date, "data non valida nel campo Date: \"[valore]\""},
    {FormalRule::invalid_message_id, "valore non valido nel campo Message-ID: \"[valore]\""},
    {FormalRule::long_lines,
     "righe del corpo del messaggio più lunghe del limite: numero [valore] byte"},
    {FormalRule::repeated_fields, "campi di intestazione ripetuti: [valore]"},
    {FormalRule::unclean_fields,
     "campi di intestazione con caratteri non ammessi o non codificati: [valore]"},
    {FormalRule::oversized_fields, "campi di intestazione troppo lunghi: [valore]"},
    {FormalRule::too_large, "dimensione del messaggio superiore al limite: [valore]"},
    {FormalRule::too_large_in_total,
     "dimensione del messaggio per il numero di destinatari superiore al limite: [valore]"},
    {FormalRule::too_many_to, "numero di indirizzi nel campo To superiore al limite: [valore]"},
    {FormalRule::forbidden_attachments, "allegati di tipo non ammesso: [valore]"},
    {FormalRule::too_many_parts,
     "numero di parti del messaggio superiore al limite: massimo [valore]"},
    {FormalRule::too_deep_parts,
     "parti del messaggio annidate oltre il limite: massimo [valore] livelli"},
    {FormalRule::too_large_header,
     "dimensione dell'intestazione del messaggio superiore al limite: massimo [valore] byte"},
    {FormalRule::too_much_header,
     "dimensione delle intestazioni del messaggio e delle sue parti superiore al limite: massimo "
     "[valore] byte"},
    {FormalRule::service_recipients,
     "presenza tra i destinatari di indirizzi di servizio dei gestori, la cui posta non è letta da "
     "nessuno: [valore]"},
}};

constexpr NameTable<IncomingFlaw, 12> incoming_flaws{{
    {IncomingFlaw::not_signed, "il messaggio non è di posta elettronica certificata"},
    {IncomingFlaw::unclear_frame,
     "la struttura del messaggio si presta a letture diverse: la sua firma elettronica non può "
     "essere verificata"},
    {IncomingFlaw::broken_signature, "la firma elettronica del messaggio non è valida"},
    {IncomingFlaw::unknown_signer,
     "la firma elettronica del messaggio non è di un gestore di posta certificata"},
    {IncomingFlaw::untrusted_certificate,
     "il certificato con cui il messaggio è firmato non è valido"},
    {IncomingFlaw::foreign_sender,
     "il mittente del messaggio non appartiene al gestore che lo ha firmato"},
    {IncomingFlaw::foreign_anomaly,
     "il messaggio è una busta di anomalia, che non certifica il suo contenuto"},
    {IncomingFlaw::malformed,
     "il messaggio è firmato da un gestore di posta certificata, ma non è formalmente corretto"},
    {IncomingFlaw::foreign_message,
     "il gestore che ha firmato il messaggio non può certificare messaggi di questo mittente o per "
     "questa casella"},
    {IncomingFlaw::other_content,
     "un altro messaggio con lo stesso identificativo è già stato ricevuto"},
    {IncomingFlaw::never_addressed,
     "la ricevuta è autentica, ma il messaggio di cui parla non risulta indirizzato alla casella "
     "che essa nomina"},
    {IncomingFlaw::other_end,
     "la ricevuta è autentica, ma contraddice l'esito dell'invio che è già noto"},
}};

struct FailureWords {
  DeliveryFailure failure;
  std::string_view code;
  std::string_view words;
};
constexpr std::array failures{
    FailureWords{DeliveryFailure::unknown_mailbox, "5.1.1", "indirizzo non valido"},
    FailureWords{DeliveryFailure::unknown_domain, "5.1.2", "dominio non valido"},
    FailureWords{DeliveryFailure::inactive_mailbox, "5.2.1", "casella non attiva"},
    FailureWords{DeliveryFailure::full_mailbox, "5.2.2", "casella piena"},
    FailureWords{DeliveryFailure::refused, "", "messaggio rifiutato dal destinatario"},
    FailureWords{DeliveryFailure::expired, "5.4.7", "tempo massimo per la consegna superato"},
    FailureWords{DeliveryFailure::early, "4.4.1",
                 "il messaggio non è stato consegnato nelle prime dodici ore dal suo invio"},
    FailureWords{DeliveryFailure::timeout, "5.4.1",
                 "il messaggio non è stato consegnato nelle prime ventiquattro ore dal suo invio"},
};

constexpr std::string_view virus_found = "presenza di un virus nel messaggio: ";

constexpr std::string_view cut_fields =
    "un campo di intestazione molto lungo può non essere giunto per intero";

constexpr std::string_view unknown_sender = "mittente sconosciuto";
constexpr std::string_view unnamed_recipients = "destinatari non indicati";
constexpr std::string_view closing = "Identificativo messaggio: [identificativo]\n";
constexpr std::string_view own_message_id = "Message-ID del messaggio originale: [msgid]\n";
constexpr std::string_view certified_type = "(\"posta certificata\")";
constexpr std::string_view ordinary_type = "(\"posta ordinaria\")";

// ---- filling it --------------------------------------------------------------------------------

template <class Row, std::size_t Count, class Key>
const Row& row_of(const std::array<Row, Count>& rows, Key Row::*key, Key wanted) {
  for (const auto& each : rows)
    if (each.*key == wanted) return each;
  throw std::logic_error("letter or delivery failure without words");
}

std::string recipient_list(const std::vector<Recipient>& recipients, bool with_type) {
  if (recipients.empty()) return std::string(unnamed_recipients);
  std::vector<std::string> lines;
  for (const auto& [address, certified] : recipients)
    lines.push_back(with_type
                        ? fmt::format("{} {}", address, certified ? certified_type : ordinary_type)
                        : address);
  return text::join(lines, "\n");
}

struct Value {
  std::string_view name;
  std::string (*of)(const LetterFacts& facts);
};
using F = LetterFacts;
constexpr Value values[] = {
    {"data", [](const F& f) { return f.stamp.date; }},
    {"ora", [](const F& f) { return f.stamp.time; }},
    {"zona", [](const F& f) { return f.stamp.offset; }},
    {"oggetto", [](const F& f) { return f.subject; }},
    {"mittente",
     [](const F& f) { return f.sender.empty() ? std::string(unknown_sender) : f.sender; }},
    {"destinatario", [](const F& f) { return f.recipient; }},
    {"destinatari", [](const F& f) { return recipient_list(f.recipients, false); }},
    {"destinatari con tipo", [](const F& f) { return recipient_list(f.recipients, true); }},
    {"descrizione", [](const F& f) { return f.description; }},
    {"identificativo", [](const F& f) { return f.pec_id; }},
    {"msgid", [](const F& f) { return f.msgid; }},
};

const Value* find_value(std::string_view name) {
  for (const auto& value : values)
    if (value.name == name) return &value;
  return nullptr;
}

std::string value_of(std::string_view name, const LetterFacts& facts) {
  if (const auto* value = find_value(name)) return value->of(facts);
  throw std::logic_error(fmt::format("a text names [{}], which does not exist", name));
}

// Makes one pass: a bracket inside a subject never counts as one of ours.
std::string fill(std::string_view text, const LetterFacts& facts) {
  std::string out;
  while (true) {
    const auto open = text.find('[');
    out += text.substr(0, open);
    if (open == std::string_view::npos) return out;
    const auto close = text.find(']', open);
    if (close == std::string_view::npos) throw std::logic_error("a text has an open bracket");
    out += value_of(text.substr(open + 1, close - open - 1), facts);
    text.remove_prefix(close + 1);
  }
}

// With an empty line above it.
std::string own_block(const LetterTexts& texts, Letter letter, const LetterFacts& facts) {
  const auto found = texts.find(letter);
  return found == texts.end() ? std::string() : "\n" + fill(found->second, facts);
}

}  // namespace

std::string_view subject_prefix(Letter letter) {
  return row_of(templates, &Template::letter, letter).subject_prefix;
}

std::string_view file_name(Letter letter) {
  return name_in(file_names, letter);
}

std::optional<Letter> letter_of_file(std::string_view name) {
  return value_in(file_names, name);
}

std::string flaw_of_template(std::string_view text) {
  while (true) {
    const auto open = text.find('[');
    if (open == std::string_view::npos) return {};
    const auto close = text.find(']', open);
    if (close == std::string_view::npos)
      return "a bracket is open, \"[\"; close it, or leave it out";
    const auto name = text.substr(open + 1, close - open - 1);
    if (!find_value(name)) {
      std::vector<std::string> names;
      for (const auto& value : values) names.push_back(fmt::format("[{}]", value.name));
      return fmt::format("[{}] is nothing that a text can name; write one of {}",
                         text::printable(name), text::join(names, ", "));
    }
    text.remove_prefix(close + 1);
  }
}

RenderedLetter render(Letter letter, const LetterFacts& facts, const OwnTexts& own) {
  const auto& source = row_of(templates, &Template::letter, letter);
  auto body = fill(source.body, facts);
  if (letter != Letter::anomaly_envelope) body += fill(closing, facts);
  if (letter == Letter::acceptance && !facts.msgid.empty()) body += fill(own_message_id, facts);
  body += own_block(own.second_language, letter, facts);
  body += own_block(own.for_each, letter, facts);
  if (!own.for_all.empty()) body += "\n" + own.for_all;

  RenderedLetter rendered;
  rendered.plain = fmt::format("{}\n\n{}", source.title, body);
  rendered.html = fmt::format(
      "<html>\n<head><title>{0}</title></head>\n<body>\n<h3>{0}</h3>\n{1}</body>\n</html>\n",
      text::escape_html(source.title), text::replace_all(text::escape_html(body), "\n", "<br>\n"));
  return rendered;
}

std::string description_of(const std::vector<FormalFailure>& failures) {
  std::vector<std::string> all;
  for (const auto& [rule, value] : failures)
    all.push_back(text::replace_all(std::string(name_in(formal_rules, rule)), "[valore]", value));
  return text::join(all, "; ");
}

std::string description_of_virus(std::string_view virus) {
  return fmt::format("{}{}", virus_found, virus);
}

std::string virus_named_in(std::string_view error_detail) {
  const auto found = error_detail.find(virus_found);
  if (found != std::string_view::npos)
    return std::string(error_detail.substr(found + virus_found.size()));
  return std::string(error_detail);  // in another provider's words
}

std::string description_of(IncomingFlaw flaw, bool may_be_cut) {
  std::string words(name_in(incoming_flaws, flaw));
  return may_be_cut ? fmt::format("{}; {}", words, cut_fields) : words;
}

std::string words_on_borrowed_address(std::string_view address) {
  return fmt::format(
      "l'indirizzo {} è di una casella di questo gestore, ma il messaggio non è stato inviato "
      "attraverso il gestore: chiunque può averlo scritto",
      address);
}

std::string_view code_of(DeliveryFailure failure) {
  return row_of(failures, &FailureWords::failure, failure).code;
}

std::string_view description_of(DeliveryFailure failure) {
  return row_of(failures, &FailureWords::failure, failure).words;
}

}  // namespace pec
