// SPDX-License-Identifier: GPL-2.0-or-later

// Who had which domain, and which certificate, until when: what a directory alone doesn't say, for it
// knows the present only.
//
// A message that a provider signed while the domain was its own may lie in queues for days after the
// domain has gone to another one, and is as true as it was (`directory.former_owner_days`). So is one
// that was taken in charge before its signer's certificate was replaced, or its provider left.
//
//     auto former = history.take_up(directory.owned(), as_of, now, days);   // the ledger's
//     FormerOwners owners(std::move(*former), days);
//     owners.has("PEC Beta S.r.l.", "comune.example", at)    // was it beta's, lately?
//     owners.owner_of_certificate(der, at)                   // whose was it? nullptr: nobody's
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "pec/provider.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pec::directory {

// By provider (name in lower case, its units included): what it speaks for, sorted, each once. Views
// into the directory.
using OwnedDomains = std::map<std::string, std::vector<std::string_view>>;

// A certificate, and whose it is: the entry's names and mailReceipt, which answers to its messages
// need. `owner` holds neither certificates nor domains.
struct OwnedCertificate {
  std::string digest;  // SHA-256 of the certificate, lower-case hex
  Provider owner;

  bool operator==(const OwnedCertificate&) const = default;
};

// What a directory says of the present.
struct Owned {
  OwnedDomains domains;
  std::vector<OwnedCertificate> certificates;  // each once
};

// What a provider has lost at one instant.
struct FormerDomains {
  std::string provider;  // name in lower case
  Instant until{};
  std::vector<std::string> domains;  // lower case

  bool operator==(const FormerDomains&) const = default;
};

struct FormerCertificate {
  OwnedCertificate was;
  Instant until{};

  bool operator==(const FormerCertificate&) const = default;
};

struct Former {
  std::vector<FormerDomains> domains;
  std::vector<FormerCertificate> certificates;

  bool operator==(const Former&) const = default;
};

// Remembers for all nodes, and after a restart. Any thread.
class DomainHistory {
public:
  virtual ~DomainHistory() = default;
  // A directory that is put in use: what was owned by the last one, and isn't by this, is remembered as
  // lost at `now`. Returns all that was lost in the `remembered` days before. Nothing is lost by a
  // directory that is older (`as_of`) than the last one: some node is behind. Error: unavailable; do it
  // again.
  virtual Result<Former> take_up(const Owned& owned, Instant as_of, Instant now,
                                 std::chrono::days remembered) = 0;
};

// The same to look up in: immutable, any thread; a look-up allocates nothing.
class FormerOwners {
public:
  FormerOwners() = default;
  // `days`: how long after the loss it still counts.
  FormerOwners(Former former, std::chrono::days days);
  FormerOwners(FormerOwners&&) = default;

  // Names in any case. At an instant before the loss the domain was the provider's, of course.
  bool has(std::string_view provider, std::string_view domain, Instant at) const;
  // Likewise. nullptr: no provider has lost it.
  const Provider* owner_of_certificate(std::string_view der, Instant at) const;

private:
  struct Slot {
    std::string_view domain;
    const FormerDomains* owner;
  };
  Former former_;            // never changed: the slots point into it
  std::vector<Slot> slots_;  // by domain
  std::chrono::days days_{};
};

}  // namespace pec::directory
