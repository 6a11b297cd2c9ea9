// Text in header fields (RFC 2047), through GMime.
#pragma once

#include <string>
#include <string_view>

namespace pec::mime {

// The readable text of an unstructured field, as UTF-8: encoded words decoded, folds removed,
// control characters turned into blanks, invalid bytes taken as Latin-1 (raw 8-bit headers exist).
std::string decode_text(std::string_view raw_value);

// The value of an unstructured field for UTF-8 text: as it is if ASCII, otherwise with encoded
// words; folded so that no line exceeds 78 octets. `first_line_used` octets are taken already on
// the first line (the name, the colon, the blank).
std::string encode_text(std::string_view utf8, std::size_t first_line_used);

// Latin-1 bytes for UTF-8 text: what Latin-1 lacks is transliterated as well as possible
// ("€" -> "EUR", "č" -> "c"), otherwise "?". Never fails; does not depend on the locale.
std::string to_latin1(std::string_view utf8);

}  // namespace pec::mime
