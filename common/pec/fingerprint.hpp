// SPDX-License-Identifier: GPL-2.0-or-later

// Whether two messages say nearly the same. A stolen password is used to send one text again and
// again, with another number, date or name of a day in it (sending_limits.hpp).
//
//     if (fingerprint(message) == fingerprint(earlier)) ...
//
// It is a digest of the words in the body's text parts, in their order. Case, blanks and
// punctuation don't count. Nor does a word with a digit in it (a number, date, code or link), nor
// the name of a day or month, Italian or English. Attachments count as they are. So a program that
// sends the same three lines each time with another document makes no series. A message without
// words and attachments has the fingerprint "empty".
//
// Pure; any thread. Takes the time of one pass over the message.
#pragma once

#include "mime/message.hpp"

#include <string>

namespace pec {

std::string fingerprint(const mime::Message& message);

}  // namespace pec
