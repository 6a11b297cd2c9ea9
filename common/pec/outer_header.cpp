// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/outer_header.hpp"

#include "base/text.hpp"
#include "mime/date.hpp"
#include "mime/encoded_word.hpp"
#include "pec/original_fields.hpp"
#include "pec/pec_fields.hpp"
#include "pec/stamp.hpp"
#include "pec/texts.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <set>

namespace pec {

namespace {

using Agreed = Result<void>;

tl::unexpected<Error> differs(std::string why) {
  return fail(Fault::bad_input, "malformed certified message", std::move(why));
}

bool is_envelope(EventKind kind) {
  return kind == EventKind::transport_envelope;
}

// Fields, besides From and Reply-To, whose addresses a client writes to, or offers to.
constexpr std::string_view other_answers[] = {"Disposition-Notification-To", "Return-Receipt-To",
                                              "X-Confirm-Reading-To", "Mail-Reply-To",
                                              "Mail-Followup-To"};

// If a field occurs twice, readers differ in which one they take. Sender and Resent-* name people
// who are unknown to the certification data.
Agreed check_fields(const mime::HeaderList& header) {
  constexpr std::string_view names[] = {envelope_field,  receipt_field,  receipt_form_field,
                                        reference_field, security_field, sender_field,
                                        "From",          "Subject",      "Date",
                                        "Reply-To",      "Message-ID"};
  for (const auto name : names)
    if (header.find_all(name).size() > 1)
      return differs(fmt::format("the field {} occurs more than once", name));
  for (const auto& field : header)
    if (field.is("Sender") || text::starts_with_ignoring_case(field.name, "Resent-"))
      return differs(fmt::format("certified mail has no field {}", text::printable(field.name)));
  return {};
}

// ---- who ---------------------------------------------------------------------------------------

// Nothing if there are none, or if clients could read them otherwise.
std::optional<std::vector<mime::Address>> addresses_in(const mime::HeaderList& header,
                                                       std::string_view name) {
  const auto fields = header.find_all(name);
  return fields.size() == 1 ? mime::read_plain_addresses(fields.front()->value) : std::nullopt;
}

// "Per conto di: anna@pec.alfa.example" <posta-certificata@pec.alfa.example>
Agreed check_shown_sender(const mime::Address& from, const std::string& sender) {
  constexpr std::string_view opening = "Per conto di: ";
  const std::string_view shown = from.display_name;
  if (text::starts_with_ignoring_case(shown, opening) &&
      mime::same_address(text::trim(shown.substr(opening.size())), sender))
    return {};
  return differs("From does not show the mittente of daticert.xml");
}

// A receipt is its provider's own: no other name stands before the address. A unit that shares its
// provider's certificate (4.5.7) writes under the same name in its own domain. classify() has
// checked before that this domain is the signer's.
Agreed check_own_name(const mime::Address& from, const std::vector<std::string>& signer) {
  if (!from.display_name.empty() && !mime::same_address(from.display_name, from.address))
    return differs("From of a receipt shows another name than its own address");
  const auto name = mime::local_part_of(from.address);
  if (std::none_of(signer.begin(), signer.end(), [&](const std::string& each) {
        return text::equals_ignoring_case(mime::local_part_of(each), name);
      }))
    return differs("From of a receipt is not an address of the signer's certificate");
  return {};
}

Agreed check_from(const mime::HeaderList& header, EventKind kind, const CertificationData& data,
                  const std::vector<std::string>& signer) {
  const auto from = addresses_in(header, "From");
  if (!from || from->size() != 1) return differs("From does not hold one address, plainly written");
  return is_envelope(kind) ? check_shown_sender(from->front(), data.sender)
                           : check_own_name(from->front(), signer);
}

Agreed check_to(const mime::HeaderList& header, EventKind kind, const CertificationData& data) {
  if (is_envelope(kind) || is_between_providers(kind)) return {};
  const auto to = addresses_in(header, "To");
  if (to && to->size() == 1 && mime::same_address(to->front().address, data.sender)) return {};
  return differs("To of a receipt is not the mittente of daticert.xml");
}

// The addresses that a client would write to: anything with an "@", valid or not.
std::set<std::string> writable(const std::vector<mime::Address>& addresses) {
  std::set<std::string> all;
  for (const auto& each : addresses)
    if (each.address.find('@') != std::string::npos)
      all.insert(mime::canonical_address(each.address));
  return all;
}

Agreed check_reply_to(const mime::HeaderList& header, const CertificationData& data) {
  if (!header.find("Reply-To")) return {};
  const auto shown = addresses_in(header, "Reply-To");
  if (!shown) return differs("Reply-To does not hold addresses, plainly written");
  if (writable(*shown) == writable(mime::parse_addresses(data.reply_to))) return {};
  return differs("Reply-To is not the risposte of daticert.xml");
}

Agreed check_other_answers(const mime::HeaderList& header, const CertificationData& data) {
  auto certified = writable(mime::parse_addresses(data.reply_to));
  certified.insert(mime::canonical_address(data.sender));
  for (const auto name : other_answers) {
    if (!header.find(name)) continue;
    const auto shown = addresses_in(header, name);
    if (!shown || std::any_of(shown->begin(), shown->end(), [&](const mime::Address& each) {
          return !certified.contains(mime::canonical_address(each.address));
        }))
      return differs(fmt::format("{} is not the mittente or risposte of daticert.xml", name));
  }
  return {};
}

// ---- what --------------------------------------------------------------------------------------

Letter letter_of(EventKind kind, const CertificationData& data) {
  const bool virus = data.error == CertifiedError::virus;
  switch (kind) {
    case EventKind::transport_envelope:
      return Letter::transport_envelope;
    case EventKind::acceptance:
      return Letter::acceptance;
    case EventKind::non_acceptance:
      return virus ? Letter::non_acceptance_for_virus : Letter::non_acceptance;
    case EventKind::take_charge:
      return Letter::take_charge;
    case EventKind::delivery:
      return Letter::delivery_complete;
    case EventKind::non_delivery:
      return virus ? Letter::non_delivery_for_virus : Letter::non_delivery;
    case EventKind::early_notice:
      return Letter::early_notice;
    case EventKind::timeout_notice:
      return Letter::timeout_notice;
    case EventKind::virus_detection:
      return Letter::virus_detection;
    case EventKind::anomaly_envelope:
    case EventKind::refusal:
      break;
  }
  return Letter::anomaly_envelope;
}

// As characters. Each run of blanks and control characters becomes one blank, and none stands at
// the ends. `utf8` is valid UTF-8.
std::u32string folded(std::string_view utf8) {
  std::u32string out;
  for (std::size_t at = 0; at < utf8.size();) {
    const auto first = static_cast<unsigned char>(utf8[at]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    char32_t c = length == 1 ? first : first & (0x7fU >> length);
    for (std::size_t i = 1; i < length && at + i < utf8.size(); ++i)
      c = (c << 6) | (static_cast<unsigned char>(utf8[at + i]) & 0x3fU);
    at += length;
    const bool blank = c <= ' ' || (c >= 0x7f && c < 0xa0);
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

// A stand-in for a character that an encoding could not hold. ASCII's characters need none.
bool stands_for(char32_t shown, char32_t certified) {
  constexpr char32_t replacement = 0xfffd;
  if (shown == certified) return true;
  if (shown == U'?' || shown == replacement) return certified >= 0x80;
  return certified == replacement && shown >= 0x80;
}

bool begins_with(std::u32string_view certified, std::u32string_view shown) {
  return shown.size() <= certified.size() &&
         std::equal(shown.begin(), shown.end(), certified.begin(), stands_for);
}

// A field that the mail server has cut may end in the middle of an encoded word.
std::string_view without_broken_word(std::string_view value) {
  const auto begin = value.rfind("=?");
  const bool whole = begin == value.npos || text::trim(value).ends_with("?=");
  return whole ? value : value.substr(0, begin);
}

Agreed check_subject(const mime::HeaderList& header, EventKind kind,
                     const CertificationData& data) {
  constexpr std::size_t least_shown = 200;
  const std::string prefix(subject_prefix(letter_of(kind, data)));
  const auto* field = header.find("Subject");
  const auto certified = folded(prefix + data.subject);
  auto shown = folded(field ? mime::decode_text(field->value) : std::string());
  if (shown.size() == certified.size() && begins_with(certified, shown)) return {};
  if (shown.ends_with(U"..."))
    shown.resize(shown.size() - 3);
  else if (field && field->value.size() >= surely_whole)
    shown = folded(mime::decode_text(without_broken_word(field->value)));
  else
    return differs(fmt::format("Subject is not \"{}\" and the oggetto of daticert.xml", prefix));
  if (shown.ends_with(U' ')) shown.pop_back();
  if (shown.size() >= prefix.size() + least_shown && begins_with(certified, shown)) return {};
  return differs(fmt::format("Subject is not \"{}\" and the oggetto of daticert.xml", prefix));
}

// ---- when, and which ---------------------------------------------------------------------------

Agreed check_date(const mime::HeaderList& header, const CertificationData& data) {
  constexpr std::chrono::seconds leeway{60};
  const auto shown = mime::instant_of(header.unfolded("Date"));
  const auto certified = instant_of(data.date, data.time, data.zone);
  if (shown && certified && std::chrono::abs(*shown - *certified) <= leeway) return {};
  return differs("Date is not the data of daticert.xml");
}

Agreed check_ids(const mime::HeaderList& header, EventKind kind, const CertificationData& data) {
  if (is_envelope(kind) && bare_message_id(header) != data.pec_id)
    return differs("the Message-ID is not the identificativo of daticert.xml");
  const auto msgid = header.unfolded(reference_field);
  if (!msgid.empty() && text::without_brackets(msgid) != text::without_brackets(data.msgid))
    return differs("X-Riferimento-Message-ID is not the msgid of daticert.xml");
  return {};
}

// If the certification data don't say it, the header decides.
Agreed check_form(const mime::HeaderList& header, const CertificationData& data) {
  if (data.receipt_form && header.find(receipt_form_field) &&
      requested_form(header) != *data.receipt_form)
    return differs("X-TipoRicevuta is not the ricevuta of daticert.xml");
  return {};
}

std::vector<std::string> remarks_on(const mime::HeaderList& header, EventKind kind,
                                    const CertificationData& data) {
  if (!is_envelope(kind)) return {};
  std::set<std::string> shown, certified;
  for (const auto& field : header)
    if (field.is("To") || field.is("Cc")) shown.merge(writable(mime::parse_addresses(field.value)));
  for (const auto& each : data.recipients) certified.insert(mime::canonical_address(each.address));
  std::vector<std::string> remarks;
  if (!std::includes(shown.begin(), shown.end(), certified.begin(), certified.end()))
    remarks.emplace_back("recipients_not_shown");
  if (!std::includes(certified.begin(), certified.end(), shown.begin(), shown.end()))
    remarks.emplace_back("others_shown");
  return remarks;
}

}  // namespace

Result<std::vector<std::string>> compare_outer_header(const mime::HeaderList& header,
                                                      EventKind claimed,
                                                      const CertificationData& data,
                                                      const std::vector<std::string>& signer) {
  if (data.kind != claimed)
    return differs(fmt::format("the header says {}, daticert.xml says {}", wire_name(claimed),
                               wire_name(data.kind)));
  for (const auto& agreed :
       {check_fields(header), check_from(header, claimed, data, signer),
        check_to(header, claimed, data), check_ids(header, claimed, data), check_form(header, data),
        check_subject(header, claimed, data), check_reply_to(header, data),
        check_other_answers(header, data), check_date(header, data)})
    if (!agreed) return tl::unexpected(agreed.error());
  return remarks_on(header, claimed, data);
}

std::string reply_addresses(const std::vector<mime::Address>& reply_to, const std::string& sender) {
  std::vector<std::string> all;
  for (const auto& each : reply_to)
    if (mime::read_plain_addresses(each.address)) all.push_back(each.address);
  return all.empty() ? sender : text::join(all, ", ");
}

}  // namespace pec
