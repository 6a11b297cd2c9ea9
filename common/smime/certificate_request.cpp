// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/certificate_request.hpp"

#include "base/c_handle.hpp"
#include "smime/openssl_errors.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace pec::smime {

namespace {

using Bio = CHandle<BIO, BIO_free>;
using Key = CHandle<EVP_PKEY, EVP_PKEY_free>;
using Name = CHandle<X509_NAME, X509_NAME_free>;
using Request = CHandle<X509_REQ, X509_REQ_free>;
using Extension = CHandle<X509_EXTENSION, X509_EXTENSION_free>;

constexpr std::size_t key_bits = 3072;

void free_extensions(STACK_OF(X509_EXTENSION) * all) {
  sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
}
using Extensions = CHandle<STACK_OF(X509_EXTENSION), free_extensions>;

// Countries of RFC 6109's providers: the directory is Italy's.
Name subject_name(const RequestSubject& subject) {
  Name name(X509_NAME_new());
  const auto add = [&](const char* field, const std::string& value) {
    return value.empty() ||
           X509_NAME_add_entry_by_txt(name.get(), field, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(value.data()),
                                      static_cast<int>(value.size()), -1, 0) == 1;
  };
  const bool good = name && add("C", "IT") && add("O", subject.provider) &&
                    add("OU", subject.unit) && add("CN", subject.address);
  return good ? std::move(name) : Name();
}

// OpenSSL's text form would take "," and ":" in an address for its own.
Extension alternative_name(const std::string& address) {
  const CHandle<GENERAL_NAMES, GENERAL_NAMES_free> names(GENERAL_NAMES_new());
  CHandle<GENERAL_NAME, GENERAL_NAME_free> name(GENERAL_NAME_new());
  CHandle<ASN1_IA5STRING, ASN1_IA5STRING_free> text(ASN1_IA5STRING_new());
  if (!names || !name || !text ||
      ASN1_STRING_set(text.get(), address.data(), static_cast<int>(address.size())) != 1)
    return {};
  GENERAL_NAME_set0_value(name.get(), GEN_EMAIL, text.release());
  if (sk_GENERAL_NAME_push(names.get(), name.get()) <= 0) return {};
  static_cast<void>(name.release());  // it belongs to the list now
  return Extension(X509V3_EXT_i2d(NID_subject_alt_name, 0, names.get()));
}

bool add_extensions(X509_REQ* request, const std::string& address) {
  const Extensions all(sk_X509_EXTENSION_new_null());
  auto names = alternative_name(address);
  Extension usage(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_key_usage, "critical,digitalSignature"));
  for (auto* extension : {&names, &usage}) {
    if (!*extension || sk_X509_EXTENSION_push(all.get(), extension->get()) <= 0) return false;
    static_cast<void>(extension->release());  // likewise
  }
  return X509_REQ_add_extensions(request, all.get()) == 1;
}

std::string text_in(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

Result<CertificateRequest> make_request(const RequestSubject& subject) {
  OpenSslErrors errors;
  const auto failed = [&] { return internal_error("can't make a request: " + errors.take()); };
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", key_bits));
  const Request request(X509_REQ_new());
  const auto name = subject_name(subject);
  if (!key || !request || !name || X509_REQ_set_subject_name(request.get(), name.get()) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.get()) != 1 ||
      !add_extensions(request.get(), subject.address) ||
      X509_REQ_sign(request.get(), key.get(), EVP_sha256()) <= 0)
    return failed();
  const Bio key_text(BIO_new(BIO_s_mem())), request_text(BIO_new(BIO_s_mem()));
  if (!key_text || !request_text ||
      PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1 ||
      PEM_write_bio_X509_REQ(request_text.get(), request.get()) != 1)
    return failed();
  return CertificateRequest{text_in(key_text.get()), text_in(request_text.get())};
}

}  // namespace pec::smime
