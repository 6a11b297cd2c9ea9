// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/certificate.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "smime/openssl_errors.hpp"
#include "smime/pem_blocks.hpp"

#include <algorithm>
#include <ctime>
#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/x509v3.h>
#include <stdexcept>

namespace pec::smime {

namespace {

void free_text(char* text) {
  OPENSSL_free(text);
}

const unsigned char* bytes(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

// The printable names of a kind whose value is an IA5String.
std::vector<std::string> names_of_kind(const GENERAL_NAMES* names, int kind) {
  std::vector<std::string> found;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != kind) continue;
    const ASN1_IA5STRING* ascii = name->d.ia5;
    std::string value(reinterpret_cast<const char*>(ASN1_STRING_get0_data(ascii)),
                      static_cast<std::size_t>(ASN1_STRING_length(ascii)));
    const auto printable = [](char c) { return c > ' ' && c < '\x7f'; };
    if (std::all_of(value.begin(), value.end(), printable)) found.push_back(std::move(value));
  }
  return found;
}

}  // namespace

Result<Instant> instant_of(const ASN1_TIME* time) {
  OpenSslErrors errors;
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1)
    return bad_input("a date in it can't be read");
  return Instant(std::chrono::seconds(timegm(&parts)));
}

Result<std::vector<Certificate>> certificates_from_pem(std::string_view pem,
                                                       const std::filesystem::path& file) {
  constexpr PemKind kind{"certificate", "openssl x509 -inform DER"};
  return pem_blocks<Certificate, PEM_read_bio_X509>(pem, file, kind);
}

Result<std::vector<Certificate>> certificates_from_pem_file(const std::filesystem::path& path) {
  PEC_TRY(const auto pem, read_file(path));
  return certificates_from_pem(pem, path);
}

Result<Certificate> certificate_from_der(std::string_view der) {
  OpenSslErrors errors;
  const unsigned char* at = bytes(der);
  Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate) return bad_input("not a certificate in DER form: " + errors.take());
  if (at != bytes(der) + der.size()) return bad_input("bytes follow the certificate");
  return certificate;
}

std::string to_der(const X509& certificate) {
  OpenSslErrors errors;
  unsigned char* der = nullptr;
  const int size = i2d_X509(&certificate, &der);
  if (size < 0) throw std::runtime_error("can't encode a certificate: " + errors.take());
  const CHandle<char, free_text> owner(reinterpret_cast<char*>(der));
  return {owner.get(), static_cast<std::size_t>(size)};
}

std::vector<std::string> rfc822_names(const X509& certificate) {
  OpenSslErrors errors;
  const CHandle<GENERAL_NAMES, GENERAL_NAMES_free> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  return names_of_kind(names.get(), GEN_EMAIL);
}

std::vector<std::string> crl_urls(const X509& certificate) {
  OpenSslErrors errors;
  const CHandle<CRL_DIST_POINTS, CRL_DIST_POINTS_free> points(static_cast<CRL_DIST_POINTS*>(
      X509_get_ext_d2i(&certificate, NID_crl_distribution_points, nullptr, nullptr)));
  std::vector<std::string> urls;
  for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT_NAME* name = sk_DIST_POINT_value(points.get(), i)->distpoint;
    constexpr int full_name = 0;
    if (name == nullptr || name->type != full_name) continue;
    for (auto& url : names_of_kind(name->name.fullname, GEN_URI))
      if (text::starts_with_ignoring_case(url, "http")) urls.push_back(std::move(url));
  }
  return urls;
}

Result<Validity> validity(const X509& certificate) {
  OpenSslErrors errors;
  PEC_TRY(const auto not_before, instant_of(X509_get0_notBefore(&certificate)));
  PEC_TRY(const auto not_after, instant_of(X509_get0_notAfter(&certificate)));
  return Validity{not_before, not_after};
}

std::string subject_text(const X509& certificate) {
  return name_text(*X509_get_subject_name(&certificate));
}

std::string name_text(const X509_NAME& name) {
  OpenSslErrors errors;
  const CHandle<BIO, BIO_free> out(BIO_new(BIO_s_mem()));
  if (!out || X509_NAME_print_ex(out.get(), &name, 0,
                                 XN_FLAG_ONELINE & ~XN_FLAG_SPC_EQ & ~ASN1_STRFLGS_ESC_MSB) < 0)
    return "somebody whose name can't be read";
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return text::printable({data, static_cast<std::size_t>(size)});
}

std::string utc_text(Instant instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(instant - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

}  // namespace pec::smime
