// SPDX-License-Identifier: GPL-2.0-or-later

// The structure of a message, found the slow way, to check parse_message(). It compares every line
// with every open boundary, reads a part by one call for each level, and knows no limits.
//
//     CHECK(described(parse_message(header, body).root) ==
//           described(LineByLine(body).read(header)));
#pragma once

#include "mime/part_tree.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace pec::mime {

class LineByLine {
public:
  explicit LineByLine(std::string_view body) : body_(body) {}

  Part read(HeaderList header) {
    Part root;
    root.header = std::move(header);
    read_content(root, 0, "text/plain");
    return root;
  }

private:
  struct Multipart {
    std::string delimiter;        // empty once it was closed
    std::size_t child_begin = 0;  // of the last child
  };
  // The line that ends what is being read: a delimiter of an open multipart, or the text's end.
  struct Stop {
    static constexpr std::size_t at_text_end = std::numeric_limits<std::size_t>::max();
    std::size_t level;
    bool closing;
    std::size_t line_begin;
    std::size_t next;
  };

  Stop find_stop(std::size_t at) const {
    while (at < body_.size()) {
      std::size_t next = at;
      while (next < body_.size() && body_[next++] != '\n') continue;
      const std::string line = stripped(body_.substr(at, next - at));
      for (std::size_t level = open_.size(); level-- > 0;) {
        const std::string& delimiter = open_[level].delimiter;
        if (delimiter.empty()) continue;
        if (line == delimiter) return {level, false, at, next};
        if (line == delimiter + "--") return {level, true, at, next};
      }
      at = next;
    }
    return {Stop::at_text_end, false, body_.size(), body_.size()};
  }

  Stop read_part(Part& part, std::size_t at, std::string_view default_type) {
    part.entity_begin = at;
    const auto header = parse_header(body_.substr(at, find_stop(at).line_begin - at));
    part.header = header.fields;
    return read_content(part, at + header.body_offset, default_type);
  }

  Stop read_content(Part& part, std::size_t at, std::string_view default_type) {
    part.content_begin = at;
    part.content_type = parse_parameterised(part.header.unfolded("Content-Type"));
    if (!part.header.find("Content-Type")) part.content_type.value = default_type;
    if (part.content_type.value.find('/') == std::string::npos)
      part.content_type.value = "text/plain";
    part.closed = !part.is_multipart();

    const Stop stop = read_inside(part, at);
    part.end = end_before(stop);
    part.content_begin = std::min(part.content_begin, part.end);
    part.entity_begin = std::min(part.entity_begin, part.end);
    return stop;
  }

  Stop read_inside(Part& part, std::size_t at) {
    const std::string boundary = stripped(part.content_type.parameter("boundary"));
    if (part.is_multipart() && !boundary.empty()) return read_multipart(part, at, boundary);
    const auto encoding =
        parse_parameterised(part.header.unfolded("Content-Transfer-Encoding")).value;
    const bool encoded =
        !encoding.empty() && encoding != "7bit" && encoding != "8bit" && encoding != "binary";
    if (part.content_type.value == "message/rfc822" && !encoded)
      return read_part(part.children.emplace_back(), at, "text/plain");
    return find_stop(at);
  }

  Stop read_multipart(Part& part, std::size_t at, const std::string& boundary) {
    const std::size_t level = open_.size();
    open_.push_back({"--" + boundary});
    Stop stop = find_stop(at);
    while (stop.level == level) {
      if (stop.closing) {
        part.closed = true;
        open_[level].delimiter.clear();
        stop = find_stop(stop.next);
      } else {
        open_[level].child_begin = stop.next;
        const bool digest = part.content_type.value == "multipart/digest";
        stop = read_part(part.children.emplace_back(), stop.next,
                         digest ? "message/rfc822" : "text/plain");
      }
    }
    open_.pop_back();
    return stop;
  }

  std::size_t end_before(const Stop& stop) const {
    if (stop.level == Stop::at_text_end) return body_.size();
    std::size_t end = stop.line_begin;
    if (end > 0 && body_[end - 1] == '\n') --end;
    if (end > 0 && body_[end - 1] == '\r') --end;
    return std::max(end, open_[stop.level].child_begin);
  }

  // Without its line end and the blanks before that.
  static std::string stripped(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
    while (line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
    return std::string(line);
  }

  std::string_view body_;
  std::vector<Multipart> open_;
};

// All properties of a part, with its children.
inline std::string described(const Part& part) {
  std::string out =
      fmt::format("{}{} {}/{}/{} <{}> (", part.content_type.value, part.closed ? "" : "!",
                  part.entity_begin, part.content_begin, part.end, part.header.wire());
  for (const Part& child : part.children) out += described(child) + ";";
  return out + ")";
}

}  // namespace pec::mime
