#include "pec/texts.hpp"

#include "base/text.hpp"

#include <array>
#include <fmt/format.h>
#include <stdexcept>

namespace pec {

namespace {

// ---- the wording -------------------------------------------------------------------------------
//
// A name in brackets is replaced; [destinatari] is a list, one recipient a line, and
// [destinatari con tipo] the same with the type behind each. Edit freely: code depends on the names
// in brackets only. A line break here is a line break for the reader.

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
             "è stato consegnato nella casella di destinazione.\n"},
    Template{Letter::delivery_concise, "CONSEGNA: ", "Ricevuta sintetica di avvenuta consegna",
             "Il giorno [data] alle ore [ora] ([zona]) il messaggio\n"
             "\"[oggetto]\" proveniente da \"[mittente]\"\n"
             "ed indirizzato a \"[destinatario]\"\n"
             "è stato consegnato nella casella di destinazione.\n"},
};

constexpr std::string_view closing = "Identificativo messaggio: [identificativo]\n";
constexpr std::string_view own_message_id = "Message-ID del messaggio originale: [msgid]\n";
constexpr std::string_view certified_type = "(\"posta certificata\")";
constexpr std::string_view ordinary_type = "(\"posta ordinaria\")";

// ---- filling it --------------------------------------------------------------------------------

const Template& template_for(Letter letter) {
  for (const auto& each : templates)
    if (each.letter == letter) return each;
  throw std::logic_error("letter without a template");
}

std::string recipient_list(const std::vector<Recipient>& recipients, bool with_type) {
  std::vector<std::string> lines;
  for (const auto& [address, certified] : recipients)
    lines.push_back(with_type
                        ? fmt::format("{} {}", address, certified ? certified_type : ordinary_type)
                        : address);
  return text::join(lines, "\n");
}

std::string value_of(std::string_view name, const LetterFacts& facts) {
  if (name == "data") return facts.stamp.date;
  if (name == "ora") return facts.stamp.time;
  if (name == "zona") return facts.stamp.offset;
  if (name == "oggetto") return facts.subject;
  if (name == "mittente") return facts.sender;
  if (name == "destinatario") return facts.recipient;
  if (name == "destinatari") return recipient_list(facts.recipients, false);
  if (name == "destinatari con tipo") return recipient_list(facts.recipients, true);
  if (name == "identificativo") return facts.pec_id;
  if (name == "msgid") return facts.msgid;
  throw std::logic_error(fmt::format("a text names [{}], which is nothing", name));
}

// One pass, so that a bracket inside a subject is never taken for one of ours.
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

std::string html_lines(std::string_view plain) {
  return text::replace_all(text::escape_html(plain), "\n", "<br>\n");
}

}  // namespace

std::string_view subject_prefix(Letter letter) {
  return template_for(letter).subject_prefix;
}

RenderedLetter render(Letter letter, const LetterFacts& facts) {
  const auto& source = template_for(letter);
  auto body = fill(source.body, facts) + fill(closing, facts);
  if (letter == Letter::acceptance && !facts.msgid.empty()) body += fill(own_message_id, facts);

  RenderedLetter rendered;
  rendered.plain = fmt::format("{}\n\n{}", source.title, body);
  rendered.html = fmt::format(
      "<html>\n<head><title>{0}</title></head>\n<body>\n<h3>{0}</h3>\n{1}</body>\n</html>\n",
      text::escape_html(source.title), html_lines(body));
  return rendered;
}

}  // namespace pec
