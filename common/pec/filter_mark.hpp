// SPDX-License-Identifier: GPL-2.0-or-later

// What the host's own spam filter, a milter that Postfix asks before this one, says of a message, and
// the message as it was before the filter came (docs/spam.md).
//
//     Unmarked unmarked = take_mark(message.header, options);
//     unmarked.level            // spam, suspected, not spam
//     unmarked.sender_check     // whether the host that brought it may send for the address in From
//     unmarked.header           // what the sender wrote, byte for byte
//
// Nothing in a header tells a filter's field from one of the same name that the sender wrote. So Postfix
// puts `moved_aside` before the names of those that come in, before any milter sees them
// (postfix-conf/pec-filter-headers.regexp): what has such a name here is the filter's, and goes; the
// sender's get their names back. What is not set aside is always what it was: the sender may write the
// prefix, too, and then it stands there twice.
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
  std::string header;     // the field that holds the mark; empty: there is no filter
  std::string spam;       // how its value begins for spam (any case)
  std::string suspected;  // and for suspected spam
  std::vector<std::string> added_fields;  // how the names of what it adds begin (any case)

  bool operator==(const FilterOptions&) const = default;
};

inline constexpr std::string_view moved_aside = "X-PEC-Set-Aside-";

// What the filter has found by DMARC (RFC 7489), or else by SPF (RFC 7208), and says in
// Authentication-Results (RFC 8601). SPF speaks of the reverse path alone, so that it passes says nothing of
// From. Of several results the worst holds.
enum class SenderCheck { fail, unknown, pass };

struct Unmarked {
  SpamLevel level = SpamLevel::not_spam;
  SenderCheck sender_check = SenderCheck::unknown;
  mime::HeaderList header;
};

// Without a mark the message is no spam; of several marks, the worst holds. Authentication-Results is read
// where it is one of `added_fields`: then it is the filter's.
Unmarked take_mark(const mime::HeaderList& header, const FilterOptions& options);

// What the field X-PEC-Spam of an anomaly envelope says; empty: the envelope has none.
std::string_view wire_name(SpamLevel level);

}  // namespace pec
