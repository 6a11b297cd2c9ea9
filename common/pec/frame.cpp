// SPDX-License-Identifier: GPL-2.0-or-later

// The rules, and why they are enough.
//
// Of the outer header: all names of fields are plain, no value holds a line end that is no fold
// (Python begins a line after a CR alone). MIME-Version, Content-Type and Content-Transfer-Encoding
// stand there once at most; the first two must be there, and are of the simplest grammar: no
// comments, no RFC 2231, no encoded words, no quoted pairs, each parameter once.
//
// Of the body: each line ends with CRLF, and there is no NUL. It is
//
//     body      := preamble delimiter first delimiter second "--" boundary "--" blank-lines
//     delimiter := "--" boundary CRLF              the CRLF before it belongs to it, too
//
// No other line begins with "--" boundary: some readers match the begin of a line only. No line of
// the preamble begins with "--": readers that take another boundary for the right one find nothing.
// No blanks are behind a delimiter, for not all readers allow them.
//
// All that is found without looking into the parts. But readers do look into them, and an inner
// multipart could take an outer delimiter for its own: one whose boundary is the outer one, in
// whatever disguise (RFC 2231, an encoded word), and that is never closed. The signer's part may
// hold a user's message, so somebody may have put it there. Therefore the first part is
//
// - neither multipart nor message: nobody looks for parts in it; or
// - a multipart, as plainly declared as the outer one, that ends with its own closing delimiter,
//   blank lines apart. Whatever is nested in it, and however, that line ends it for all readers: only
//   a multipart within, of the same boundary, can take the line for its own, and then all further in
//   are ended. So at the second outer delimiter no boundary is waited for but the outer one, or the
//   first part's own, which is no begin of the outer one.
//
// The second part is a CMS signature in base64 of nothing but its alphabet.
#include "pec/frame.hpp"

#include "base/text.hpp"
#include "mime/encoder.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <tl/expected.hpp>

namespace pec {

namespace {

// The value, or why there is none.
template <class T>
using Read = tl::expected<T, std::string>;

tl::unexpected<std::string> because(std::string why) {
  return tl::make_unexpected(std::move(why));
}

constexpr std::string_view line_end = "\r\n";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_printable(char c) {
  return c >= ' ' && c < '\x7f';
}

bool is_letter_or_digit(char c) {
  const char low = text::lower(c);
  return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9');
}

// Fewer than RFC 2045 allows: those that mean nothing in RFC 2231 and RFC 2047 either.
bool is_token_character(char c) {
  return is_letter_or_digit(c) || std::string_view("-_.+").find(c) != std::string_view::npos;
}

// ---- header fields -----------------------------------------------------------------------------

bool is_plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(),
                                      [](char c) { return c > ' ' && c < '\x7f' && c != ':'; });
}

// No NUL, and no line end but before a blank.
bool is_one_field(std::string_view value) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\0' || value[i] == '\n') return false;
    if (value[i] != '\r') continue;
    if (i + 2 >= value.size() || value[i + 1] != '\n' || !is_blank(value[i + 2])) return false;
    ++i;
  }
  return true;
}

Read<void> check_fields(const mime::HeaderList& header) {
  for (const auto& field : header) {
    if (!is_plain_name(field.name))
      return because(fmt::format("the field name \"{}\" can be read in more than one way",
                                 text::printable(field.name)));
    if (!is_one_field(field.value))
      return because(fmt::format("the field {} holds a stray line end", field.name));
  }
  return {};
}

// The field's value with a LF for each fold.
Read<std::string> plain_line(const mime::HeaderField& field) {
  constexpr std::size_t longest = 998;
  if (field.value.size() > longest)
    return because(fmt::format("{} has more than {} octets", field.name, longest));
  const auto without_cr = text::replace_all(field.value, "\r\n", "\n");
  for (const auto line : text::split(without_cr, '\n')) {
    if (text::trim(line).empty()) return because(fmt::format("{} has an empty line", field.name));
    if (!std::all_of(line.begin(), line.end(), [](char c) { return is_printable(c) || c == '\t'; }))
      return because(fmt::format("{} holds characters other than ASCII", field.name));
  }
  return std::string(text::trim(without_cr));
}

// The one field of a name; nothing if there is none.
Read<const mime::HeaderField*> single(const mime::HeaderList& header, std::string_view name) {
  const auto fields = header.find_all(name);
  if (fields.size() > 1) return because(fmt::format("{} stands there more than once", name));
  return fields.empty() ? nullptr : fields.front();
}

// A Content-Type that all readers read alike.
struct PlainType {
  std::string value;                              // lower case
  std::map<std::string, std::string> parameters;  // names in lower case

