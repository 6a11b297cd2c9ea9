// SPDX-License-Identifier: GPL-2.0-or-later

// How the tree is found.
//
// The text is read once, for all levels together. A stack holds the parts that are open at this
// point, the root at the bottom. Beside each open multipart stands its delimiter. A line matters
// only if it begins with "--" and equals one of these delimiters. The innermost is compared first.
//
//   delimiter line := at a line's begin, "--" boundary ["--"] *blank line-end-or-end-of-text
//
// It ends every part above the multipart that it belongs to. They end at the line end before it,
// which is the delimiter's own (RFC 2046, 5.1.1). Without the closing "--", the next part begins
// behind it. With the closing "--", the multipart is closed, and its delimiter no longer matters.
// The epilogue follows, which belongs to no part, until an outer delimiter ends it. So an outer
// boundary ends everything that is still open inside, closed or not. The end of the text ends
// everything.
//
// A part's header is read where the part begins. A delimiter has precedence there, too: a part may
// consist of nothing but half a header. A message/rfc822 opens its one child at once.
//
// Large messages are nearly all base64, which has no '-'. So outside headers the text is not read
// line by line. The search goes to the next '-', and if this begins no "--" line, to the end of its
// line from there on. So every octet is searched once, for one or the other, and lines without a
// '-' cost nothing of their own.
//
// Invariants, for any input: entity_begin <= content_begin <= end; children lie within their
// parent's content, in order, and do not overlap. If an empty part meets the line end of the next
// delimiter, the delimiter takes that line end, and the part's begin steps back.
//
// Pointers on the stack stay valid: a vector of children grows only when its last child is closed,
// and no closed part is on the stack.
#include "mime/part_tree.hpp"

#include "base/text.hpp"
#include "mime/encoder.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace pec::mime {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// The line that begins at `at`, its line end included.
std::string_view line_at(std::string_view text, std::size_t at) {
  const auto end = text.find('\n', at);
  return end == std::string_view::npos ? text.substr(at) : text.substr(at, end + 1 - at);
}

std::string_view without_trailing_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

ParameterisedValue content_type_of(const HeaderList& header, std::string_view default_type) {
  const HeaderField* field = header.find("Content-Type");
  if (field == nullptr) return {std::string(default_type), {}};
  ParameterisedValue type = parse_parameterised(field->value);
  // A type that can't be read counts as plain text (RFC 2045, 5.2). It may still name a file.
  if (type.value.find('/') == std::string::npos) type.value = "text/plain";
  return type;
}

std::string transfer_encoding_of(const HeaderList& header) {
  const HeaderField* field = header.find("Content-Transfer-Encoding");
  return field ? parse_parameterised(field->value).value : std::string();
}

bool is_identity(std::string_view encoding) {
  return encoding.empty() || encoding == "7bit" || encoding == "8bit" || encoding == "binary";
}

class Parser {
public:
  Parser(std::string_view body, const ParseLimits& limits) : body_(body), limits_(limits) {}

  PartTree parse(HeaderList header) {
    tree_.root.header = std::move(header);
    return parse_from(begin_content(tree_.root, 0, "text/plain"));
  }

  PartTree parse_part(std::size_t begin) {
    return parse_from(begin_part(tree_.root, begin, "text/plain"));
  }

private:
  PartTree parse_from(std::size_t at) {
    while ((at = next_dashed_line(body_, at)) < body_.size()) {
      const std::string_view line = line_at(body_, at);
      const auto delimiter = find_delimiter(line);
      at = delimiter ? take_delimiter(at, line, *delimiter) : at + line.size();
    }
    end_parts(0, body_.size());
    return std::move(tree_);
  }

  struct OpenPart {
    Part* part;
    std::string delimiter;  // "--" and the boundary; empty: not a multipart, or closed
  };
  struct Delimiter {
    std::size_t level;  // of the multipart, in open_
    bool closing;
  };

  std::optional<Delimiter> find_delimiter(std::string_view line) const {
    if (!line.starts_with("--")) return std::nullopt;
    line = without_trailing_blanks(text::without_line_end(line));
    for (std::size_t level = open_.size(); level-- > 0;) {
      const std::string& delimiter = open_[level].delimiter;
      if (delimiter.empty() || !line.starts_with(delimiter)) continue;
      const std::string_view rest = line.substr(delimiter.size());
      if (rest.empty()) return Delimiter{level, false};
      if (rest == "--") return Delimiter{level, true};
    }
    return std::nullopt;
  }

