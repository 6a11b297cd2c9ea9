// Who had which domain until when: what a directory alone doesn't say, for it knows the present only.
//
// A message that a provider signed while the domain was its own may lie in queues for days after the
// domain has gone to another one, and is as true as it was (`directory.former_owner_days`).
//
//     auto former = history.take_up(directory.owned_domains(), as_of, now, days);   // the ledger's
//     FormerOwners owners(std::move(*former), days);
//     owners.has("PEC Beta S.r.l.", "comune.example", at)    // was it beta's, lately?
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pec::directory {

// By provider (name in lower case, its units included): what it speaks for, sorted, each once. Views
// into the directory.
using OwnedDomains = std::map<std::string, std::vector<std::string_view>>;

// What a provider has lost at one instant.
struct FormerDomains {
  std::string provider;  // name in lower case
  Instant until{};
  std::vector<std::string> domains;  // lower case

  bool operator==(const FormerDomains&) const = default;
};

// Remembers for all nodes, and after a restart. Any thread.
class DomainHistory {
public:
  virtual ~DomainHistory() = default;
  // A directory that is put in use: what was owned by the last one, and isn't by this, is remembered as
  // lost at `now`. Returns all that was lost in the `remembered` days before. Nothing is lost by a
  // directory that is older (`as_of`) than the last one: some node is behind. Error: unavailable; do it
  // again.
  virtual Result<std::vector<FormerDomains>> take_up(const OwnedDomains& owned, Instant as_of,
                                                     Instant now, std::chrono::days remembered) = 0;
};

// The same to look up in: immutable, any thread; a look-up allocates nothing.
class FormerOwners {
public:
  FormerOwners() = default;
  // `days`: how long after the loss it still counts.
  FormerOwners(std::vector<FormerDomains> former, std::chrono::days days);
  FormerOwners(FormerOwners&&) = default;

  // Names in any case. At an instant before the loss the domain was the provider's, of course.
  bool has(std::string_view provider, std::string_view domain, Instant at) const;

private:
  struct Slot {
    std::string_view domain;
    const FormerDomains* owner;
  };
  std::vector<FormerDomains> former_;  // never changed: the slots point into it
  std::vector<Slot> slots_;            // by domain
  std::chrono::days days_{};
};

}  // namespace pec::directory