  std::string parameter(std::string_view name) const {
    const auto found = parameters.find(std::string(name));
    return found == parameters.end() ? std::string() : found->second;
  }
};

// type/subtype *(";" name "=" (token / quoted-string)) [";"], with blanks and folds around the
// semicolons alone.
class TypeReader {
public:
  explicit TypeReader(std::string_view line) : rest_(line) {}

  Read<PlainType> read() {
    PlainType type;
    const auto main = token();
    if (main.empty() || !take('/')) return unclear("type");
    const auto sub = token();
    if (sub.empty()) return unclear("type");
    type.value = text::lower(main) + "/" + text::lower(sub);
    for (skip_blanks(); !rest_.empty(); skip_blanks()) {
      if (!take(';')) return unclear("a parameter");
      skip_blanks();
      if (rest_.empty()) break;
      const auto name = text::lower(token());
      if (name.empty() || !take('=')) return unclear("a parameter's name");
      auto value = take('"') ? quoted() : std::optional(std::string(token()));
      if (!value || value->empty()) return unclear("the parameter " + name);
      if (!type.parameters.emplace(name, std::move(*value)).second)
        return because(fmt::format("Content-Type has the parameter {} twice", name));
    }
    return type;
  }

private:
  static tl::unexpected<std::string> unclear(const std::string& what) {
    return because("Content-Type can be read in more than one way: " + what);
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_blanks() {
    while (!rest_.empty() && (is_blank(rest_.front()) || rest_.front() == '\n'))
      rest_.remove_prefix(1);
  }

  std::string_view token() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_token_character);
    const auto found = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(found.size());
    return found;
  }

  // Without quoted pairs, folds, tabs, encoded words, and semicolons, at which simple readers cut.
  std::optional<std::string> quoted() {
    const auto end = rest_.find('"');
    if (end == rest_.npos) return std::nullopt;
    std::string value(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    const bool plain = std::all_of(value.begin(), value.end(),
                                   [](char c) { return is_printable(c) && c != '\\' && c != ';'; });
    if (!plain || value.find("=?") != value.npos) return std::nullopt;
    return value;
  }

  std::string_view rest_;
};

// Nothing if the header has none: text/plain.
Read<std::optional<PlainType>> type_of(const mime::HeaderList& header) {
  const auto field = single(header, "Content-Type");
  if (!field) return because(field.error());
  if (*field == nullptr) return std::optional<PlainType>();
  const auto line = plain_line(**field);
  if (!line) return because(line.error());
  auto type = TypeReader(*line).read();
  if (!type) return because(type.error());
  return std::optional(std::move(*type));
}

// Lower case; empty if the header has none.
Read<std::string> encoding_of(const mime::HeaderList& header) {
  const auto field = single(header, "Content-Transfer-Encoding");
  if (!field) return because(field.error());
  if (*field == nullptr) return std::string();
  const auto line = plain_line(**field);
  if (!line) return because(line.error());
  if (!std::all_of(line->begin(), line->end(), is_token_character))
    return because("Content-Transfer-Encoding can be read in more than one way");
  return text::lower(*line);
}

Read<void> check_unencoded(const mime::HeaderList& header) {
  const auto encoding = encoding_of(header);
  if (!encoding) return because(encoding.error());
  constexpr std::array identities{"", "7bit", "8bit", "binary"};
  if (std::find(identities.begin(), identities.end(), *encoding) == identities.end())
    return because(fmt::format("a multipart is encoded: {}", *encoding));
  return {};
}

Read<void> check_version(const mime::HeaderList& header) {
  const auto field = single(header, "MIME-Version");
  if (!field) return because(field.error());
  if (*field == nullptr || (*field)->unfolded() != "1.0")
    return because("there is no MIME-Version: 1.0");
  return {};
}

// RFC 2046, 5.1.1. One that ends with "--" looks like a closing delimiter.
Read<std::string> boundary_of(const PlainType& type) {
  constexpr std::size_t longest = 70;
  auto boundary = type.parameter("boundary");
  const bool plain = std::all_of(boundary.begin(), boundary.end(), [](char c) {
    return is_letter_or_digit(c) || std::string_view("'()+_,-./:=? ").find(c) != std::string::npos;
  });
  if (boundary.empty()) return because("a multipart has no boundary");
  if (!plain || boundary.size() > longest || boundary.ends_with(' ') || boundary.ends_with("--"))
    return because("a boundary can be read in more than one way");
  return boundary;
}

bool is_signature_type(std::string_view type) {
  return type == "application/pkcs7-signature" || type == "application/x-pkcs7-signature";
}

