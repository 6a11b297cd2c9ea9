// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/message_identity.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "mime/digest.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace pec {

namespace {

// 128 bits. A person who wants two messages with the same identity must make 2^64 attempts. He
// gains only that his second message is taken for his first.
constexpr std::size_t identity_digits = 32;

constexpr std::size_t name_octets = 20;  // 160 bits: 32 digits in base32

std::string digits_of(std::string_view text) {
  return mime::sha256_hex(text).substr(0, identity_digits);
}

}  // namespace

std::string envelope_identity(std::string_view signed_part) {
  return digits_of(signed_part);
}

std::string receipt_identity(const CertificationData& data, std::string_view signer) {
  std::vector<std::string> about;
  for (const auto& recipient : data.taken_in_charge)
    about.push_back(mime::canonical_address(recipient));
  if (!data.concerns.empty()) about.push_back(mime::canonical_address(data.concerns));
  std::sort(about.begin(), about.end());
  about.erase(std::unique(about.begin(), about.end()), about.end());
  // Data read from XML hold no line break (certification_data.hpp), so the text is unambiguous.
  return digits_of(fmt::format("{}\n{}\n{}\n{} {} {}\n{}", text::lower(signer),
                               wire_name(data.kind), data.pec_id, data.date, data.time, data.zone,
                               text::join(about, "\n")));
}

std::string submission_identity(const mime::Rope& message, std::string_view login,
                                std::string_view sender) {
  // Addresses hold no line break, so the text is unambiguous.
  mime::Rope all(fmt::format("submission\n{}\n{}\n", mime::canonical_address(login),
                             mime::canonical_address(sender)));
  all.append(message);
  return mime::sha256_hex(all).substr(0, identity_digits);
}

std::string receipt_name(const ReceiptKey& key, const Authenticator& host_group) {
  auto about = key.recipients;
  std::sort(about.begin(), about.end());
  about.erase(std::unique(about.begin(), about.end()), about.end());
  // "receipt" separates it from all other uses of this secret (internal_recipient.cpp).
  const auto mac = host_group.mac(
      fmt::format("receipt\n{}\n{}\n{}", log_name(key.kind), key.pec_id, text::join(about, "\n")));
  return text::base32(std::string_view(mac).substr(0, name_octets));
}

std::string anomaly_name(std::string_view identity, const Authenticator& host_group) {
  const auto mac = host_group.mac(fmt::format("anomaly\n{}", identity));
  return text::base32(std::string_view(mac).substr(0, name_octets));
}

}  // namespace pec
