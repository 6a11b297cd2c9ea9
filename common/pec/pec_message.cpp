#include "pec/pec_message.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/compose.hpp"

#include <fmt/format.h>
#include <vector>

namespace pec {

namespace {

constexpr std::string_view data_file = "daticert.xml";
constexpr std::string_view original_file = "postacert.eml";

bool is_signature_type(std::string_view type) {
  return type == "application/pkcs7-signature" || type == "application/x-pkcs7-signature";
}

// The recipients that a receipt or notice of this kind is about (the DTD's comments; rules, 8.2).
bool names_its_recipients(const CertificationData& data) {
  switch (data.kind) {
    case EventKind::delivery:
    case EventKind::non_delivery:
    case EventKind::virus_detection:
    case EventKind::timeout_notice:
      return !data.delivery.empty();
    case EventKind::take_charge:
      return !data.taken_in_charge.empty();
    default:
      return true;
  }
}

std::vector<const mime::Part*> find_files(const mime::Part& parent, std::string_view name) {
  std::vector<const mime::Part*> found;
  for (const auto& child : parent.children)
    if (text::equals_ignoring_case(child.file_name(), name)) found.push_back(&child);
  return found;
}

// A message/rfc822 may be in no other encoding (RFC 2046, 5.2.1); what we embed further on must be
// the message itself.
bool is_unencoded(const mime::Part& part) {
  const auto encoding = text::lower(part.header.unfolded("Content-Transfer-Encoding"));
  return encoding.empty() || encoding == "7bit" || encoding == "8bit" || encoding == "binary";
}

tl::unexpected<Error> malformed(std::string why) {
  return fail(Fault::bad_input, "malformed certified message", std::move(why));
}

// The header is not under the signature: only where it says what the signed data say is it to be
// believed. Where a field is there twice, readers differ in which one they take.
Result<void> check_single_fields(const mime::HeaderList& header) {
  for (const std::string_view name :
       {"X-Trasporto", "X-Ricevuta", "Message-ID", "X-Riferimento-Message-ID", "X-TipoRicevuta",
        "Subject", "Date", "Content-Type"})
    if (header.find_all(name).size() > 1)
      return malformed(fmt::format("the field {} occurs more than once", name));
  return {};
}

// "Per conto di: anna@pec.alfa.example" <posta-certificata@pec.alfa.example>
Result<void> check_shown_sender(const mime::HeaderList& header, const std::string& sender) {
  constexpr std::string_view opening = "Per conto di: ";
  const auto* from = header.find("From");
  const auto addresses = from ? mime::parse_addresses(from->value) : std::vector<mime::Address>{};
  if (addresses.size() == 1) {
    const std::string_view shown = addresses.front().display_name;
    if (text::starts_with_ignoring_case(shown, opening) &&
        mime::same_address(text::trim(shown.substr(opening.size())), sender))
      return {};
  }
  return malformed("From does not show the mittente of daticert.xml");
}

// The header of a receipt names no PEC msgid of its own: its Message-ID is the receipt's. That of
// an envelope is the PEC msgid, and both must say the same.
Result<void> check_agreement(const mime::Message& message, const CertificationData& data,
                             EventKind claimed) {
  if (data.kind != claimed)
    return malformed(fmt::format("the header says {}, daticert.xml says {}", wire_name(claimed),
                                 wire_name(data.kind)));
  if (!names_its_recipients(data))
    return malformed("daticert.xml does not say which recipient it is about");
  const auto msgid = message.header.unfolded("X-Riferimento-Message-ID");
  if (!msgid.empty() && !data.msgid.empty() && msgid != data.msgid)
    return malformed("X-Riferimento-Message-ID is not the msgid of daticert.xml");
  if (claimed != EventKind::transport_envelope) return {};

  if (bare_message_id(message.header) != data.pec_id)
    return malformed("the Message-ID is not the identificativo of daticert.xml");
  if (data.receipt_form && message.header.find("X-TipoRicevuta") &&
      requested_form(message.header) != *data.receipt_form)
    return malformed("X-TipoRicevuta is not the ricevuta of daticert.xml");
  return check_shown_sender(message.header, data.sender);
}

}  // namespace

std::optional<EventKind> claimed_kind(const mime::HeaderList& header) {
  const auto transport = header.unfolded("X-Trasporto");
  const auto receipt = header.unfolded("X-Ricevuta");
  if (transport.empty() == receipt.empty()) return std::nullopt;
  const auto kind = event_kind_from_wire(text::lower(transport.empty() ? receipt : transport));
  if (!kind) return std::nullopt;
  const bool is_envelope =
      *kind == EventKind::transport_envelope || *kind == EventKind::anomaly_envelope;
  if (is_envelope != !transport.empty()) return std::nullopt;
  return kind;
}

std::string bare_message_id(const mime::HeaderList& header) {
  const auto id = header.unfolded("Message-ID");
  return std::string(text::without_brackets(id));
}

Result<SignedParts> find_signature(const mime::Message& message) {
  const auto body = message.body.view;
  auto tree = mime::parse_message(message.header, body);
  auto& root = tree.root;
  if (root.content_type.value != "multipart/signed") return malformed("it is not multipart/signed");
  if (!is_signature_type(text::lower(root.content_type.parameter("protocol"))))
    return malformed("the multipart/signed is not of the CMS protocol");
  if (!root.closed) return malformed("the multipart/signed does not end");
  if (root.children.size() != 2) return malformed("the multipart/signed has not two parts");
  const auto& signature = root.children[1];
  if (!is_signature_type(signature.content_type.value))
    return malformed("the second part is not a CMS signature");

  SignedParts parts;
  parts.signature = mime::decode_content(signature, body);
  parts.content = root.children[0].entity(body);
  parts.signed_part = std::move(root.children[0]);
  return parts;
}

Result<PecMessage> read_pec_message(const mime::Message& message, const SignedParts& parts) {
  const auto claimed = claimed_kind(message.header);
  if (!claimed) return malformed("neither X-Trasporto nor X-Ricevuta says what it is");
  if (*claimed == EventKind::anomaly_envelope)
    return malformed("an anomaly envelope is good only where it was made");
  if (auto single = check_single_fields(message.header); !single)
    return tl::unexpected(single.error());
  if (parts.signed_part.content_type.value != "multipart/mixed")
    return malformed("the signed part is not multipart/mixed");

  const auto data_parts = find_files(parts.signed_part, data_file);
  if (data_parts.size() != 1)
    return malformed(fmt::format("it has {} parts daticert.xml, not one", data_parts.size()));
  auto data = read_xml(mime::decode_content(*data_parts.front(), message.body.view));
  if (!data) return tl::unexpected(data.error());
  if (auto agreed = check_agreement(message, *data, *claimed); !agreed)
    return tl::unexpected(agreed.error());

  PecMessage pec{*claimed, bare_message_id(message.header), std::move(*data), std::nullopt};
  const auto originals = find_files(parts.signed_part, original_file);
  if (originals.size() > 1) return malformed("it has more than one postacert.eml");
  if (!originals.empty()) {
    const auto* original = originals.front();
    if (original->content_type.value != "message/rfc822" || !is_unencoded(*original))
      return malformed("postacert.eml is not a plain message/rfc822");
    pec.original =
        message.body.sub(original->content_begin, original->end - original->content_begin);
  }
  if (pec.kind == EventKind::transport_envelope && !pec.original)
    return malformed("the envelope has no postacert.eml");
  return pec;
}

}  // namespace pec
