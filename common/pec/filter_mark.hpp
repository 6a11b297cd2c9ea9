// SPDX-License-Identifier: GPL-2.0-or-later

// The mark of the host's own spam filter, and the message as it was before the filter
// (docs/spam.md). The filter is a milter that Postfix asks before this one.
//
//     Unmarked unmarked = take_mark(message.header, options);
//     unmarked.level            // spam, suspected, not spam
//     unmarked.sender_check     // whether the sending host may send for the address in From
//     unmarked.header           // what the sender wrote, byte for byte
//
// A header does not show whether the filter or the sender wrote a field. So Postfix puts
// `moved_aside` before the names of such fields when they come in, before any milter sees them
// (postfix-conf/pec-filter-headers.regexp). A field with a filter's name here is the filter's, and
// is removed. The sender's fields get their names back. This is always exact: if the sender writes
// the prefix himself, it stands there twice.
//
// Pure; any thread.
#pragma once

#include "mime/header.hpp"
#include "pec/mailbox.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pec {

struct FilterOptions {
  std::string header;                     // the field that holds the mark; empty: no filter
  std::string spam;                       // beginning of its value for spam (any case)
  std::string suspected;                  // and for suspected spam
  std::vector<std::string> added_fields;  // beginnings of the names that it adds (any case)

  bool operator==(const FilterOptions&) const = default;
};

inline constexpr std::string_view moved_aside = "X-PEC-Set-Aside-";

// The filter's result in Authentication-Results (RFC 8601): by DMARC (RFC 7489), or else by SPF
// (RFC 7208). SPF checks the reverse path alone, so its pass says nothing about From. If there are
// several results, the worst one counts.
enum class SenderCheck { fail, unknown, pass };

struct Unmarked {
  SpamLevel level = SpamLevel::not_spam;
  SenderCheck sender_check = SenderCheck::unknown;
  mime::HeaderList header;
};

// A message without a mark is not spam. If there are several marks, the worst one counts.
// Authentication-Results is read only if it is one of `added_fields`: then it is the filter's.
Unmarked take_mark(const mime::HeaderList& header, const FilterOptions& options);

// The value of X-PEC-Spam in an anomaly envelope; empty: the envelope has no such field.
std::string_view wire_name(SpamLevel level);

}  // namespace pec
