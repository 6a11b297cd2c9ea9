// SPDX-License-Identifier: GPL-2.0-or-later

// The history of domains and certificates: who had which, until when. A directory knows the present
// only.
//
// A provider's message may lie in queues for days after its domain has gone to another provider. It
// is still as true as when the provider signed it (`directory.former_owner_days`). The same holds
// for a message that was taken in charge before its signer's certificate was replaced, or its
// provider left.
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

// For each provider (name in lower case, units included) the domains that it speaks for, sorted,
// each once. Views into the directory.
using OwnedDomains = std::map<std::string, std::vector<std::string_view>>;

// A certificate and its owner: the entry's names and mailReceipt, which answers to its messages
// need. `owner` holds neither certificates nor domains.
struct OwnedCertificate {
  std::string digest;  // SHA-256 of the certificate, lower-case hex
  Provider owner;

  bool operator==(const OwnedCertificate&) const = default;
};

// All that a directory says of the present.
struct Owned {
  OwnedDomains domains;
  std::vector<OwnedCertificate> certificates;  // each once
};

// The domains that a provider lost at one instant.
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

// The memory of all nodes; a restart does not erase it. Any thread.
class DomainHistory {
public:
  virtual ~DomainHistory() = default;
  // Puts a directory in use. Certificates and domains that the last one had, and this one has not,
  // are remembered as lost at `now`. Returns all that was lost in the `remembered` days before. If
  // the directory is older (`as_of`) than the last one, nothing counts as lost: some node is
  // behind. Error: unavailable; try again.
  virtual Result<Former> take_up(const Owned& owned, Instant as_of, Instant now,
                                 std::chrono::days remembered) = 0;
};

// The same, for look-ups: immutable, any thread; a look-up allocates nothing.
class FormerOwners {
public:
  FormerOwners() = default;
  // `days`: how long after the loss the former owner still counts.
  FormerOwners(Former former, std::chrono::days days);
  FormerOwners(FormerOwners&&) = default;

  // Names in any case. For an instant before the loss, the provider counts as the owner.
  bool has(std::string_view provider, std::string_view domain, Instant at) const;
  // Likewise. nullptr: no provider has lost this certificate.
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
