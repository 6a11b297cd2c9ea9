// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/tls_certificate.hpp"

#include "base/file.hpp"
#include "smime/openssl_errors.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace pec::smime {

namespace {

using Key = CHandle<EVP_PKEY, EVP_PKEY_free>;

// OpenSSL would ask for a passphrase at the terminal. Postfix and Dovecot can't.
int no_passphrase(char*, int, int, void*) noexcept {
  return -1;
}

Result<Key> read_key(const std::filesystem::path& file) {
  PEC_TRY(const auto pem, read_file(file));
  const CHandle<BIO, BIO_free> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Key key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_passphrase, nullptr));
  if (key) return key;
  return bad_input(
      fmt::format("{} holds no private key in PEM form without passphrase", file.string()));
}

}  // namespace

Result<Certificate> tls_certificate(const std::filesystem::path& file,
                                    const std::filesystem::path& key_file,
                                    const std::string& host) {
  OpenSslErrors errors;
  PEC_TRY(auto chain, certificates_from_pem_file(file));
  PEC_TRY(const auto key, read_key(key_file));
  auto& certificate = chain.front();
  if (X509_check_private_key(certificate.get(), key.get()) != 1)
    return bad_input(
        fmt::format("the key in {} does not belong to the first certificate in {}: give the pair "
                    "that was issued together, and the host's certificate before its chain",
                    key_file.string(), file.string()));
  if (X509_check_host(certificate.get(), host.data(), host.size(), 0, nullptr) != 1)
    return bad_input(
        fmt::format("the certificate in {} ({}) is not for {}: have one issued for that name, or "
                    "correct site.host_name",
                    file.string(), subject_text(*certificate), host));
  return std::move(certificate);
}

}  // namespace pec::smime
