// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/comment.hpp"

#include <cstddef>

namespace pec::mime {

namespace {

// The length of the comment at the start of the text; 0 if it does not end.
std::size_t comment_size(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '(')
      ++depth;
    else if (text[i] == ')' && --depth == 0)
      return i + 1;
  }
  return 0;
}

}  // namespace

std::string_view without_leading_comments(std::string_view text) {
  while (!text.empty()) {
    std::size_t size = text.front() == ' ' || text.front() == '\t' ? 1 : 0;
    if (text.front() == '(') size = comment_size(text);
    if (size == 0) break;
    text.remove_prefix(size);
  }
  return text;
}

}  // namespace pec::mime
