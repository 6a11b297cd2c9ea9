// SPDX-License-Identifier: GPL-2.0-or-later

// Whether two messages say nearly the same: what a stolen password is used for is one text, sent again
// and again with another number, date or name of a day in it (sending_limits.hpp).
//
//     if (fingerprint(message) == fingerprint(earlier)) ...
//
// It is a digest of the words of the body's text parts, in their order: without case, blanks and
// punctuation, without what has a digit in it between two blanks (numbers, dates, codes, links), and
// without the names of days and months, Italian and English. What is attached counts as it is, so a
// program that sends the same three lines with another document each time is no series. A message
// without words and attachments has the fingerprint "empty".
//
// Pure; any thread. Takes the time of one pass over the message.
#pragma once

#include "mime/message.hpp"

#include <string>

namespace pec {

std::string fingerprint(const mime::Message& message);

}  // namespace pec
