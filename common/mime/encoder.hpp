// SPDX-License-Identifier: GPL-2.0-or-later

// Content-transfer encodings (RFC 2045, 6). What is encoded has CRLF line ends and lines of 76
// octets at most, and ends with a line end (empty input gives empty output). Decoding gives the input
// again, apart from LF that became CRLF. Pure functions, any thread.
//
//     encode_base64(der)                          // "MIIG...\r\n"
//     encode_quoted_printable("perch\xe9\r\n")    // "perch=E9\r\n"
#pragma once

#include <string>
#include <string_view>

namespace pec::mime {

std::string encode_base64(std::string_view bytes);
// For text: `text` has CRLF or LF line ends, which become CRLF.
std::string encode_quoted_printable(std::string_view text);

// Never fail: what is no base64 is skipped, what is no quoted-printable stays as it is.
std::string decode_base64(std::string_view text);
std::string decode_quoted_printable(std::string_view text);

// The value of a Content-Type or Content-Disposition field of ours with one parameter: quoted if it
// is ASCII, in the form of RFC 2231 otherwise; folded.
//
//     encode_parameterised("attachment", "filename", "perché.pdf")
std::string encode_parameterised(std::string_view value, std::string_view name,
                                 std::string_view utf8);

}  // namespace pec::mime
