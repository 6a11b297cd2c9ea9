// SPDX-License-Identifier: GPL-2.0-or-later

#include "unit/smime/test_pki.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/conf.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdexcept>
#include <sys/wait.h>

namespace pec::test {

namespace {

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("test PKI: can't ") + what);
}

smime::PrivateKey make_key(const Profile& profile) {
  smime::PrivateKey key;
  switch (profile.key) {
    case KeyKind::rsa:
      key.reset(EVP_RSA_gen(profile.rsa_bits));
      break;
    case KeyKind::ec:
      key.reset(EVP_EC_gen("P-256"));
      break;
    case KeyKind::ed25519:
      key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
      break;
  }
  must(key != nullptr, "make a key");
  return key;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  if (value.empty()) return;
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const CHandle<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  must(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add an extension");
}

void set_names(X509* certificate, const Profile& profile) {
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto add = [&](const char* field, const std::string& value) {
    must(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(value.data()),
                                    static_cast<int>(value.size()), -1, 0) == 1,
         "set a subject");
  };
  add("C", "IT");
  add("O", profile.common_name);
  add("CN", profile.common_name);
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

using Memory = CHandle<BIO, BIO_free>;
using Time = CHandle<ASN1_TIME, ASN1_TIME_free>;

Time time_of(Instant instant) {
  return Time(ASN1_TIME_set(nullptr, instant.time_since_epoch().count()));
}

void add_entry(X509_CRL* crl, const Revocation& revocation) {
  CHandle<X509_REVOKED, X509_REVOKED_free> entry(X509_REVOKED_new());
  const CHandle<ASN1_INTEGER, ASN1_INTEGER_free> serial(
      ASN1_INTEGER_dup(X509_get0_serialNumber(revocation.certificate)));
  must(X509_REVOKED_set_serialNumber(entry.get(), serial.get()) == 1 &&
           X509_REVOKED_set_revocationDate(entry.get(), time_of(revocation.at).get()) == 1,
       "make a CRL entry");
  if (revocation.reason != CRL_REASON_UNSPECIFIED) {
    const CHandle<ASN1_ENUMERATED, ASN1_ENUMERATED_free> reason(ASN1_ENUMERATED_new());
    must(ASN1_ENUMERATED_set(reason.get(), revocation.reason) == 1 &&
             X509_REVOKED_add1_ext_i2d(entry.get(), NID_crl_reason, reason.get(), 0, 0) == 1,
         "give a reason in a CRL");
  }
  must(X509_CRL_add0_revoked(crl, entry.get()) == 1, "add a CRL entry");
  static_cast<void>(entry.release());
}

// `lines` may name further sections, after those of its own.
void add_extensions(X509_CRL* crl, X509* issuer, const std::string& lines) {
  const std::string text = "[crl]\nauthorityKeyIdentifier = keyid\n" + lines + "\n";
  const CHandle<CONF, NCONF_free> conf(NCONF_new(nullptr));
  const Memory in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  long bad_line = 0;
  must(NCONF_load_bio(conf.get(), in.get(), &bad_line) == 1, "read the extensions of a CRL");
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, nullptr, nullptr, crl, 0);
  X509V3_set_nconf(&context, conf.get());
  must(X509V3_EXT_CRL_add_nconf(conf.get(), &context, "crl", crl) == 1, "extend a CRL");
}

}  // namespace

std::string crl_pem(const Identity& issuer, const CrlProfile& profile) {
  const CHandle<X509_CRL, X509_CRL_free> crl(X509_CRL_new());
  constexpr long version_2 = 1;
  must(X509_CRL_set_version(crl.get(), version_2) == 1 &&
           X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer.certificate.get())) ==
               1 &&
           X509_CRL_set1_lastUpdate(crl.get(), time_of(profile.this_update).get()) == 1,
       "make a CRL");
  if (profile.next_update)
    must(X509_CRL_set1_nextUpdate(crl.get(), time_of(*profile.next_update).get()) == 1,
         "say how long a CRL counts");
  for (const auto& each : profile.revoked) add_entry(crl.get(), each);
  add_extensions(crl.get(), issuer.certificate.get(), profile.extensions);
  must(X509_CRL_sign(crl.get(), issuer.key.get(), EVP_sha256()) > 0, "sign a CRL");
  const Memory out(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_X509_CRL(out.get(), crl.get()) == 1, "write a CRL");
  return text_of(out.get());
}

