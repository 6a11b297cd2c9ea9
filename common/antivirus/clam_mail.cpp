// SPDX-License-Identifier: GPL-2.0-or-later

#include "antivirus/clam_mail.hpp"

#include "base/text.hpp"
#include "mime/header.hpp"
#include "mime/part_tree.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

namespace pec::antivirus {

using namespace std::string_view_literals;

namespace {

constexpr std::size_t type_detection_bytes = 1024;

mime::Bytes our_field() {
  static const mime::Bytes field = [] {
    std::string made = "Received: for the virus scanner\r\n";
    while (made.size() < type_detection_bytes) made += "\t(" + std::string(70, '-') + ")\r\n";
    return mime::Bytes::of(std::move(made));
  }();
  return field;
}

// The two parts of a message: the header with its empty line, and the body.
struct Halves {
  mime::Bytes head;
  mime::Bytes body;
};

// Slices of the message where possible, without a copy.
Halves halves_of(const mime::Rope& message) {
  const auto owner = std::make_shared<const mime::Rope>(message);
  std::vector<std::string_view> slices;
  owner->for_each([&](std::string_view slice) { slices.push_back(slice); });
  if (slices.size() > 1) {
    std::string head;
    for (std::size_t i = 0; i + 1 < slices.size(); ++i) head += slices[i];
    if (head.ends_with("\r\n\r\n") && mime::parse_header(head).body_offset == head.size())
      return {mime::Bytes::of(std::move(head)), {owner, slices.back()}};
  }
  const mime::Bytes whole =
      slices.size() == 1 ? mime::Bytes{owner, slices.front()} : mime::Bytes::of(message.str());
  const auto at = mime::parse_header(whole.view).body_offset;
  return {whole.sub(0, at), whole.sub(at)};
}

bool has_left_out_parts(const mime::Part& part) {
  constexpr std::array kinds = {"multipart/parallel"sv, "multipart/plain"sv,
                                "multipart/html"sv,     "multipart/enriched"sv,
                                "multipart/richtext"sv, "multipart/signed"sv};
  return !part.children.empty() &&
         std::find(kinds.begin(), kinds.end(), part.content_type.value) != kinds.end();
}

// Collects those below `part`, in the order of the text.
void collect(const mime::Part& part, std::vector<const mime::Part*>& found) {
  for (const mime::Part& child : part.children) {
    if (has_left_out_parts(child)) found.push_back(&child);
    collect(child, found);
  }
}

// The header of this part with its empty line, changed to multipart/mixed.
std::string as_mixed(const mime::Part& part) {
  const auto boundary = text::replace_all(
      text::replace_all(part.content_type.parameter("boundary"), "\\", "\\\\"), "\"", "\\\"");
  mime::HeaderList header;
  for (const mime::HeaderField& field : part.header)
    if (!field.is("Content-Type")) header.add_raw(field.name, field.value);
  return "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n" + header.wire() +
         "\r\n";
}

}  // namespace

mime::Rope put_before_clamav(const mime::Rope& message) {
  const auto [head, body] = halves_of(message);
  const auto root = mime::parse_message(mime::parse_header(head.view).fields, body.view).root;
  std::vector<const mime::Part*> parts;
  collect(root, parts);

  mime::Rope rope;
  rope.append(our_field());
  if (has_left_out_parts(root))
    rope.append(as_mixed(root));
  else
    rope.append(head);
  std::size_t done = 0;
  for (const mime::Part* part : parts) {
    rope.append(body.sub(done, part->entity_begin - done));
    rope.append(as_mixed(*part));
    done = part->content_begin;
  }
  rope.append(body.sub(done));
  return rope;
}

ScanResult verdict_on(std::string_view alert) {
  constexpr std::string_view limit = "Heuristics.Limits.Exceeded.";
  if (!alert.starts_with(limit))
    return {ScanResult::Outcome::infected, ScanResult::Failure::none, text::printable(alert), ""};
  alert.remove_prefix(limit.size());
  if (alert.starts_with("MaxScanTime"))
    return scan_failed(ScanResult::Failure::timeout, "not scanned to its end in the time allowed");
  return scan_failed(ScanResult::Failure::error,
                     "not scanned to its end: over the limit " + std::string(alert));
}

ScanResult found_clean() {
  return {ScanResult::Outcome::clean, ScanResult::Failure::none, "", ""};
}

ScanResult scan_failed(ScanResult::Failure failure, std::string_view reason) {
  return {ScanResult::Outcome::failed, failure, "", text::printable(text::trim(reason))};
}

}  // namespace pec::antivirus
