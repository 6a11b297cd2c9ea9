// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/certification_data.hpp"

#include "base/name_table.hpp"
#include "base/text.hpp"
#include "mime/address.hpp"
#include "mime/encoded_word.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <iterator>
#include <pugixml.hpp>
#include <sstream>

namespace pec {

namespace {

constexpr NameTable<ReceiptForm, 3> form_names{{
    {ReceiptForm::complete, "completa"},
    {ReceiptForm::brief, "breve"},
    {ReceiptForm::concise, "sintetica"},
}};

constexpr NameTable<CertifiedError, 5> error_names{{
    {CertifiedError::none, "nessuno"},
    {CertifiedError::no_recipient, "no-dest"},
    {CertifiedError::no_domain, "no-dominio"},
    {CertifiedError::virus, "virus"},
    {CertifiedError::other, "altro"},
}};

// ---- writing -----------------------------------------------------------------------------------

// XML 1.0 can't hold most control characters, not even as references: they become blanks.
std::string xml_text(std::string_view utf8) {
  std::string out(utf8);
  std::replace_if(
      out.begin(), out.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return out;
}

pugi::xml_node add(pugi::xml_node parent, const char* name, std::string_view text) {
  auto node = parent.append_child(name);
  node.text().set(xml_text(text).c_str());
  return node;
}

void set(pugi::xml_node node, const char* attribute, std::string_view value) {
  node.append_attribute(attribute).set_value(std::string(value).c_str());
}

void add_heading(pugi::xml_node root, const CertificationData& data) {
  auto heading = root.append_child("intestazione");
  add(heading, "mittente", data.sender);
  for (const auto& recipient : data.recipients)
    set(add(heading, "destinatari", recipient.address), "tipo",
        recipient.certified ? "certificato" : "esterno");
  add(heading, "risposte", data.reply_to);
  add(heading, "oggetto", data.subject);
}

void add_facts(pugi::xml_node root, const CertificationData& data) {
  auto facts = root.append_child("dati");
  add(facts, "gestore-emittente", data.provider);
  auto when = facts.append_child("data");
  set(when, "zona", data.zone);
  add(when, "giorno", data.date);
  add(when, "ora", data.time);
  add(facts, "identificativo", data.pec_id);
  if (!data.msgid.empty()) add(facts, "msgid", data.msgid);
  if (data.receipt_form) set(facts.append_child("ricevuta"), "tipo", wire_name(*data.receipt_form));
  if (!data.concerns.empty()) add(facts, "consegna", data.concerns);
  for (const auto& recipient : data.taken_in_charge) add(facts, "ricezione", recipient);
  if (!data.error_detail.empty()) add(facts, "errore-esteso", data.error_detail);
}

// ---- reading -----------------------------------------------------------------------------------

// Walks the children of an element in the DTD's order. Keeps the first complaint.
class SequenceReader {
public:
  SequenceReader(pugi::xml_node parent, std::string& complaint)
      : parent_(parent), complaint_(complaint), next_(first_element()) {}

  pugi::xml_node optional(const char* name) {
    if (!next_ || std::strcmp(next_.name(), name) != 0) return {};
    const auto found = next_;
    next_ = next_.next_sibling();
    skip_non_elements();
    return found;
  }

  pugi::xml_node required(const char* name) {
    const auto found = optional(name);
    if (!found) complain(fmt::format("<{}> lacks <{}>", parent_.name(), name));
    return found;
  }

  std::string text(pugi::xml_node leaf) {
    for (const auto child : leaf.children())
      if (child.type() == pugi::node_element)
        complain(fmt::format("<{}> holds an element", leaf.name()));
    std::string all;  // CDATA sections and text may alternate
    for (const auto child : leaf.children()) all += child.value();
    if (!mime::is_utf8(all)) complain(fmt::format("<{}> is not UTF-8", leaf.name()));
    return std::string(text::trim(xml_text(all)));  // as write_xml() would write it
  }

  std::string required_text(const char* name) {
    const auto leaf = required(name);
    auto value = text(leaf);
    if (leaf && value.empty()) complain(fmt::format("<{}> is empty", name));
    return value;
  }

  void finish() {
    if (next_) complain(fmt::format("<{}> is out of place in <{}>", next_.name(), parent_.name()));
  }

  void complain(std::string what) {
    if (complaint_.empty()) complaint_ = text::printable(what);
  }

private:
  pugi::xml_node first_element() {
    next_ = parent_.first_child();
    skip_non_elements();
    return next_;
  }

  void skip_non_elements() {
    while (next_ && next_.type() != pugi::node_element) {
      const bool is_text = next_.type() == pugi::node_pcdata || next_.type() == pugi::node_cdata;
      if (is_text && !text::trim(next_.value()).empty())
        complain(fmt::format("text stands loose in <{}>", parent_.name()));
      next_ = next_.next_sibling();
    }
  }

  pugi::xml_node parent_;
  std::string& complaint_;
  pugi::xml_node next_;
};

// Checks the form alone: two digits, a slash, …; `pattern` has 9 for a digit.
bool has_form(std::string_view text, std::string_view pattern) {
  return text.size() == pattern.size() &&
         std::equal(text.begin(), text.end(), pattern.begin(), [](char c, char p) {
           return p == '9' ? c >= '0' && c <= '9' : p == '+' ? c == '+' || c == '-' : c == p;
         });
}

std::string too_many(const char* name, pugi::xml_node parent) {
  const auto all = parent.children(name);
  return fmt::format("there are {} <{}>, more than {}", std::distance(all.begin(), all.end()), name,
                     most_listed);
}

void read_heading(pugi::xml_node node, CertificationData& data, std::string& complaint) {
  SequenceReader heading(node, complaint);
  data.sender = heading.required_text("mittente");
  std::vector<Recipient> recipients;
  while (const auto recipient = heading.optional("destinatari")) {
    const std::string_view type = recipient.attribute("tipo").as_string("certificato");
    if (type != "certificato" && type != "esterno")
      heading.complain(fmt::format("<destinatari tipo=\"{}\"> is unknown", type));
    if (recipients.size() == most_listed) {
      heading.complain(too_many("destinatari", node));
      return;
    }
    recipients.push_back({heading.text(recipient), type == "certificato"});
    if (recipients.back().address.empty()) heading.complain("<destinatari> is empty");
  }
  if (recipients.empty()) heading.complain("<intestazione> lacks <destinatari>");
  data.recipients = std::move(recipients);
  data.reply_to = heading.text(heading.required("risposte"));
  data.subject = heading.text(heading.optional("oggetto"));
  heading.finish();
}

void read_moment(pugi::xml_node node, CertificationData& data, std::string& complaint) {
  SequenceReader moment(node, complaint);
  data.zone = node.attribute("zona").as_string();
  data.date = moment.required_text("giorno");
  data.time = moment.required_text("ora");
  moment.finish();
  if (!has_form(data.zone, "+9999")) moment.complain("<data zona> is not of the form +hhmm");
  if (!has_form(data.date, "99/99/9999")) moment.complain("<giorno> is not of the form dd/mm/yyyy");
  if (!has_form(data.time, "99:99:99")) moment.complain("<ora> is not of the form hh:mm:ss");
}

void read_facts(pugi::xml_node node, CertificationData& data, std::string& complaint) {
  SequenceReader facts(node, complaint);
  data.provider = facts.required_text("gestore-emittente");
  read_moment(facts.required("data"), data, complaint);
  // Some providers write identificativo with brackets, or msgid without.
  const auto pec_id = facts.required_text("identificativo");
  data.pec_id = text::without_brackets(pec_id);
  if (data.pec_id.empty()) facts.complain("<identificativo> is empty");
  data.msgid = facts.text(facts.optional("msgid"));
  if (!data.msgid.empty() && !data.msgid.starts_with('<'))
    data.msgid = fmt::format("<{}>", data.msgid);
  if (const auto receipt = facts.optional("ricevuta")) {
    const std::string_view form = receipt.attribute("tipo").as_string();
    data.receipt_form = receipt_form_from_wire(form);
    if (!data.receipt_form) facts.complain(fmt::format("<ricevuta tipo=\"{}\"> is unknown", form));
  }
  data.concerns = facts.text(facts.optional("consegna"));
  while (const auto recipient = facts.optional("ricezione")) {
    if (data.taken_in_charge.size() == most_listed) {
      facts.complain(too_many("ricezione", node));
      return;
    }
    data.taken_in_charge.push_back(facts.text(recipient));
  }
  data.error_detail = facts.text(facts.optional("errore-esteso"));
  facts.finish();
}

}  // namespace

std::string_view wire_name(ReceiptForm form) {
  return name_in(form_names, form);
}

std::optional<ReceiptForm> receipt_form_from_wire(std::string_view name) {
  return value_in(form_names, text::lower(name));
}

std::string_view wire_name(CertifiedError error) {
  return name_in(error_names, error);
}

bool certifies(const CertificationData& data, std::string_view address) {
  return std::any_of(data.recipients.begin(), data.recipients.end(), [&](const Recipient& each) {
    return each.certified && mime::same_address(each.address, address);
  });
}

bool names(const CertificationData& data, std::string_view address) {
  return std::any_of(data.recipients.begin(), data.recipients.end(), [&](const Recipient& each) {
    return mime::same_address(each.address, address);
  });
}

std::vector<std::string> recipients_concerned(const CertificationData& data) {
  auto about = data.taken_in_charge;
  if (!data.concerns.empty()) about.push_back(data.concerns);
  if (about.empty()) about.emplace_back();
  return about;
}

CertificationData certification_of(const LedgerEvent& envelope) {
  CertificationData data;
  data.kind = EventKind::transport_envelope;
  data.sender = envelope.sender;
  data.recipients = envelope.recipients;
  // Old lines have no reply_to. An envelope without Reply-To certifies its sender, too.
  data.reply_to = envelope.reply_to.empty() ? envelope.sender : envelope.reply_to;
  data.subject = envelope.subject;
  data.provider = envelope.provider;
  data.pec_id = envelope.pec_id;
  data.msgid = envelope.msgid;
  return data;
}

LedgerEvent log_event(const CertificationData& data, EventKind kind, Direction direction,
                      Instant at) {
  LedgerEvent event;
  event.pec_id = data.pec_id;
  event.kind = kind;
  event.direction = direction;
  event.at = at;
  event.msgid = data.msgid;
  event.sender = data.sender;
  event.recipients = data.recipients;
  event.reply_to = data.reply_to;
  event.subject = data.subject;
  event.provider = data.provider;
  if (data.error != CertifiedError::none) event.error = wire_name(data.error);
  event.detail = data.error_detail;
  return event;
}

std::string write_xml(const CertificationData& data) {
  pugi::xml_document document;
  auto declaration = document.append_child(pugi::node_declaration);
  set(declaration, "version", "1.0");
  set(declaration, "encoding", "UTF-8");
  auto root = document.append_child("postacert");
  set(root, "tipo", wire_name(data.kind));
  set(root, "errore", wire_name(data.error));
  add_heading(root, data);
  add_facts(root, data);

  std::ostringstream out;
  document.save(out, "    ", pugi::format_indent, pugi::encoding_utf8);
  return out.str();
}

Result<CertificationData> read_xml(std::string_view xml) {
  const auto invalid = [](const std::string& why) {
    return fail(Fault::bad_input, "invalid certification data", "daticert.xml: " + why);
  };
  if (xml.size() > most_data_octets)
    return invalid(fmt::format("it has {} octets, more than {}", xml.size(), most_data_octets));
  pugi::xml_document document;
  const auto parsed = document.load_buffer(xml.data(), xml.size());
  if (!parsed) return invalid(fmt::format("{} at byte {}", parsed.description(), parsed.offset));

  const auto root = document.document_element();
  if (std::strcmp(root.name(), "postacert") != 0) return invalid("the root is not <postacert>");

  CertificationData data;
  const auto kind = event_kind_from_wire(root.attribute("tipo").as_string());
  if (!kind || *kind == EventKind::anomaly_envelope)
    return invalid("<postacert tipo> is missing or unknown");
  data.kind = *kind;
  const auto error = value_in(error_names, root.attribute("errore").as_string("nessuno"));
  if (!error) return invalid("<postacert errore> is unknown");
  data.error = *error;

  std::string complaint;
  SequenceReader children(root, complaint);
  read_heading(children.required("intestazione"), data, complaint);
  read_facts(children.required("dati"), data, complaint);
  children.finish();
  if (!complaint.empty()) return invalid(complaint);
  return data;
}

}  // namespace pec