// ---- the body ----------------------------------------------------------------------------------

Read<void> check_line_ends(std::string_view body) {
  if (body.empty()) return because("it has no body");
  if (std::memchr(body.data(), '\0', body.size()) != nullptr)
    return because("there is a NUL in it");
  for (std::size_t at = 0; at < body.size();) {
    const auto cr = body.find('\r', at);
    const auto lf = body.substr(0, std::min(cr, body.size())).find('\n', at);
    if (lf != body.npos || (cr != body.npos && !body.substr(cr).starts_with(line_end)))
      return because("a line in it does not end with CRLF");
    at = cr == body.npos ? body.size() : cr + line_end.size();
  }
  return {};
}

bool begins_line(std::string_view body, std::size_t at) {
  return at == 0 || body[at - 1] == '\n';
}

// Where the lines begin that begin with `mark`, which begins with "--"; up to `most` of them.
std::vector<std::size_t> lines_with(std::string_view body, std::string_view mark,
                                    std::size_t most) {
  std::vector<std::size_t> found;
  for (auto at = mime::next_dashed_line(body, 0); at < body.size() && found.size() < most;
       at = mime::next_dashed_line(body, std::min(body.find('\n', at), body.size() - 1) + 1))
    if (body.substr(at).starts_with(mark)) found.push_back(at);
  return found;
}

// Where the name with "--" behind it first stands. By the runs of dashes, which base64 lacks: a
// boundary ends in one at most, so the name ends at a run's begin or behind its first one.
std::size_t first_closing(std::string_view content, std::string_view name) {
  const std::size_t own = name.ends_with('-') ? 1 : 0;
  auto run = content.find("--");
  while (run != content.npos) {
    const auto end = run + own;
    if (content.substr(end).starts_with("--") && content.substr(0, end).ends_with(name))
      return end - name.size();
    run = content.find("--", content.find_first_not_of('-', run));
  }
  return content.npos;
}

// Ranges of the body.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;

  std::string_view of(std::string_view body) const { return body.substr(begin, end - begin); }
};
struct Ranges {
  Range first, second;
};

// The part between two delimiter lines, whose own line ends are no part of it.
Read<Range> between(std::string_view body, std::size_t delimiter, std::size_t length,
                    std::size_t next) {
  const auto begin = delimiter + length;
  if (!body.substr(begin).starts_with(line_end))
    return because("something follows the boundary on its line");
  if (next < begin + 2 * line_end.size()) return because("a part is empty");
  return Range{begin + line_end.size(), next - line_end.size()};
}

Read<Ranges> find_parts(std::string_view body, const std::string& boundary) {
  const auto mark = "--" + boundary;
  const auto lines = lines_with(body, mark, 4);
  if (lines.size() != 3)
    return because(lines.size() > 3 ? "more lines begin with its boundary than two parts have"
                                    : "it has not two parts and an end");
  if (!lines_with(body.substr(0, lines[0]), "--", 1).empty())
    return because("a line before the first part begins with \"--\"");
  const auto first = between(body, lines[0], mark.size(), lines[1]);
  if (!first) return because(first.error());
  const auto second = between(body, lines[1], mark.size(), lines[2]);
  if (!second) return because(second.error());

  auto rest = body.substr(lines[2] + mark.size());
  if (!rest.starts_with("--")) return because("it does not end with its boundary");
  rest.remove_prefix(2);
  if (rest.find_first_not_of(line_end) != rest.npos) return because("something follows its end");
  return Ranges{*first, *second};
}

// ---- the parts ---------------------------------------------------------------------------------

struct PlainPart {
  mime::HeaderList header;
  PlainType type;
  std::string_view content;
};

Read<PlainPart> read_part(std::string_view entity) {
  constexpr std::size_t longest_header = std::size_t{64} << 10;
  constexpr std::string_view header_end = "\r\n\r\n";
  const auto head = entity.substr(0, longest_header);
  const bool no_header = entity.starts_with(line_end);
  const auto end = no_header ? 0 : head.find(header_end);
  if (end == head.npos) return because("a part's header does not end");

  PlainPart part;
  const auto lines = no_header ? std::string_view() : head.substr(0, end + line_end.size());
  part.header = mime::parse_header(lines).fields;
  if (part.header.wire() != lines) return because("a part's header has a line that is no field");
  if (const auto plain = check_fields(part.header); !plain) return because(plain.error());
  const auto type = type_of(part.header);
  if (!type) return because(type.error());
  part.type = type->value_or(PlainType{"text/plain", {}});
  part.content = entity.substr(lines.size() + line_end.size());
  return part;
}

