#include "unit/smime/test_pki.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <openssl/bio.h>
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

}  // namespace

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
    add_extension(certificate, issuer_certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  } else {
    add_extension(certificate, issuer_certificate, NID_key_usage, profile.key_usage);
  }
  add_extension(certificate, issuer_certificate, NID_ext_key_usage, profile.extended_key_usage);
  if (!profile.email.empty())
    add_extension(certificate, issuer_certificate, NID_subject_alt_name, "email:" + profile.email);

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

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "pec-test-XXXXXX").string();
  must(mkdtemp(name.data()) != nullptr, "make a temporary folder");
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;  // a destructor has nobody to tell
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TempFolder::write(std::string_view name, std::string_view content,
                                        unsigned int mode) const {
  const auto file = path(name);
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  must(out.good(), "write a file");
  std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
  return file;
}

CommandResult run(const TempFolder& folder, const std::string& shell_line) {
  const auto line = fmt::format("cd '{}' && {{ {}; }} 2>&1", folder.path("").string(), shell_line);
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
