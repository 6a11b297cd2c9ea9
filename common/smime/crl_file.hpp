// SPDX-License-Identifier: GPL-2.0-or-later

// Brings the verifier's file of CRLs (smime/revocation.hpp) up to date.
//
//     auto file = CrlFile::from_pem(text_of_the_file, std::move(authorities), "/etc/pec/crl.pem");
//     auto taken = file->put(fetched, now);        // "the CRL of CN=... counts until ..."
//     if (file->changed()) write(file->to_pem());
//
// A CRL replaces another only if it is surely better. It must be signed with the authority's key,
// and be the authority's whole list. It must be neither of the future nor past its time, and not
// older than the one in place. Otherwise anybody who can pose as the authority's web server could
// put an old list back, from before a revocation. Each authority has one list. If its new list did
// not come, the old one stays: a certificate that is revoked there stays revoked.
//
// Errors: one sentence for the administrator. One thread.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "smime/certificate.hpp"
#include "smime/revocation.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pec::smime {

class CrlFile {
public:
  // `pem`: the file's content; empty if there is none yet. `authorities`: those who may sign lists.
  // `path` is for the sentences. Error: bad_input.
  static Result<CrlFile> from_pem(std::string_view pem, std::vector<Certificate> authorities,
                                  const std::filesystem::path& path);

  // A CRL in DER or PEM. The answer says whose it is and how long it counts. After an error,
  // bad_input, nothing has changed.
  Result<std::string> put(std::string_view fetched, Instant now);

  bool changed() const { return changed_; }
  std::string to_pem() const;  // throws std::runtime_error if OpenSSL has no memory

private:
  CrlFile() = default;
  Result<X509*> authority_of(X509_CRL* crl) const;
  Crl* list_of(X509* authority);  // nullptr: none

  std::vector<Certificate> authorities_;
  std::vector<Crl> lists_;
  bool changed_ = false;
};

}  // namespace pec::smime
