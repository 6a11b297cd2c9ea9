// SPDX-License-Identifier: GPL-2.0-or-later

// Blanks and comments between the words of a header field (RFC 5322, 3.2.2: CFWS).
//
//     without_leading_comments(" (a (nested) one) <id@x>")   // "<id@x>"
//
// `text` is unfolded. A comment without an end does not count as one. Pure, any thread.
#pragma once

#include <string_view>

namespace pec::mime {

std::string_view without_leading_comments(std::string_view text);

}  // namespace pec::mime
