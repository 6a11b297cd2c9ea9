#include "smime/certificate.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "smime/openssl_errors.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
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

Result<Instant> instant_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1)
    return bad_input("the certificate's validity can't be read");
  return Instant(std::chrono::seconds(timegm(&parts)));
}

}  // namespace

Result<std::vector<Certificate>> certificates_from_pem_file(const std::filesystem::path& path) {
  OpenSslErrors errors;
  const auto pem = read_file(path);
  if (!pem) return tl::unexpected(pem.error());

  const CHandle<BIO, BIO_free> in(BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())));
  std::vector<Certificate> certificates;
  while (Certificate next{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)})
    certificates.push_back(std::move(next));

  // The loop ends with an error always; at the end of the file it is this one.
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
    return bad_input(fmt::format("certificate {} in {} is damaged ({}): copy the file again",
                                 certificates.size() + 1, path.string(), errors.take()));
  if (certificates.empty())
    return bad_input(
        fmt::format("{} holds no certificate in PEM form: if it is DER, convert it with \"openssl "
                    "x509 -inform DER\"",
                    path.string()));
  return certificates;
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

std::string sha1_hex(std::string_view der) {
  OpenSslErrors errors;
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  if (EVP_Digest(der.data(), der.size(), out.data(), &size, EVP_sha1(), nullptr) != 1)
    throw std::runtime_error("SHA-1 failed: " + errors.take());
  return text::hex({reinterpret_cast<const char*>(out.data()), size});
}

std::vector<std::string> rfc822_names(const X509& certificate) {
  OpenSslErrors errors;
  const CHandle<GENERAL_NAMES, GENERAL_NAMES_free> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> addresses;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_EMAIL) continue;
    const ASN1_IA5STRING* value = name->d.rfc822Name;
    std::string address(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                        static_cast<std::size_t>(ASN1_STRING_length(value)));
    const auto printable = [](char c) { return c > ' ' && c < '\x7f'; };
    if (std::all_of(address.begin(), address.end(), printable))
      addresses.push_back(std::move(address));
  }
  return addresses;
}

Result<Validity> validity(const X509& certificate) {
  OpenSslErrors errors;
  const auto not_before = instant_of(X509_get0_notBefore(&certificate));
  if (!not_before) return tl::unexpected(not_before.error());
  const auto not_after = instant_of(X509_get0_notAfter(&certificate));
  if (!not_after) return tl::unexpected(not_after.error());
  return Validity{*not_before, *not_after};
}

std::string subject_text(const X509& certificate) {
  OpenSslErrors errors;
  const CHandle<BIO, BIO_free> out(BIO_new(BIO_s_mem()));
  if (!out || X509_NAME_print_ex(out.get(), X509_get_subject_name(&certificate), 0,
                                 XN_FLAG_ONELINE & ~XN_FLAG_SPC_EQ & ~ASN1_STRFLGS_ESC_MSB) < 0)
    return "a certificate whose subject can't be read";
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
