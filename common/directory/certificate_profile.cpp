// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/certificate_profile.hpp"

#include "base/c_handle.hpp"
#include "base/text.hpp"
#include "smime/certificate.hpp"
#include "smime/openssl_errors.hpp"

#include <fmt/format.h>
#include <openssl/x509v3.h>
#include <vector>

namespace pec::directory {

namespace {

void free_octets(unsigned char* octets) {
  OPENSSL_free(octets);
}

// All values of this attribute, in UTF-8.
std::vector<std::string> subject_values(const X509& certificate, int nid) {
  const auto* subject = X509_get_subject_name(&certificate);
  std::vector<std::string> values;
  for (int i = -1; (i = X509_NAME_get_index_by_NID(subject, nid, i)) >= 0;) {
    unsigned char* utf8 = nullptr;
    const auto* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, i));
    const int size = ASN1_STRING_to_UTF8(&utf8, value);
    if (size < 0) continue;  // not a text, so not the name
    const CHandle<unsigned char, free_octets> owner(utf8);
    values.emplace_back(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  }
  return values;
}

// Keeps letters, digits, and all that is not ASCII.
std::string bare(std::string_view name) {
  std::string out;
  for (const char c : text::lower(name))
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80)
      out += c;
  return out;
}

bool is_named(const X509& certificate, std::string_view provider_name) {
  for (const int nid : {NID_organizationName, NID_commonName})
    for (const auto& value : subject_values(certificate, nid))
      if (bare(value) == bare(provider_name)) return true;
  return false;
}

bool has(const X509& certificate, int nid) {
  return X509_get_ext_by_NID(&certificate, nid, -1) >= 0;
}

bool is_critical(const X509& certificate, int nid) {
  return X509_EXTENSION_get_critical(
             X509_get_ext(&certificate, X509_get_ext_by_NID(&certificate, nid, -1))) != 0;
}

}  // namespace

std::string profile_flaw(X509& certificate, std::string_view provider_name) {
  smime::OpenSslErrors errors;
  if (!is_named(certificate, provider_name))
    return fmt::format("its subject ({}) has the provider's name neither in O nor in CN",
                       smime::subject_text(certificate));
  if (smime::rfc822_names(certificate).empty()) return "it has no e-mail address in subjectAltName";
  if (!has(certificate, NID_key_usage) ||
      (X509_get_key_usage(&certificate) & KU_DIGITAL_SIGNATURE) == 0)
    return "its keyUsage lacks digitalSignature";
  if (!is_critical(certificate, NID_key_usage)) return "its keyUsage is not critical";
  if (!has(certificate, NID_authority_key_identifier)) return "it has no authorityKeyIdentifier";
  if (!has(certificate, NID_subject_key_identifier)) return "it has no subjectKeyIdentifier";
  if (has(certificate, NID_basic_constraints)) return "it has basicConstraints, and must not";
  return "";
}

}  // namespace pec::directory
