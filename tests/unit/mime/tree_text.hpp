// SPDX-License-Identifier: GPL-2.0-or-later

// A part tree as one line, for tests: the places of parts, and their nesting.
//
//     multipart/mixed(text/plain[Hello],image/png[...])
//
// A multipart without its closing boundary is marked "!".
#pragma once

#include "mime/part_tree.hpp"

#include <string>
#include <string_view>

namespace pec::mime {

inline std::string types_of(const Part& part) {
  std::string out = part.content_type.value;
  if (!part.closed) out += '!';
  if (part.children.empty()) return out;
  out += '(';
  for (const Part& child : part.children) {
    if (&child != &part.children.front()) out += ',';
    out += types_of(child);
  }
  return out + ')';
}

inline std::string texts_of(const Part& part, std::string_view body) {
  if (part.children.empty()) return '[' + std::string(part.content(body)) + ']';
  std::string out;
  for (const Part& child : part.children) out += texts_of(child, body);
  return out;
}

}  // namespace pec::mime
