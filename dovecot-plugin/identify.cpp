// SPDX-License-Identifier: GPL-2.0-or-later

#include "dovecot-plugin/identify.hpp"

#include "base/text.hpp"
#include "mime/message.hpp"
#include "pec/frame.hpp"
#include "pec/message_identity.hpp"
#include "pec/pec_message.hpp"
#include "smime/cms_verifier.hpp"

#include <fmt/format.h>

namespace pec::delivery {

namespace {

constexpr std::size_t header_limit = std::size_t{1}
                                     << 20;               // pec-milter's, and some for trace fields
constexpr std::size_t data_limit = std::size_t{1} << 20;  // daticert.xml of thousands of recipients

Result<std::string> identity_of_receipt(const mime::Message& message, const SignedParts& parts) {
  const mime::Part* data_part = nullptr;
  for (const auto& part : parts.signed_part.children) {
    if (!text::equals_ignoring_case(part.file_name(), "daticert.xml")) continue;
    if (data_part != nullptr) return bad_input("it has more than one part daticert.xml");
    data_part = &part;
  }
  if (data_part == nullptr) return bad_input("it has no part daticert.xml");
  if (data_part->end - data_part->content_begin > 2 * data_limit)
    return bad_input("its daticert.xml is too large");
  PEC_TRY(const auto data, read_xml(mime::decode_content(*data_part, message.body.view)));
  PEC_TRY(const auto addresses, smime::signer_addresses(parts.signature));
  if (addresses.empty()) return bad_input("the signer's certificate has no address");
  return receipt_identity(data, addresses.front());
}

}  // namespace

Result<std::string> MessageIdentifier::finish(Claim claim) {
  PEC_TRY(const auto whole, spool_.finish());
  const auto header_end = whole.view.substr(0, 2 * header_limit).find("\r\n\r\n");
  if (header_end == std::string_view::npos) return bad_input("its header does not end");
  const auto message = mime::split_message(whole);
  PEC_TRY(const auto parts, read_frame(message));
  return claim == Claim::receipt ? identity_of_receipt(message, parts)
                                 : Result<std::string>(envelope_identity(parts.content));
}

}  // namespace pec::delivery
