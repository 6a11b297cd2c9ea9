// SPDX-License-Identifier: GPL-2.0-or-later

// The range tree against GMime's: two independent readers of the same bytes. If they disagree on a
// message, it certifies one thing and shows another.
//
// Input: a message, header and body. Both trees are printed with the types of all parts and the
// ranges of all leaves, and must be the same text.
//
// Lines end with CRLF, as the mail server hands them over. Known differences of GMime are not
// compared, except for one: it leaves the CR of a delimiter's own line end to some parts (after an
// empty line and a near delimiter, or to a part of one empty line). GMime ...
// - takes the last of several Content-Type fields, where RFC 2045 allows one and we take the first;
// - decodes encoded words, comments and RFC 2231 in a boundary (docs/architecture.md,
//   "Dependencies"), so boundaries have plain characters only;
// - skips a line that is not a field, where we end the header, as most readers do, so headers are
//   whole;
// - looks for a message in a message/rfc822 of any encoding, which RFC 2046, 5.2.1 forbids;
// - treats multiparts without a boundary or without an end in its own way, so all are closed.
#include "base/text.hpp"
#include "fuzz/property.hpp"
#include "mime/message.hpp"
#include "mime/part_tree.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <gmime/gmime.h>
#include <memory>
#include <string>

using namespace pec::mime;

namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Held = std::unique_ptr<T, Unref>;

// ---- what is compared ---------------------------------------------------------------------------

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const char low = pec::text::lower(c);
    return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("-+_.").find(c) != std::string_view::npos;
  });
}

// "type/subtype; name=token; name="tokens and blanks"".
bool is_plain_type(const HeaderField& field) {
  const std::string line = field.unfolded();
  const auto pieces = pec::text::split(line, ';');
  const auto type = pec::text::split(pieces.front(), '/');
  if (type.size() != 2 || !is_token(type[0]) || !is_token(type[1])) return false;
  return std::all_of(pieces.begin() + 1, pieces.end(), [](std::string_view piece) {
    const auto sides = pec::text::split(pec::text::trim(piece), '=');
    if (sides.size() != 2 || !is_token(sides[0])) return false;
    auto value = sides[1];
    if (value.size() < 2 || value.front() != '"' || value.back() != '"') return is_token(value);
    value = value.substr(1, value.size() - 2);
    const auto words = pec::text::split(value, ' ');
    return std::all_of(words.begin(), words.end(), is_token);
  });
}

// `section`: the octets from the begin of the header to the begin of the content.
bool is_whole(const HeaderList& header, std::string_view section) {
  const auto types = header.find_all("Content-Type");
  return section == header.wire() + "\r\n" && types.size() <= 1 &&
         (types.empty() || is_plain_type(*types.front()));
}

bool is_comparable(const Part& part, std::string_view body) {
  if (!part.closed) return false;
  if (part.content_type.value == "message/rfc822" && part.children.empty()) return false;
  return std::all_of(part.children.begin(), part.children.end(), [&](const Part& child) {
    const auto begin = child.entity_begin;
    return is_whole(child.header, body.substr(begin, child.content_begin - begin)) &&
           is_comparable(child, body);
  });
}

// ---- both trees as text -------------------------------------------------------------------------

std::string ours(const Part& part, std::size_t shift) {
  if (!part.is_multipart() && part.content_type.value != "message/rfc822")
    return fmt::format("{} {}-{};", part.content_type.value, part.content_begin + shift,
                       part.end + shift);
  std::string out = part.content_type.value + "(";
  for (const Part& child : part.children) out += ours(child, shift);
  return out + ")";
}

std::string theirs(GMimeObject* part, std::string_view whole) {
  if (part == nullptr) return "nothing;";
  GMimeContentType* type = g_mime_object_get_content_type(part);
  std::string out = pec::text::lower(fmt::format("{}/{}", g_mime_content_type_get_media_type(type),
                                                 g_mime_content_type_get_media_subtype(type)));
  if (GMIME_IS_MULTIPART(part)) {
    out += "(";
    GMimeMultipart* multipart = GMIME_MULTIPART(part);
    for (int i = 0; i < g_mime_multipart_get_count(multipart); ++i)
      out += theirs(g_mime_multipart_get_part(multipart, i), whole);
    return out + ")";
  }
  if (GMIME_IS_MESSAGE_PART(part)) {
    GMimeMessage* message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));
    return out + "(" +
           theirs(message == nullptr ? nullptr : g_mime_message_get_mime_part(message), whole) +
           ")";
  }
  GMimeDataWrapper* content = g_mime_part_get_content(GMIME_PART(part));
  if (content == nullptr) return out + " nothing;";
  const GMimeStream* stream = g_mime_data_wrapper_get_stream(content);
  const auto begin = static_cast<std::size_t>(stream->bound_start);
  const auto end = static_cast<std::size_t>(stream->bound_end);
  const bool half_line_end = end > begin && whole[end - 1] == '\r';
  return out + fmt::format(" {}-{};", begin, half_line_end ? end - 1 : end);
}

std::string theirs(std::string_view whole) {
  const Held<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(whole.data(), whole.size()));
  const Held<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const Held<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
  return theirs(message ? g_mime_message_get_mime_part(message.get()) : nullptr, whole);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool started = (g_mime_init(), true);
  const std::string whole = pec::fuzz::wire_form(pec::fuzz::text_of(data, size));
  const Message message = split_message(Bytes::of(whole));
  const auto body = message.body.view;
  const PartTree tree = parse_message(message.header, body);
  const auto header = std::string_view(whole).substr(0, whole.size() - body.size());
  if (!started || tree.truncated() || message.header.empty() || !is_whole(message.header, header) ||
      !is_comparable(tree.root, body))
    return 0;

  const std::string expected = ours(tree.root, whole.size() - body.size());
  const std::string found = theirs(whole);
  if (found != expected)
    std::fprintf(stderr, "ours:   %s\ntheirs: %s\n", expected.c_str(), found.c_str());
  pec::fuzz::must_hold(found == expected, "GMime finds the same parts in the same places");
  return 0;
}
