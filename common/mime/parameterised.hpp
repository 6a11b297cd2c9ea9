// SPDX-License-Identifier: GPL-2.0-or-later

// Header fields of the form `value; name=value; ...`: Content-Type, Content-Disposition (RFC 2045,
// 5.1; RFC 2183; RFC 2231).
//
//     auto disposition = parse_parameterised(header.find("Content-Disposition")->value);
//     disposition.value                       // "attachment"
//     disposition.parameter("filename")       // "perché.pdf"
//
// This is our own reader. GMime's decodes encoded words even in a boundary, stops at the first
// parameter without a value, and keeps every character set name that it ever saw. Errors: none;
// unreadable text is left out. Pure functions, any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace pec::mime {

struct ParameterisedValue {
  std::string value;  // lower case, without blanks and comments: "text/plain", "attachment"
  // Names in lower case, the first of each. The form of RFC 2231 takes precedence over the plain
  // one. Values are UTF-8 on one line. Encoded words are decoded, though RFC 2047 forbids them
  // here. A boundary is kept as it is.
  std::map<std::string, std::string> parameters;

  std::string parameter(std::string_view name) const;  // any case; empty if absent
};

ParameterisedValue parse_parameterised(std::string_view raw_value);

}  // namespace pec::mime