Read<void> check_first(std::string_view entity, const std::string& outer_boundary) {
  const auto part = read_part(entity);
  if (!part) return because(part.error());
  if (part->type.value.starts_with("message/")) return because("what is signed is a message");
  if (!part->type.value.starts_with("multipart/")) {
    const auto encoding = encoding_of(part->header);
    return encoding ? Read<void>() : because(encoding.error());
  }
  const auto boundary = boundary_of(part->type);
  if (!boundary) return because(boundary.error());
  if (outer_boundary.starts_with(*boundary))
    return because("the boundary begins with that of the first part");
  auto content = part->content;
  while (content.ends_with("\r\n\r\n")) content.remove_suffix(line_end.size());
  // Behind a delimiter without a line end of its own, Dovecot takes that of the next one for it.
  const auto closing = fmt::format("--{}--\r\n", *boundary);
  const auto closing_begin = content.size() - std::min(content.size(), closing.size());
  // A boundary within that ends in "--" would have the closing delimiter open one more part.
  const auto named = first_closing(content, *boundary);
  if (!content.ends_with(closing) || !begins_line(content, closing_begin) ||
      named != closing_begin + 2)
    return because("the first part does not end where its multipart ends");
  return check_unencoded(part->header);
}

// RFC 2045, 6.8, and nothing that a reader would have to skip.
bool is_clean_base64(std::string_view text) {
  std::size_t digits = 0, padding = 0;
  for (const char c : text) {
    if (c == '\r' || c == '\n') continue;
    if (c == '=')
      ++padding;
    else if (padding == 0 && (is_letter_or_digit(c) || c == '+' || c == '/'))
      ++digits;
    else
      return false;
  }
  return padding <= 2 && (digits + padding) % 4 == 0;
}

Read<std::string> read_signature(std::string_view entity) {
  if (entity.size() > most_signature_octets)
    return because(fmt::format("the signature part has {} octets, more than {}", entity.size(),
                               most_signature_octets));
  const auto part = read_part(entity);
  if (!part) return because(part.error());
  if (!is_signature_type(part->type.value))
    return because("the second part is not a CMS signature");
  const auto encoding = encoding_of(part->header);
  if (!encoding) return because(encoding.error());
  if (*encoding != "base64" || !is_clean_base64(part->content))
    return because("the signature is not in base64");
  return mime::decode_base64(part->content);
}

// ---- all of it ---------------------------------------------------------------------------------

Read<SignedParts> read(const mime::HeaderList& header, const PlainType& type,
                       std::string_view body) {
  if (const auto plain = check_fields(header); !plain) return because(plain.error());
  if (const auto version = check_version(header); !version) return because(version.error());
  if (const auto plain = check_unencoded(header); !plain) return because(plain.error());
  const auto boundary = boundary_of(type);
  if (!boundary) return because(boundary.error());
  if (const auto lines = check_line_ends(body); !lines) return because(lines.error());
  const auto ranges = find_parts(body, *boundary);
  if (!ranges) return because(ranges.error());
  const auto [first, second] = *ranges;
  if (const auto checked = check_first(first.of(body), *boundary); !checked)
    return because(checked.error());
  auto signature = read_signature(second.of(body));
  if (!signature) return because(signature.error());
  // Its own parts and no further: what a user's message holds is nothing that decides about it.
  constexpr mime::ParseLimits flat{.max_depth = 1};
  return SignedParts{mime::parse_part(body, first.begin, first.end, flat).root, first.of(body),
                     std::move(*signature)};
}

tl::unexpected<Error> not_signed(std::string why) {
  return fail(Fault::bad_input, "not a signed message", std::move(why));
}

}  // namespace

Result<SignedParts> read_frame(const mime::Message& message) {
  // Whether it claims to be one, by any reader's standard: one claim of several is enough.
  const auto fields = message.header.find_all("Content-Type");
  const bool claims = std::any_of(fields.begin(), fields.end(), [](const auto* field) {
    return mime::parse_parameterised(field->value).value == "multipart/signed";
  });
  if (!claims) return not_signed("it is not multipart/signed");

  const auto unclear = [](const std::string& why) {
    return fail(Fault::rejected, "unclear frame of a signed message", "unclear frame: " + why);
  };
  const auto type = type_of(message.header);
  if (!type) return unclear(type.error());
  if ((*type)->value != "multipart/signed") return unclear("its Content-Type");
  if (!is_signature_type(text::lower((*type)->parameter("protocol"))))
    return not_signed("the multipart/signed is not of the CMS protocol");
  auto parts = read(message.header, **type, message.body.view);
  if (!parts) return unclear(parts.error());
  return std::move(*parts);
}

}  // namespace pec
