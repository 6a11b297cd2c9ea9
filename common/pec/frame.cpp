// SPDX-License-Identifier: GPL-2.0-or-later

// The rules, and why they are enough. plain_fields.cpp checks those for header fields.
//
// The outer header: all names of fields are plain, and each line end in a value is part of a fold
// (Python begins a line after a CR alone). MIME-Version, Content-Type and Content-Transfer-Encoding
// occur at most once; the first two must be there. They have the simplest grammar: no comments, no
// RFC 2231, no encoded words, no quoted pairs, each parameter once.
//
// The body: each line ends with CRLF, and there is no NUL. Its grammar is
//
//     body      := preamble delimiter first delimiter second "--" boundary "--" blank-lines
//     delimiter := "--" boundary CRLF              the CRLF before it belongs to it, too
//
// No other line begins with "--" boundary: some readers compare only the beginning of a line. No
// line of the preamble begins with "--": then readers that use a wrong boundary find nothing. No
// blanks follow a delimiter, because not all readers allow them.
//
// These checks do not look into the parts. But readers do, and an inner multipart could take an
// outer delimiter for its own. For that, it needs the outer boundary, in whatever disguise (RFC
// 2231, an encoded word), and must never be closed. The signer's part may hold a user's message, so
// somebody may have put such a multipart there. Therefore the first part is
//
// - neither multipart nor message: no reader looks for parts in it; or
// - a multipart, declared as plainly as the outer one. It ends with its own closing delimiter,
//   blank lines apart. That line ends it for all readers, whatever is nested in it. Only an inner
//   multipart with the same boundary can take the line for its own, and then everything further in
//   has ended. So at the second outer delimiter, readers wait for two boundaries at most: the outer
//   one, and the first part's own. The outer one does not begin with the first part's own.
//
// The second part is a CMS signature in base64, with no characters outside its alphabet.
#include "pec/frame.hpp"

#include "base/text.hpp"
#include "mime/encoder.hpp"
#include "pec/plain_fields.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace pec {

namespace {

using plain::because;
using plain::Read;

constexpr std::string_view line_end = "\r\n";

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

// The places of the lines that begin with `mark`, up to `most`. `mark` begins with "--".
std::vector<std::size_t> lines_with(std::string_view body, std::string_view mark,
                                    std::size_t most) {
  std::vector<std::size_t> found;
  for (auto at = mime::next_dashed_line(body, 0); at < body.size() && found.size() < most;
       at = mime::next_dashed_line(body, std::min(body.find('\n', at), body.size() - 1) + 1))
    if (body.substr(at).starts_with(mark)) found.push_back(at);
  return found;
}

// The first place of the name with "--" behind it. Searches for runs of dashes, which base64 lacks.
// A boundary ends in one dash at most, so the name ends where a run begins, or behind its first
// dash.
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

// The part between two delimiter lines, without the line ends that belong to them.
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
  PEC_TRY(const auto first, between(body, lines[0], mark.size(), lines[1]));
  PEC_TRY(const auto second, between(body, lines[1], mark.size(), lines[2]));

  auto rest = body.substr(lines[2] + mark.size());
  if (!rest.starts_with("--")) return because("it does not end with its boundary");
  rest.remove_prefix(2);
  if (rest.find_first_not_of(line_end) != rest.npos) return because("something follows its end");
  return Ranges{first, second};
}

// ---- the parts ---------------------------------------------------------------------------------

struct PlainPart {
  mime::HeaderList header;
  plain::ContentType type;
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
  if (part.header.wire() != lines) return because("a part's header has a line that is not a field");
  PEC_TRY_VOID(plain::check_fields(part.header));
  PEC_TRY(const auto type, plain::type_of(part.header));
  part.type = type.value_or(plain::ContentType{"text/plain", {}});
  part.content = entity.substr(lines.size() + line_end.size());
  return part;
}

