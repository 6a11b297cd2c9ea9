// Content-transfer encodings for the parts we make (RFC 2045, 6), through GMime. Output has CRLF
// line ends and lines of 76 octets at most, and ends with a line end.
#pragma once

#include <string>
#include <string_view>

namespace pec::mime {

std::string encode_base64(std::string_view bytes);
// For text: `text` has CRLF or LF line ends, which become CRLF.
std::string encode_quoted_printable(std::string_view text);

}  // namespace pec::mime