  // Returns the place to read on from.
  std::size_t take_delimiter(std::size_t line_begin, std::string_view line, Delimiter delimiter) {
    const auto before = text::without_line_end(body_.substr(0, line_begin));
    end_parts(delimiter.level + 1, before.size());
    const std::size_t next = line_begin + line.size();
    Part& multipart = *open_[delimiter.level].part;
    if (delimiter.closing) {
      multipart.closed = true;
      open_[delimiter.level].delimiter.clear();
      return next;
    }
    if (!may_add_part()) return next;
    const bool digest = multipart.content_type.value == "multipart/digest";  // RFC 2046, 5.1.5
    return begin_part(add_child(multipart), next, digest ? "message/rfc822" : "text/plain");
  }

  std::size_t begin_part(Part& part, std::size_t at, std::string_view default_type) {
    part.entity_begin = at;
    ParsedHeader parsed = parse_header(body_.substr(at), [this](std::string_view line) {
      return find_delimiter(line).has_value() || !may_take_header_line(line);
    });
    part.header = std::move(parsed.fields);
    return begin_content(part, at + parsed.body_offset, default_type);
  }

  std::size_t begin_content(Part& part, std::size_t at, std::string_view default_type) {
    part.content_begin = at;
    part.content_type = content_type_of(part.header, default_type);
    open_.push_back({&part, {}});
    if (part.is_multipart()) {
      part.closed = false;
      // A boundary can't end in blanks (RFC 2046, 5.1.1): on the line they would be padding.
      const std::string boundary = part.content_type.parameter("boundary");
      const std::string_view trimmed = without_trailing_blanks(boundary);
      if (!trimmed.empty() && may_nest()) open_.back().delimiter = "--" + std::string(trimmed);
    } else if (part.content_type.value == "message/rfc822" &&
               is_identity(transfer_encoding_of(part.header)) && may_nest() && may_add_part()) {
      return begin_part(add_child(part), at, "text/plain");
    }
    return at;
  }

  // Ends all open parts from `level` up. The lowest of them keeps its begin; those of the others
  // move back if they must.
  void end_parts(std::size_t level, std::size_t end) {
    if (level >= open_.size()) return;
    end = std::max(end, open_[level].part->entity_begin);
    for (; open_.size() > level; open_.pop_back()) {
      Part& part = *open_.back().part;
      part.end = end;
      part.content_begin = std::min(part.content_begin, end);
      part.entity_begin = std::min(part.entity_begin, end);
    }
  }

  Part& add_child(Part& parent) {
    ++parts_;
    return parent.children.emplace_back();
  }

  static bool within(bool limit_kept, bool& reached) {
    if (!limit_kept) reached = true;
    return limit_kept;
  }
  bool may_nest() { return within(open_.size() <= limits_.max_depth, tree_.too_deep); }
  bool may_add_part() { return within(parts_ < limits_.max_parts, tree_.too_many_parts); }
  bool may_take_header_line(std::string_view line) {
    header_octets_ += line.size();
    return within(header_octets_ <= limits_.max_header_octets, tree_.too_long_headers);
  }

  std::string_view body_;
  ParseLimits limits_;
  PartTree tree_;
  std::vector<OpenPart> open_;
  std::size_t parts_ = 1;
  std::size_t header_octets_ = 0;
};

}  // namespace

std::size_t next_dashed_line(std::string_view text, std::size_t line_begin) {
  while (line_begin < text.size()) {
    const bool at_once = text[line_begin] == '-';  // one dashed line after another: no search
    const auto dash = at_once ? line_begin : text.find('-', line_begin);
    if (dash == std::string_view::npos) break;
    const bool begins_line = at_once || text[dash - 1] == '\n';
    if (begins_line && text.substr(dash).starts_with("--")) return dash;
    line_begin = dash + line_at(text, dash).size();
  }
  return text.size();
}

std::string Part::file_name() const {
  if (const HeaderField* disposition = header.find("Content-Disposition")) {
    auto name = parse_parameterised(disposition->value).parameter("filename");
    if (!name.empty()) return name;
  }
  return content_type.parameter("name");
}

PartTree parse_message(HeaderList header, std::string_view body, const ParseLimits& limits) {
  return Parser(body, limits).parse(std::move(header));
}

PartTree parse_part(std::string_view body, std::size_t begin, std::size_t end,
                    const ParseLimits& limits) {
  return Parser(body.substr(0, end), limits).parse_part(begin);
}

std::string decode_content(const Part& leaf, std::string_view body) {
  const std::string_view content = leaf.content(body);
  const std::string encoding = transfer_encoding_of(leaf.header);
  if (encoding == "base64") return decode_base64(content);
  if (encoding == "quoted-printable") return decode_quoted_printable(content);
  return std::string(content);
}

}  // namespace pec::mime