Read<void> check_first(std::string_view entity, const std::string& outer_boundary) {
  PEC_TRY(const auto part, read_part(entity));
  if (part.type.value.starts_with("message/")) return because("the signed part is a message");
  if (!part.type.value.starts_with("multipart/")) {
    PEC_TRY_VOID(plain::encoding_of(part.header));
    return {};
  }
  PEC_TRY(const auto boundary, plain::boundary_of(part.type));
  if (outer_boundary.starts_with(boundary))
    return because("the boundary begins with the boundary of the first part");
  auto content = part.content;
  while (content.ends_with("\r\n\r\n")) content.remove_suffix(line_end.size());
  // If a delimiter has no line end of its own, Dovecot takes the next one's line end for it.
  const auto closing = fmt::format("--{}--\r\n", boundary);
  const auto closing_begin = content.size() - std::min(content.size(), closing.size());
  // If an inner boundary ended in "--", the closing delimiter would open one more part.
  const auto named = first_closing(content, boundary);
  if (!content.ends_with(closing) || !begins_line(content, closing_begin) ||
      named != closing_begin + 2)
    return because("the first part does not end where its multipart ends");
  return plain::check_unencoded(part.header);
}

// RFC 2045, 6.8, with nothing that a reader would have to skip.
bool is_clean_base64(std::string_view text) {
  std::size_t digits = 0, padding = 0;
  for (const char c : text) {
    if (c == '\r' || c == '\n') continue;
    if (c == '=')
      ++padding;
    else if (padding == 0 && (plain::is_letter_or_digit(c) || c == '+' || c == '/'))
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
  PEC_TRY(const auto part, read_part(entity));
  if (!is_signature_type(part.type.value)) return because("the second part is not a CMS signature");
  PEC_TRY(const auto encoding, plain::encoding_of(part.header));
  if (encoding != "base64" || !is_clean_base64(part.content))
    return because("the signature is not in base64");
  return mime::decode_base64(part.content);
}

// ---- all of it ---------------------------------------------------------------------------------

Read<SignedParts> read(const mime::HeaderList& header, const plain::ContentType& type,
                       std::string_view body) {
  PEC_TRY_VOID(plain::check_fields(header));
  PEC_TRY_VOID(plain::check_version(header));
  PEC_TRY_VOID(plain::check_unencoded(header));
  PEC_TRY(const auto boundary, plain::boundary_of(type));
  PEC_TRY_VOID(check_line_ends(body));
  PEC_TRY(const auto ranges, find_parts(body, boundary));
  const auto [first, second] = ranges;
  PEC_TRY_VOID(check_first(first.of(body), boundary));
  PEC_TRY(auto signature, read_signature(second.of(body)));
  // Only its own parts: the content of a user's message decides nothing here.
  constexpr mime::ParseLimits flat{.max_depth = 1};
  return SignedParts{mime::parse_part(body, first.begin, first.end, flat).root, first.of(body),
                     std::move(signature)};
}

tl::unexpected<Error> not_signed(std::string why) {
  return fail(Fault::bad_input, "not a signed message", std::move(why));
}

}  // namespace

Result<SignedParts> read_frame(const mime::Message& message) {
  // One claim of several is enough: some reader may follow that one.
  const auto fields = message.header.find_all("Content-Type");
  const bool claims = std::any_of(fields.begin(), fields.end(), [](const auto* field) {
    return mime::parse_parameterised(field->value).value == "multipart/signed";
  });
  if (!claims) return not_signed("it is not multipart/signed");

  const auto unclear = [](const std::string& why) {
    return fail(Fault::rejected, "unclear frame of a signed message", "unclear frame: " + why);
  };
  const auto type = plain::type_of(message.header);
  if (!type) return unclear(type.error());
  if ((*type)->value != "multipart/signed") return unclear("its Content-Type");
  if (!is_signature_type(text::lower((*type)->parameter("protocol"))))
    return not_signed("the multipart/signed is not of the CMS protocol");
  auto parts = read(message.header, **type, message.body.view);
  if (!parts) return unclear(parts.error());
  return std::move(*parts);
}

}  // namespace pec
