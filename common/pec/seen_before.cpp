// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/seen_before.hpp"

#include "mime/address.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace pec {

bool SeenBefore::is_new_to(const std::string& recipient) const {
  const auto is_in = [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), recipient) != list.end();
  };
  return !is_in(known_to) && !is_in(long_known_to) && !is_in(other_for) && !is_in(failed_for);
}

void SeenBefore::note_failed_for(const std::string& recipient) {
  for (auto* list : {&known_to, &long_known_to}) std::erase(*list, recipient);
  failed_for.push_back(recipient);
}

SeenBefore seen_before(const std::vector<std::string>& recipients, const std::string& identity,
                       const std::vector<LoggedMessage>& logged, Instant now) {
  std::map<std::string_view, const LoggedMessage*> lines;
  for (const auto& line : logged)
    if (!line.identity.empty()) lines.emplace(line.recipient, &line);

  const auto line_about = [&](const std::string& recipient) -> const LoggedMessage* {
    const auto found = lines.find(mime::canonical_address(recipient));
    return found == lines.end() ? nullptr : found->second;
  };
  SeenBefore seen;
  for (const auto& recipient : recipients) {
    const auto* line = line_about(recipient);
    if (line == nullptr) continue;
    auto& place = line->identity != identity         ? seen.other_for
                  : line->at + journal_memory <= now ? seen.long_known_to
                                                     : seen.known_to;
    place.push_back(recipient);
  }
  return seen;
}

}  // namespace pec
