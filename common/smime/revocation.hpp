// SPDX-License-Identifier: GPL-2.0-or-later

// Certificate revocation lists (CRL; RFC 5280, 5): whether an authority has taken back a certificate
// of a path (RFC 6109, 2.2.2 and 5.5).
//
//     auto lists = RevocationLists::from_pem(text, "/etc/pec/crl.pem", std::chrono::hours(24));
//     if (!lists) return tl::unexpected(lists.error());
//     auto answer = lists->check(path, at);           // answer.outcome, answer.reason
//
// The question is always about an instant. It is now at the incoming point, but the past time of
// the take-charge where a copy is judged, and then the newest list is younger than that instant. So:
// - A certificate is revoked from its entry's revocationDate on, and good before.
// - A list counts for all instants up to its nextUpdate, also those before its thisUpdate: it tells
//   the past better than an older one. (OpenSSL's own check calls such a list not yet valid, and
//   takes no notice of revocationDate.)
// - For a time of grace after its nextUpdate it goes on counting, and state() says so: an authority
//   that is late, or a fetch that fails, must not stop all mail at once. After that nothing is
//   certain; mail waits, and is never taken for ordinary.
// - Of several lists of one authority the newest counts. A list that isn't signed with the
//   authority's key, or whose critical extensions make it less than the whole list, counts as
//   absent.
// - The signer's authority must have a list. Those above it need not: the file is for the lists of
//   the authorities that issue the providers' certificates, and to ask for more would stop mail for
//   a list that nobody was told to get. Where there is one, it counts.
// - The last certificate of the path is trusted because the administrator named it: no list is asked
//   about it. Taking it out of the trust file is how to revoke it.
// Immutable; any thread.
#pragma once

#include "base/c_handle.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/watch.hpp"
#include "pec/ports.hpp"

#include <chrono>
#include <filesystem>
#include <openssl/x509.h>
#include <string>
#include <string_view>
#include <vector>

namespace pec::smime {

using Crl = CHandle<X509_CRL, X509_CRL_free>;

// Why a list that bears the issuer's name can't be used: not signed with its key, or not its whole
// list. Empty: it can.
std::string_view crl_flaw(X509_CRL* crl, X509* issuer);

struct RevocationAnswer {
  // valid; untrusted: revoked; undetermined: no list that can tell.
  SignatureCheck::Outcome outcome = SignatureCheck::Outcome::valid;
  std::string reason;  // one line; empty if valid
};

class RevocationLists {
public:
  // One or more CRLs in PEM; `file` is for the sentences. `grace`: how long a list is used after its
  // nextUpdate. Error: bad_input, with a sentence for the administrator.
  static Result<RevocationLists> from_pem(std::string_view pem, std::filesystem::path file,
                                          std::chrono::hours grace = {});

  // `path`: verified, from the signer's certificate to a trusted one.
  RevocationAnswer check(const STACK_OF(X509) * path, Instant at) const;

  // Bad if the newest list of some authority is past its nextUpdate, whether or not within the grace.
  PartState state(Instant now) const;

private:
  struct List {
    Crl crl;
    Instant this_update;
    Instant next_update;
  };

  RevocationAnswer check_one(X509* certificate, X509* issuer, Instant at) const;

  std::vector<List> lists_;  // newest first
  std::filesystem::path file_;
  std::chrono::hours grace_{};
};

}  // namespace pec::smime
