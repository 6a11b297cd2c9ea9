// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/trial_openssl.hpp"

#include "base/text.hpp"
#include "pecctl/setup/workshop.hpp"
#include "service/command.hpp"

#include <chrono>
#include <fmt/format.h>
#include <string_view>

namespace pec::pecctl {

namespace {

namespace fs = std::filesystem;

constexpr int days = 90;

Result<service::CommandAnswer> ask_openssl(std::vector<std::string> words) {
  constexpr std::chrono::seconds limit{60};
  words.insert(words.begin(), "/usr/bin/openssl");
  return service::ask_command(words, "", limit);
}

Result<void> openssl(std::vector<std::string> words, const fs::path& into) {
  PEC_TRY(const auto ran, ask_openssl(std::move(words)));
  if (ran.status == 0) return {};
  return unavailable(fmt::format("openssl can't make {}: {}", into.filename().string(),
                                 text::printable(text::trim(ran.errors))));
}

// openssl splits a subject at "/" and "+".
std::string escaped(std::string value) {
  for (const auto* special : {"\\", "/", "+"})
    value = text::replace_all(std::move(value), special, std::string("\\") + special);
  return value;
}

// Beside the file that it is for.
Result<fs::path> write_settings(const fs::path& into, std::string_view content) {
  const fs::path file = into.string() + ".cnf";
  PEC_TRY_VOID(write_text(file, content));
  return file;
}

}  // namespace

Result<void> make_key(KeyKind kind, const fs::path& into) {
  std::vector<std::string> words{"genpkey", "-out", into.string(), "-algorithm"};
  if (kind == KeyKind::rsa)
    words.insert(words.end(), {"RSA", "-pkeyopt", "rsa_keygen_bits:3072"});
  else
    words.insert(words.end(), {"EC", "-pkeyopt", "ec_paramgen_curve:P-256"});
  return openssl(std::move(words), into);
}

CertificateProfile authority_certificate(const std::string& domain) {
  return {"/C=IT/O=Prova/CN=" + escaped("Prova " + domain),
          {"basicConstraints = critical, CA:TRUE", "keyUsage = critical, keyCertSign, cRLSign",
           "subjectKeyIdentifier = hash"}};
}

CertificateProfile signing_certificate(const std::string& provider, const std::string& unit,
                                       const std::string& address) {
  const auto name = escaped(provider);
  return {fmt::format("/C=IT/O={0}{1}/CN={0}", name, unit.empty() ? "" : "/OU=" + escaped(unit)),
          {"keyUsage = critical, digitalSignature", "subjectKeyIdentifier = hash",
           "authorityKeyIdentifier = keyid", "subjectAltName = email:" + address}};
}

CertificateProfile tls_certificate(const std::string& host,
                                   const std::vector<std::string>& addresses) {
  std::string names = "DNS:" + host;
  for (const auto& address : addresses) names += ", IP:" + address;
  return {"/O=Prova",
          {"keyUsage = critical, digitalSignature", "extendedKeyUsage = serverAuth",
           "subjectKeyIdentifier = hash", "authorityKeyIdentifier = keyid",
           "subjectAltName = " + names}};
}

Result<void> make_certificate(const CertificateProfile& profile, const fs::path& key,
                              const Issuer* issuer, const fs::path& into) {
  PEC_TRY(const auto settings,
          write_settings(into, fmt::format("[req]\ndistinguished_name = dn\n[dn]\n[all]\n{}\n",
                                           text::join(profile.extensions, "\n"))));
  std::vector<std::string> words{"req",
                                 "-x509",
                                 "-new",
                                 "-utf8",
                                 "-sha256",
                                 "-config",
                                 settings,
                                 "-extensions",
                                 "all",
                                 "-days",
                                 std::to_string(days),
                                 "-subj",
                                 profile.subject,
                                 "-key",
                                 key,
                                 "-out",
                                 into};
  if (issuer != nullptr)
    words.insert(words.end(), {"-CA", issuer->certificate, "-CAkey", issuer->key});
  return openssl(std::move(words), into);
}

Result<void> make_revocation_list(const Issuer& issuer, const fs::path& into) {
  const fs::path database = into.string() + ".index";
  PEC_TRY_VOID(write_text(database, ""));
  PEC_TRY(const auto settings,
          write_settings(into, fmt::format("[ca]\ndefault_ca = here\n[here]\ndatabase = {}\n"
                                           "default_md = sha256\ndefault_crl_days = {}\n",
                                           database.string(), days)));
  return openssl({"ca", "-gencrl", "-config", settings, "-cert", issuer.certificate, "-keyfile",
                  issuer.key, "-out", into},
                 into);
}

Result<std::string> flaw_of_certificate(const fs::path& certificate, const fs::path& authority,
                                        const std::vector<std::string>& more) {
  std::vector<std::string> words{"verify", "-CAfile", authority};
  words.insert(words.end(), more.begin(), more.end());
  words.push_back(certificate);
  PEC_TRY(const auto ran, ask_openssl(std::move(words)));
  if (ran.status == 0) return std::string();
  // "error 10 at 0 depth lookup: certificate has expired"
  constexpr std::string_view mark = "lookup: ";
  const std::string_view said = ran.errors;
  const auto at = said.find(mark);
  const auto words_of_it = at == said.npos ? said : said.substr(at + mark.size());
  return text::printable(text::trim(words_of_it.substr(0, words_of_it.find('\n'))));
}

}  // namespace pec::pecctl
