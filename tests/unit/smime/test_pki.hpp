// SPDX-License-Identifier: GPL-2.0-or-later

// Keys, certificates and files for tests, made when they run and gone afterwards.
//
//     const Identity ca = make_identity({.common_name = "Test CA", .ca = true});
//     const Identity alfa = make_identity({.common_name = "Alfa", .email = "p@alfa.example"}, &ca);
//     TemporaryFolder folder;
//     folder.write("alfa.pem", pem(*alfa.certificate) + pem(*ca.certificate));
//
// Throws std::runtime_error if anything fails.
#pragma once

#include "smime/cms_signer.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_clock.hpp"

#include <openssl/x509v3.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec::test {

enum class KeyKind { rsa, ec, ed25519 };

// Valid for a year before and after test_time, unless it says otherwise.
struct Profile {
  std::string common_name = "Test";
  std::string email = "";  // rfc822Name of subjectAltName; none if empty
  KeyKind key = KeyKind::ec;
  Instant not_before = test_time - std::chrono::days(365);
  Instant not_after = test_time + std::chrono::days(365);
  std::string key_usage = "critical,digitalSignature";  // as in openssl.cnf; none if empty
  std::string extended_key_usage = "";
  bool ca = false;  // then ca_key_usage counts instead of key_usage
  std::string ca_key_usage = "critical,keyCertSign,cRLSign";
  std::string digest = "SHA256";  // with which the issuer signs it
  unsigned int rsa_bits = 2048;
  std::string crl_url = "";  // of cRLDistributionPoints; none if empty
};

struct Identity {
  smime::Certificate certificate;
  smime::PrivateKey key;
};

// Signed by `issuer`, or by itself.
Identity make_identity(const Profile& profile, const Identity* issuer = nullptr);

struct Revocation {
  const X509* certificate = nullptr;
  Instant at = test_time;
  int reason = CRL_REASON_UNSPECIFIED;
};

struct CrlProfile {
  std::vector<Revocation> revoked = {};
  Instant this_update = test_time - std::chrono::days(1);
  std::optional<Instant> next_update = test_time + std::chrono::days(7);
  std::string extensions = "";  // more of them, as lines of a section in openssl.cnf
};

// A certificate revocation list of the issuer, in PEM.
std::string crl_pem(const Identity& issuer, const CrlProfile& profile);

std::string pem(const X509& certificate);
std::string pem(const EVP_PKEY& key);
std::string encrypted_pem(const EVP_PKEY& key, std::string_view passphrase);

struct CommandResult {
  int status = -1;     // exit status
  std::string output;  // stdout and stderr
};
// Runs a shell line in the folder and waits for its end.
CommandResult run(const TemporaryFolder& folder, const std::string& shell_line);

}  // namespace pec::test
