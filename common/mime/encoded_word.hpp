// SPDX-License-Identifier: GPL-2.0-or-later

// Text in header fields (RFC 2047). The process's locale doesn't matter.
//
//     std::string subject = decode_text(header.find("Subject")->value);   // UTF-8, one line
//     header.add("Subject", encode_text("CONSEGNA: " + subject, 9));      // "Subject: " is 9
//
// None of these fails. decode_text(encode_text(x)) gives x for all UTF-8 without control
// characters. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pec::mime {

// The readable text of an unstructured field, as UTF-8. Encoded words are decoded, folds are
// removed, and control characters become blanks. Invalid bytes count as Latin-1 (raw 8-bit headers
// exist).
std::string decode_text(std::string_view raw_value);

// The value of an unstructured field for UTF-8 text. ASCII stays as it is. Otherwise the words from
// the first that needs it to the last become encoded words. Folds keep each line within 76 octets.
// `first_line_used`: octets already taken on the first line (the name, the colon, the blank). Folds
// are the only line breaks, whatever the text holds.
std::string encode_text(std::string_view utf8, std::size_t first_line_used);

bool is_utf8(std::string_view text);

}  // namespace pec::mime
