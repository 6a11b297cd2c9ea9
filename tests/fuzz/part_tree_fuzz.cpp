// SPDX-License-Identifier: GPL-2.0-or-later

// The range tree of a message (common/mime/part_tree.hpp). Signatures, hashes of attachments and
// embedded originals use these ranges.
//
// Input: a message, header and body.
// - Ranges lie in order within their parents, and the root's is the body.
// - A reader that goes line by line, one level at a time, finds the same tree.
// - A part reads the same alone as in its message, so its surroundings don't affect a signature.
// - A limit that is not reached changes nothing. With one that is, ranges still are in order.
#include "fuzz/property.hpp"
#include "mime/message.hpp"
#include "mime/part_tree.hpp"
#include "unit/mime/line_by_line.hpp"

#include <string>

using namespace pec::mime;
using pec::fuzz::must_hold;

namespace {

void check_ranges(const Part& part, std::string_view body) {
  must_hold(part.entity_begin <= part.content_begin && part.content_begin <= part.end &&
                part.end <= body.size(),
            "a part's begin, content and end are in order");
  must_hold(part.is_multipart() || part.children.size() <= 1, "a leaf or a message has one child");
  std::size_t from = part.content_begin;
  for (const Part& child : part.children) {
    must_hold(child.entity_begin >= from && child.end <= part.end,
              "parts lie in order within their parent");
    from = child.end;
    check_ranges(child, body);
  }
}

void check_leaf(const Part& leaf, std::string_view body) {
  must_hold(decode_content(leaf, body).size() <= leaf.content(body).size(),
            "decoding makes no content longer");
  must_hold(pec::fuzz::on_one_line(leaf.file_name()), "a file name is one line");
}

void check_same(const Part& part, const Part& alone, std::size_t shift) {
  must_hold(part.content_type.value == alone.content_type.value && part.closed == alone.closed &&
                part.content_begin == alone.content_begin + shift &&
                part.end == alone.end + shift && part.children.size() == alone.children.size(),
            "a part reads the same alone");
  for (std::size_t i = 0; i < part.children.size(); ++i) {
    must_hold(part.children[i].entity_begin == alone.children[i].entity_begin + shift,
              "a part's children begin at the same place alone");
    check_same(part.children[i], alone.children[i], shift);
  }
}

// Only the outermost parts: inner ones are compared with them.
void check_alone(const Part& root, std::string_view body) {
  for (const Part& part : root.children) {
    // The parent decides the type of a part without its own (multipart/digest).
    if (part.header.find("Content-Type") == nullptr) continue;
    const auto entity = part.entity(body);
    const auto header = parse_header(entity);
    const auto shift = part.entity_begin + header.body_offset;
    check_same(part, parse_message(header.fields, body.substr(shift, part.end - shift)).root,
               shift);
  }
}

void check_leaves(const Part& part, std::string_view body) {
  if (part.children.empty()) check_leaf(part, body);
  for (const Part& child : part.children) check_leaves(child, body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Message message = split_message(Bytes::of(std::string(pec::fuzz::text_of(data, size))));
  const auto body = message.body.view;

  const PartTree tree = parse_message(message.header, body);
  check_ranges(tree.root, body);
  must_hold(tree.root.end == body.size(), "the root ends with the body");
  const std::string all = described(tree.root);
  if (!tree.truncated()) {
    must_hold(all == described(LineByLine(body).read(message.header)),
              "line by line, the tree is the same");
    check_alone(tree.root, body);
  }
  check_leaves(tree.root, body);

  const PartTree small = parse_message(message.header, body,
                                       {.max_depth = 2, .max_parts = 4, .max_header_octets = 99});
  check_ranges(small.root, body);
  must_hold(small.truncated() || described(small.root) == all, "an idle limit changes nothing");
  return 0;
}
