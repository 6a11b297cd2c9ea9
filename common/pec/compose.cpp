// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/compose.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "mime/encoded_word.hpp"
#include "mime/encoder.hpp"
#include "mime/latin1.hpp"
#include "pec/filter_mark.hpp"
#include "pec/original_fields.hpp"
#include "pec/pec_fields.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace pec {

namespace {

constexpr std::string_view date_field = "Date";
constexpr std::string_view message_id_field = "Message-ID";

// The display name if nobody can tell who wrote a message. Clients look for an address there, and
// nobody can own ".invalid" (RFC 2606, 2).
constexpr std::string_view unknown_address = "sconosciuto@mittente.invalid";

// Fields of the original that an envelope copies as they are, above our own fields.
constexpr std::string_view trace_fields[] = {"Return-Path", "Received"};

bool is_trace_field(const mime::HeaderField& field) {
  return std::any_of(std::begin(trace_fields), std::end(trace_fields),
                     [&](std::string_view name) { return field.is(name); });
}

// Boundaries come from the message's own id. So they are new for each message, and no earlier
// original can hold them. A receipt that is made again has the same ones.
std::string boundary_for(std::string_view message_id, std::string_view which) {
  return fmt::format("pec-{}-{}", which, message_id.substr(0, message_id.find('@')));
}

bool has_8bit(const mime::Rope& rope) {
  bool found = false;
  rope.for_each([&](std::string_view slice) {
    // A reduction over blocks lets the compiler use vector instructions.
    while (!found && !slice.empty()) {
      const auto block = slice.substr(0, 4096);
      unsigned char all = 0;
      for (const char c : block)
        all = static_cast<unsigned char>(all | static_cast<unsigned char>(c));
      found = (all & 0x80U) != 0;
      slice.remove_prefix(block.size());
    }
  });
  return found;
}

// ---- the parts of the multipart/mixed ----------------------------------------------------------

std::string text_part(std::string_view subtype, std::string_view latin1) {
  return fmt::format(
      "Content-Type: text/{}; charset=iso-8859-1\r\n"
      "Content-Disposition: inline\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\n{}",
      subtype, mime::encode_quoted_printable(latin1));
}

std::string letter_part(const RenderedLetter& letter, std::string_view boundary) {
  return fmt::format(
      "Content-Type: multipart/alternative; boundary=\"{0}\"\r\n\r\n"
      "--{0}\r\n{1}\r\n--{0}\r\n{2}\r\n--{0}--\r\n",
      boundary, text_part("plain", mime::to_latin1(letter.plain)),
      text_part("html", mime::to_latin1_html(letter.html)));
}

std::string data_part(const CertificationData& data) {
  return fmt::format(
      "Content-Type: application/xml; name=\"daticert.xml\"\r\n"
      "Content-Disposition: inline; filename=\"daticert.xml\"\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n{}",
      mime::encode_base64(write_xml(data)));
}

std::string original_part_header(std::string_view encoding) {
  return fmt::format(
      "Content-Type: message/rfc822; name=\"postacert.eml\"\r\n"
      "Content-Disposition: inline; filename=\"postacert.eml\"\r\n"
      "Content-Transfer-Encoding: {}\r\n\r\n",
      encoding);
}

// A multipart is 8bit if any part is (RFC 2045, 6.4). All that we write ourselves is 7bit.
std::string_view encoding_of(const std::optional<mime::Rope>& original) {
  return original && has_8bit(*original) ? "8bit" : "7bit";
}

// `id`: for the boundaries. `data`: null for an anomaly envelope.
mime::Rope mixed_content(std::string_view id, const RenderedLetter& letter,
                         const CertificationData* data, const std::optional<mime::Rope>& original,
                         std::string_view encoding) {
  const auto boundary = boundary_for(id, "mixed");
  mime::Rope content;
  content.append(
      fmt::format("Content-Type: multipart/mixed; boundary=\"{}\"\r\n"
                  "Content-Transfer-Encoding: {}\r\n\r\n",
                  boundary, encoding));
  content.append(fmt::format("--{}\r\n{}\r\n", boundary,
                             letter_part(letter, boundary_for(id, "alternative"))));
  if (data) content.append(fmt::format("--{}\r\n{}\r\n", boundary, data_part(*data)));
  if (original) {
    content.append(fmt::format("--{}\r\n{}", boundary, original_part_header(encoding)));
    content.append(*original);
    content.append("\r\n");
  }
  content.append(fmt::format("--{}--\r\n", boundary));
  return content;
}

// ---- headers -----------------------------------------------------------------------------------

std::string bracketed(std::string_view id) {
  return fmt::format("<{}>", id);
}

void add_subject(mime::HeaderList& header, std::string_view prefix, std::string_view subject) {
  constexpr std::string_view name = "Subject";
  header.add(
      std::string(name),
      mime::encode_text(fmt::format("{}{}", prefix, shown_subject(subject)), name.size() + 2));
}

// Another provider's <msgid> may be anything, or longer than a field can be.
void add_reference(mime::HeaderList& header, const std::string& msgid) {
  if (is_message_id(msgid)) header.add(std::string(reference_field), msgid);
}

// RFC 5322, 3.6.4: mail programs show the receipt beside the message that was sent. A service
// mailbox has sent none.
void add_thread(mime::HeaderList& header, const CertificationData& data) {
  if (is_between_providers(data.kind) || !is_message_id(data.msgid)) return;
  for (const auto* name : {"In-Reply-To", "References"}) header.add(name, data.msgid);
}

void add_mime_fields(mime::HeaderList& header, std::string_view boundary,
                     std::string_view encoding) {
  header.add("MIME-Version", "1.0");
  header.add("Content-Type",
             fmt::format("multipart/signed; protocol=\"application/pkcs7-signature\";\r\n"
                         "\tmicalg=sha-256; boundary=\"{}\"",
                         boundary));
  header.add("Content-Transfer-Encoding", encoding);
}

// The address as a quoted display name holds it (RFC 5322, 3.2.4).
std::string quoted_content(std::string_view address) {
  std::string out;
  for (const char c : address) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

void copy_fields(mime::HeaderList& to, const mime::HeaderList& from, std::string_view name) {
  for (const auto* field : from.find_all(name)) to.add_raw(field->name, field->value);
}

bool holds_plain_addresses(const mime::HeaderList& header, std::string_view name) {
  const auto fields = header.find_all(name);
  return !fields.empty() && std::all_of(fields.begin(), fields.end(), [](const auto* field) {
    return mime::read_plain_addresses(field->value).has_value();
  });
}

// The original's fields, unmodified. If clients could read them otherwise, the envelope would show
// what it does not certify, and be malformed (outer_header.cpp). Then the risposte replace them.
void add_reply_to(mime::HeaderList& header, const mime::HeaderList& original,
                  const CertificationData& data) {
  if (holds_plain_addresses(original, "Reply-To")) return copy_fields(header, original, "Reply-To");
  const auto& addresses = data.reply_to.empty() ? data.sender : data.reply_to;
  header.add("Reply-To", text::replace_all(addresses, ", ", ",\r\n "));
}

// The first fields of transport and anomaly envelopes (3.1.5, 3.2.2). `sender`: empty if unknown.
// `data`: null for an anomaly envelope.
mime::HeaderList envelope_opening(const mime::HeaderList& original, const CertificationData* data,
                                  const std::string& sender, const Stamp& stamp,
                                  const Identity& identity) {
  mime::HeaderList header;
  for (const auto& field : original)
    if (is_trace_field(field)) header.add_raw(field.name, field.value);
  header.add("Date", stamp.header);
  header.add("From", fmt::format("\"Per conto di: {}\" <{}>",
                                 quoted_content(sender.empty() ? unknown_address : sender),
                                 identity.address));
  if (data)
    add_reply_to(header, original, *data);
  else if (original.find("Reply-To"))
    copy_fields(header, original, "Reply-To");
  else if (!sender.empty())
    header.add("Reply-To", sender);
  copy_fields(header, original, "To");
  copy_fields(header, original, "Cc");
  return header;
}

mime::HeaderList envelope_header(const mime::HeaderList& original, const CertificationData& data,
                                 const Stamp& stamp, const Identity& identity,
                                 std::string_view boundary, std::string_view encoding) {
  auto header = envelope_opening(original, &data, data.sender, stamp, identity);
  header.add(std::string(message_id_field), bracketed(data.pec_id));
  add_subject(header, subject_prefix(Letter::transport_envelope), data.subject);
  add_mime_fields(header, boundary, encoding);
  header.add(std::string(envelope_field), wire_name(EventKind::transport_envelope));
  add_reference(header, data.msgid);
  header.add(std::string(receipt_form_field),
             wire_name(data.receipt_form.value_or(ReceiptForm::complete)));
  return header;
}

mime::HeaderList anomaly_header(const mime::HeaderList& arrived, const AnomalyContents& contents,
                                const Identity& identity, std::string_view boundary,
                                std::string_view encoding) {
  auto header = envelope_opening(arrived, nullptr, contents.sender, contents.stamp, identity);
  copy_fields(header, arrived, message_id_field);
  if (!arrived.find(message_id_field))
    header.add(std::string(message_id_field), bracketed(contents.id));
  add_subject(header, subject_prefix(Letter::anomaly_envelope), contents.subject);
  add_mime_fields(header, boundary, encoding);
  header.add(std::string(envelope_field), wire_name(EventKind::anomaly_envelope));
  // For the Sieve script of dovecot-conf. No certified message of ours has it. In a mailbox, only a
  // message that was wrapped here has it together with X-Trasporto: errore.
  if (const auto level = wire_name(contents.spam); !level.empty()) header.add("X-PEC-Spam", level);
  return header;
}

mime::HeaderList receipt_header(const ReceiptContents& contents, const Identity& identity,
                                std::string_view boundary, std::string_view encoding) {
  mime::HeaderList header;
  header.add("Date", contents.stamp.header);
  header.add("From", identity.address);
  header.add("To", contents.to);
  header.add(std::string(message_id_field), bracketed(contents.message_id));
  if (identity.receipts_refer) add_thread(header, contents.data);
  add_subject(header, subject_prefix(contents.letter), contents.data.subject);
  add_mime_fields(header, boundary, encoding);
  header.add(std::string(receipt_field), wire_name(contents.data.kind));
  if (contents.letter == Letter::non_acceptance_for_virus ||
      contents.letter == Letter::non_delivery_for_virus)
    header.add(std::string(security_field), "errore");
  if (contents.letter == Letter::virus_detection)
    header.add(std::string(sender_field), contents.data.sender);
  add_reference(header, contents.data.msgid);
  return header;
}

LetterFacts letter_facts(const CertificationData& data, const Stamp& stamp) {
  LetterFacts facts;
  facts.stamp = stamp;
  facts.subject = shown_subject(data.subject);
  facts.sender = data.sender;
  facts.recipients = data.recipients.list();
  facts.recipient = data.concerns;
  facts.pec_id = data.pec_id;
  facts.msgid = data.msgid;
  if (data.kind == EventKind::take_charge) {
    facts.recipients.clear();
    for (const auto& recipient : data.taken_in_charge)
      facts.recipients.push_back({recipient, true});
  }
  return facts;
}

LetterFacts letter_facts(const AnomalyContents& contents) {
  LetterFacts facts;
  facts.stamp = contents.stamp;
  facts.subject = shown_subject(contents.subject);
  facts.sender = contents.sender;
  for (const auto& addressee : contents.addressees) facts.recipients.push_back({addressee, false});
  facts.description = contents.description;
  return facts;
}

RenderedLetter text_of(Letter letter, const LetterFacts& facts, const Identity& identity) {
  return render(letter, facts, identity.texts ? *identity.texts : OwnTexts());
}

}  // namespace

std::string shown_subject(std::string_view subject) {
  if (subject.size() <= most_subject_octets) return std::string(subject);
  auto end = most_subject_octets;
  while ((static_cast<unsigned char>(subject[end]) & 0xc0U) == 0x80U) --end;
  return fmt::format("{}...", subject.substr(0, end));
}

mime::Rope original_with_pec_id(const mime::Message& original, std::string_view pec_id,
                                std::string_view date) {
  mime::HeaderList header;
  header.add(std::string(message_id_field), bracketed(pec_id));
  if (const auto msgid = client_message_id(original.header); !msgid.empty())
    header.add(std::string(reference_field), msgid);
  if (!original.header.find(date_field)) header.add(std::string(date_field), date);
  for (const auto& field : original.header)
    if (!field.is(message_id_field)) header.add_raw(field.name, field.value);

  mime::Rope rope(header.wire() + "\r\n");
  rope.append(original.body);
  return rope;
}

Draft compose_transport_envelope(const mime::Message& original, const CertificationData& data,
                                 const Stamp& stamp, const Identity& identity) {
  const auto letter = text_of(Letter::transport_envelope, letter_facts(data, stamp), identity);
  const std::optional embedded = original_with_pec_id(original, data.pec_id, stamp.header);
  const auto encoding = encoding_of(embedded);
  const auto boundary = boundary_for(data.pec_id, "signed");
  return {envelope_header(original.header, data, stamp, identity, boundary, encoding),
          mixed_content(data.pec_id, letter, &data, embedded, encoding), boundary, stamp.at,
          identity.address};
}

Draft compose_receipt(const ReceiptContents& contents, const Identity& identity) {
  auto facts = letter_facts(contents.data, contents.stamp);
  facts.description = contents.description;
  const auto letter = text_of(contents.letter, facts, identity);
  const auto encoding = encoding_of(contents.original);
  const auto boundary = boundary_for(contents.message_id, "signed");
  return {receipt_header(contents, identity, boundary, encoding),
          mixed_content(contents.message_id, letter, &contents.data, contents.original, encoding),
          boundary, contents.stamp.at, identity.address};
}

Draft compose_anomaly_envelope(const mime::Message& arrived, const AnomalyContents& contents,
                               const Identity& identity) {
  const auto letter = text_of(Letter::anomaly_envelope, letter_facts(contents), identity);
  const std::optional embedded = arrived.wire();
  const auto encoding = encoding_of(embedded);
  const auto boundary = boundary_for(contents.id, "signed");
  return {anomaly_header(arrived.header, contents, identity, boundary, encoding),
          mixed_content(contents.id, letter, nullptr, embedded, encoding), boundary,
          contents.stamp.at, identity.address};
}

mime::OutgoingMessage finish(Draft draft, std::string_view signature_der) {
  mime::OutgoingMessage message;
  message.header = std::move(draft.header);
  message.body.append(
      fmt::format("This is an S/MIME signed message\r\n\r\n--{}\r\n", draft.boundary));
  message.body.append(draft.content);
  message.body.append(
      fmt::format("\r\n--{0}\r\n"
                  "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
                  "Content-Transfer-Encoding: base64\r\n"
                  "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n"
                  "{1}\r\n--{0}--\r\n",
                  draft.boundary, mime::encode_base64(signature_der)));
  return message;
}

}  // namespace pec
