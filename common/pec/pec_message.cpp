// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/pec_message.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/internal_recipient.hpp"
#include "pec/outer_header.hpp"

#include <fmt/format.h>
#include <vector>

namespace pec {

namespace {

constexpr std::string_view data_file = "daticert.xml";
constexpr std::string_view original_file = "postacert.eml";

// Whether it says which recipients it is about, if its kind must (the DTD's comments; rules, 8.2).
bool names_its_recipients(const CertificationData& data) {
  switch (data.kind) {
    case EventKind::delivery:
    case EventKind::non_delivery:
    case EventKind::virus_detection:
    case EventKind::timeout_notice:
      return !data.concerns.empty();
    case EventKind::take_charge:
      return !data.taken_in_charge.empty();
    default:
      return true;
  }
}

// A certified message has a sender whom everybody can name and write to.
bool has_sender(const CertificationData& data) {
  const auto domain = mime::domain_of(data.sender);
  return mime::is_valid_address(data.sender) &&
         !text::equals_ignoring_case(domain, internal_domain) &&
         !text::ends_with_ignoring_case(domain, fmt::format(".{}", internal_domain));
}

std::vector<const mime::Part*> find_files(const mime::Part& parent, std::string_view name) {
  std::vector<const mime::Part*> found;
  for (const auto& child : parent.children)
    if (text::equals_ignoring_case(child.file_name(), name)) found.push_back(&child);
  return found;
}

// A message/rfc822 may have no other encoding (RFC 2046, 5.2.1). We embed this part in receipts, so
// it must be the message itself.
bool is_unencoded(const mime::Part& part) {
  const auto encoding = text::lower(part.header.unfolded("Content-Transfer-Encoding"));
  return encoding.empty() || encoding == "7bit" || encoding == "8bit" || encoding == "binary";
}

tl::unexpected<Error> malformed(std::string why) {
  return fail(Fault::bad_input, "malformed certified message", std::move(why));
}

}  // namespace

Result<CertificationData> read_data(const mime::Message& message, const SignedParts& parts) {
  const auto body = message.body.view;
  // Base64, line ends and a header make it less than twice as large.
  constexpr std::size_t most_octets = 2 * most_data_octets;
  const auto found = find_files(parts.signed_part, data_file);
  if (found.size() != 1)
    return malformed(fmt::format("it has {} parts daticert.xml, not one", found.size()));
  const auto size = found.front()->entity(body).size();
  if (size > most_octets)
    return malformed(fmt::format("daticert.xml has {} octets as it is encoded, more than {}", size,
                                 most_octets));
  return read_xml(mime::decode_content(*found.front(), body));
}

Result<PecMessage> read_pec_message(const mime::Message& message, const SignedParts& parts,
                                    const std::vector<std::string>& signer) {
  const auto claimed = claimed_kind(message.header);
  if (!claimed) return malformed("neither X-Trasporto nor X-Ricevuta says what it is");
  if (*claimed == EventKind::anomaly_envelope)
    return malformed("an anomaly envelope is good only where it was made");
  if (parts.signed_part.content_type.value != "multipart/mixed")
    return malformed("the signed part is not multipart/mixed");

  PEC_TRY(auto data, read_data(message, parts));
  PEC_TRY(auto remarks, compare_outer_header(message.header, *claimed, data, signer));
  if (!names_its_recipients(data))
    return malformed("daticert.xml does not say which recipient it is about");
  if (*claimed == EventKind::transport_envelope && !has_sender(data))
    return malformed("the mittente of daticert.xml is not an address of a sender");

  if (*claimed == EventKind::transport_envelope && !data.receipt_form)
    data.receipt_form = receipt_form_from_wire(message.header.unfolded(receipt_form_field));

  PecMessage pec{*claimed, bare_message_id(message.header), std::move(data), std::nullopt,
                 std::move(remarks)};
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