Identity make_identity(const Profile& profile, const Identity* issuer) {
  Identity identity{smime::Certificate(X509_new()), make_key(profile)};
  X509* certificate = identity.certificate.get();
  X509* issuer_certificate = issuer != nullptr ? issuer->certificate.get() : certificate;
  std::array<unsigned char, 8> serial{};
  RAND_bytes(serial.data(), serial.size());
  serial[0] &= 0x7f;
  const CHandle<BIGNUM, BN_free> number(BN_bin2bn(serial.data(), serial.size(), nullptr));

  X509_set_version(certificate, X509_VERSION_3);
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
  ASN1_TIME_set(X509_getm_notBefore(certificate), profile.not_before.time_since_epoch().count());
  ASN1_TIME_set(X509_getm_notAfter(certificate), profile.not_after.time_since_epoch().count());
  set_names(certificate, profile);
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer_certificate));
  X509_set_pubkey(certificate, identity.key.get());

  add_extension(certificate, issuer_certificate, NID_subject_key_identifier, "hash");
  add_extension(certificate, issuer_certificate, NID_authority_key_identifier, "keyid");
  if (profile.ca) {
    add_extension(certificate, issuer_certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, issuer_certificate, NID_key_usage, profile.ca_key_usage);
  } else {
    add_extension(certificate, issuer_certificate, NID_key_usage, profile.key_usage);
  }
  add_extension(certificate, issuer_certificate, NID_ext_key_usage, profile.extended_key_usage);
  if (!profile.email.empty())
    add_extension(certificate, issuer_certificate, NID_subject_alt_name, "email:" + profile.email);
  if (!profile.crl_url.empty())
    add_extension(certificate, issuer_certificate, NID_crl_distribution_points,
                  "URI:" + profile.crl_url);

  EVP_PKEY* signing_key = issuer != nullptr ? issuer->key.get() : identity.key.get();
  const EVP_MD* digest = profile.key == KeyKind::ed25519 && issuer == nullptr
                             ? nullptr
                             : EVP_get_digestbyname(profile.digest.c_str());
  must(X509_sign(certificate, signing_key, digest) > 0, "sign a certificate");
  return identity;
}

std::string pem(const X509& certificate) {
  const Memory out(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_X509(out.get(), &certificate) == 1, "write a certificate");
  return text_of(out.get());
}

std::string pem(const EVP_PKEY& key) {
  const Memory out(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_PrivateKey(out.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
       "write a key");
  return text_of(out.get());
}

std::string encrypted_pem(const EVP_PKEY& key, std::string_view passphrase) {
  const Memory out(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_PrivateKey(out.get(), &key, EVP_aes_256_cbc(),
                                reinterpret_cast<const unsigned char*>(passphrase.data()),
                                static_cast<int>(passphrase.size()), nullptr, nullptr) == 1,
       "write a key");
  return text_of(out.get());
}

CommandResult run(const TemporaryFolder& folder, const std::string& shell_line) {
  const auto line = fmt::format("cd '{}' && {{ {}; }} 2>&1", folder.path().string(), shell_line);
  FILE* pipe = popen(line.c_str(), "r");
  must(pipe != nullptr, "run a command");
  CommandResult result;
  std::array<char, 4096> buffer{};
  while (const std::size_t got = fread(buffer.data(), 1, buffer.size(), pipe))
    result.output.append(buffer.data(), got);
  const int status = pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

}  // namespace pec::test
