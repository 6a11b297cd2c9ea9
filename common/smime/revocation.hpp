// SPDX-License-Identifier: GPL-2.0-or-later

// Certificate revocation lists (CRL; RFC 5280, 5): whether an authority has revoked a certificate
// of a path (RFC 6109, 2.2.2 and 5.5).
//
//     auto lists = RevocationLists::from_pem(text, "/etc/pec/crl.pem", std::chrono::hours(24));
//     if (!lists) return tl::unexpected(lists.error());
//     auto answer = lists->check(path, at);           // answer.outcome, answer.reason
//
// The question is always about an instant. At the incoming point it is now. For a copy it is the
// past time of the take-charge, and then the newest list is younger than the instant. So:
// - A certificate is revoked from its entry's revocationDate on, and good before.
// - A list counts for all instants up to its nextUpdate, even for those before its thisUpdate: it
//   knows the past better than an older list. (OpenSSL's own check calls such a list not yet valid,
//   and ignores revocationDate.)
// - A list still counts for a time of grace after its nextUpdate, and state() says so. An authority
//   that is late, or a fetch that fails, must not stop all mail at once. After that nothing is
//   certain: mail waits, and is never taken for ordinary.
// - If an authority has several lists, the newest one counts. A list counts as absent if it is not
//   signed with the authority's key, or if a critical extension makes it less than the whole list.
// - The signer's authority must have a list. Those above it need not: the file is for the
//   authorities that issue the providers' certificates. To demand more would stop mail for a list
//   that nobody was told to get. If there is one, it counts.
// - The last certificate of the path is trusted because the administrator named it. No list is
//   asked about it. To revoke it, take it out of the trust file.
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
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec::smime {

using Crl = CHandle<X509_CRL, X509_CRL_free>;

// Why a list in the issuer's name can't be used: it is not signed with its key, or is not its whole
// list. Empty: it can be used.
std::string_view crl_flaw(X509_CRL* crl, X509* issuer);

struct RevocationAnswer {
  // valid; untrusted: revoked; undetermined: no list can tell.
  SignatureCheck::Outcome outcome = SignatureCheck::Outcome::valid;
  std::string reason;  // one line; empty if valid
};

class RevocationLists {
public:
  // One or more CRLs in PEM. `file` is for the sentences. `grace`: how long a list is used after
  // its nextUpdate. Error: bad_input, with a sentence for the administrator.
  static Result<RevocationLists> from_pem(std::string_view pem, std::filesystem::path file,
                                          std::chrono::hours grace = {});

  // `path`: verified, from the signer's certificate to a trusted one.
  RevocationAnswer check(const STACK_OF(X509) * path, Instant at) const;

  // Bad if some authority's newest list is past its nextUpdate, even within the grace.
  PartState state(Instant now) const;
  // The first nextUpdate of the authorities' newest lists; nothing without a list.
  std::optional<Instant> first_end() const;

private:
  struct List {
    Crl crl;
    Instant this_update;
    Instant next_update;
  };

  std::vector<const List*> newest() const;  // of each authority
  RevocationAnswer check_one(X509* certificate, X509* issuer, Instant at) const;

  std::vector<List> lists_;  // newest first
  std::filesystem::path file_;
  std::chrono::hours grace_{};
};

}  // namespace pec::smime
