// SPDX-License-Identifier: GPL-2.0-or-later

// LDIF of a providers' directory for tests.
#pragma once

#include "mime/digest.hpp"
#include "smime/certificate.hpp"
#include "unit/smime/test_pki.hpp"

#include <fmt/format.h>
#include <string>
#include <vector>

namespace pec::test {

struct EntryText {
  std::string name;
  std::string unit = "";
  std::vector<const smime::Certificate*> certificates = {};
  std::vector<std::string> domains = {};
  std::string mail_receipt = "ricevute@pec.example";
  std::string more = "";  // further lines
};

inline std::string base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

inline std::string dn_of(const EntryText& entry) {
  return fmt::format("{}providerName={},o=postacert",
                     entry.unit.empty() ? "" : "providerUnit=" + entry.unit + ",", entry.name);
}

inline std::string ldif_of(const EntryText& entry) {
  std::string out = fmt::format("dn: {}\nobjectclass: top\nobjectclass: provider\n", dn_of(entry));
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) out += fmt::format("{}: {}\n", name, value);
  };
  add("providerName", entry.name);
  add("providerUnit", entry.unit);
  for (const auto* certificate : entry.certificates) {
    const auto der = smime::to_der(**certificate);
    add("providerCertificateHash", mime::sha1_hex(der));
    add("providerCertificate;binary:", base64(der));
  }
  add("mailReceipt", entry.mail_receipt);
  for (const auto& domain : entry.domains) add("managedDomains", domain);
  return out + entry.more + "\n";
}

}  // namespace pec::test
