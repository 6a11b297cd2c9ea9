// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/domain_history.hpp"

#include "base/text.hpp"
#include "mime/digest.hpp"

#include <algorithm>
#include <utility>

namespace pec::directory {

namespace {

bool is_before(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return text::lower(x) < text::lower(y);
  });
}

}  // namespace

FormerOwners::FormerOwners(Former former, std::chrono::days days)
    : former_(std::move(former)), days_(days) {
  for (const auto& owner : former_.domains)
    for (const auto& domain : owner.domains) slots_.push_back({domain, &owner});
  slots_.shrink_to_fit();
  std::sort(slots_.begin(), slots_.end(),
            [](const Slot& a, const Slot& b) { return is_before(a.domain, b.domain); });
}

bool FormerOwners::has(std::string_view provider, std::string_view domain, Instant at) const {
  auto slot =
      std::lower_bound(slots_.begin(), slots_.end(), domain,
                       [](const Slot& a, std::string_view b) { return is_before(a.domain, b); });
  for (; slot != slots_.end() && !is_before(domain, slot->domain); ++slot)
    if (text::equals_ignoring_case(slot->owner->provider, provider) &&
        at <= slot->owner->until + days_)
      return true;
  return false;
}

const Provider* FormerOwners::owner_of_certificate(std::string_view der, Instant at) const {
  if (former_.certificates.empty()) return nullptr;
  const auto digest = mime::sha256_hex(der);
  for (const auto& [was, until] : former_.certificates)
    if (was.digest == digest && at <= until + days_) return &was.owner;
  return nullptr;
}

}  // namespace pec::directory
