// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/brief.hpp"

#include "base/text.hpp"
#include "mime/digest.hpp"
#include "mime/encoder.hpp"
#include "mime/message.hpp"
#include "mime/part_tree.hpp"

#include <fmt/format.h>

namespace pec {

namespace {

constexpr std::string_view nameless_message = "messaggio.eml";

std::string name_of(const mime::Part& part) {
  auto name = part.file_name();
  return name.empty() ? std::string(nameless_message) : name;
}

bool gives_way(const mime::Part& part) {
  return part.content_type.value == "message/rfc822" ||
         (!part.is_multipart() && !part.file_name().empty());
}

// Copies the original range by range, in order, and puts hash files in place of attachments.
class BriefWriter {
public:
  BriefWriter(const mime::Bytes& original, std::string_view body)
      : original_(original), body_(body), body_begin_(original.view.size() - body.size()) {}

  void walk(const mime::Part& part) {
    if (part.content_type.value == "multipart/signed") {
      if (!part.children.empty()) visit(part.children.front());
      return;
    }
    for (const auto& child : part.children) visit(child);
  }

  // The message itself is the attachment: the hash file replaces its MIME fields and its body.
  void replace_root(const mime::Part& root, const std::string& name) {
    mime::HeaderList header;
    for (const auto& field : root.header)
      if (!text::starts_with_ignoring_case(field.name, "Content-"))
        header.add_raw(field.name, field.value);
    out_.append(header.wire() + hash_part(root, name) + "\r\n");
    done_ = original_.view.size();
  }

  mime::Rope finish() && {
    copy_until(original_.view.size());
    return std::move(out_);
  }

private:
  void visit(const mime::Part& part) {
    if (!gives_way(part)) return walk(part);
    copy_until(body_begin_ + part.entity_begin);
    out_.append(hash_part(part, name_of(part)));
    done_ = body_begin_ + part.end;
  }

  std::string hash_part(const mime::Part& part, const std::string& name) const {
    const auto file = name + ".hash";
    return fmt::format("Content-Type: {}\r\nContent-Disposition: {}\r\n\r\n{}",
                       mime::encode_parameterised("text/plain", "name", file),
                       mime::encode_parameterised("attachment", "filename", file),
                       mime::sha1_hex(part.content(body_)));
  }

  void copy_until(std::size_t end) {
    if (end > done_) out_.append(original_.sub(done_, end - done_));
    done_ = end;
  }

  mime::Bytes original_;
  std::string_view body_;
  std::size_t body_begin_;
  mime::Rope out_;
  std::size_t done_ = 0;  // end of what was copied or replaced so far
};

bool is_opaque(std::string_view type) {
  return type == "application/pkcs7-mime" || type == "application/x-pkcs7-mime";
}

}  // namespace

mime::Rope brief_original(const mime::Bytes& original) {
  const auto message = mime::split_message(original);
  const auto tree = mime::parse_message(message.header, message.body.view);
  if (is_opaque(tree.root.content_type.value) || tree.truncated()) {
    mime::Rope whole;
    whole.append(original);
    return whole;
  }
  BriefWriter writer(original, message.body.view);
  if (gives_way(tree.root))
    writer.replace_root(tree.root, name_of(tree.root));
  else
    writer.walk(tree.root);
  return std::move(writer).finish();
}

}  // namespace pec
