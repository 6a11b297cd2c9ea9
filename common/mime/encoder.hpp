// SPDX-License-Identifier: GPL-2.0-or-later

// Content-transfer encodings (RFC 2045, 6). Encoded text has CRLF line ends and lines of at most 76
// octets, and ends with a line end. (Empty input gives empty output.) Decoding gives the input
// back, except that LF has become CRLF. Pure functions, any thread.
//
//     encode_base64(der)                          // "MIIG...\r\n"
//     encode_quoted_printable("perch\xe9\r\n")    // "perch=E9\r\n"
#pragma once

#include <string>
#include <string_view>

namespace pec::mime {

std::string encode_base64(std::string_view bytes);
// For text with CRLF or LF line ends. All become CRLF.
std::string encode_quoted_printable(std::string_view text);

// These never fail: text that is not base64 is skipped, and text that is not quoted-printable stays
// as it is.
std::string decode_base64(std::string_view text);
std::string decode_quoted_printable(std::string_view text);

// The value of a Content-Type or Content-Disposition field of ours with one parameter, folded. An
// ASCII parameter is quoted. Any other has the form of RFC 2231.
//
//     encode_parameterised("attachment", "filename", "perché.pdf")
std::string encode_parameterised(std::string_view value, std::string_view name,
                                 std::string_view utf8);

}  // namespace pec::mime
