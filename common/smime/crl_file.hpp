// SPDX-License-Identifier: GPL-2.0-or-later

// The file of CRLs that the verifier reads (smime/revocation.hpp), while it is brought up to date.
//
//     auto file = CrlFile::from_pem(text_of_the_file, std::move(authorities), "/etc/pec/crl.pem");
//     auto taken = file->put(fetched, now);        // "the CRL of CN=... counts until ..."
//     if (file->changed()) write(file->to_pem());
//
// A CRL takes the place of another only if it is sure to be better: signed with the authority's key,
// the authority's whole list, not of the future, not past its time, and not older than the one that
// is there. Who can answer for the authority's web server could otherwise put an old list back, from
// before a revocation. Each authority has one list; one whose list did not come keeps the old one,
// for who is revoked there stays revoked.
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
  // `pem`: what is in the file; empty if there is none yet. `authorities`: who may sign lists.
  // `path` is for the sentences. Error: bad_input.
  static Result<CrlFile> from_pem(std::string_view pem, std::vector<Certificate> authorities,
                                  const std::filesystem::path& path);

  // A CRL in DER or PEM. The answer says whose it is and how long it counts. Error: bad_input; then
  // nothing has changed.
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
