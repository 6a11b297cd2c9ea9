// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/formal_checks.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "mime/date.hpp"
#include "pec/internal_recipient.hpp"
#include "pec/texts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace pec {

namespace {

FormalCheck unless(bool good, FormalRule rule, std::string value = {}) {
  if (good) return std::nullopt;
  return FormalFailure{rule, std::move(value)};
}

FormalCheck none_of(const std::vector<std::string>& names, FormalRule rule) {
  return unless(names.empty(), rule, text::join(names, ", "));
}

// The beginning of a value, so that the user finds it. Nobody knows what raw octets mean.
std::string shown(std::string_view value) {
  constexpr std::size_t most = 200;
  auto text = text::printable(value.substr(0, most));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; },
      '?');
  return value.size() > most ? text + "..." : text;
}

// "listino.PDF.exe " -> "pdf", "exe". An extension ends with its letters and digits. A desktop may
// drop what follows, or a user who follows instructions.
std::vector<std::string> extensions_of(std::string_view file_name) {
  auto pieces = text::split(file_name, '.');
  pieces.erase(pieces.begin());
  std::vector<std::string> extensions;
  for (const auto piece : pieces) {
    std::string extension;
    for (const char c : text::trim(piece)) {
      const char low = text::lower(c);
      if ((low < 'a' || low > 'z') && (c < '0' || c > '9')) break;
      extension += low;
    }
    extensions.push_back(std::move(extension));
  }
  return extensions;
}

bool is_forbidden(std::string_view file_name, const std::vector<std::string>& forbidden) {
  const auto extensions = extensions_of(file_name);
  return std::find_first_of(extensions.begin(), extensions.end(), forbidden.begin(),
                            forbidden.end()) != extensions.end();
}

// A part may have two names, and clients differ in which one they use.
void find_forbidden(const mime::Part& part, const std::vector<std::string>& forbidden,
                    std::set<std::string>& found) {
  for (const auto& name : {part.file_name(), part.content_type.parameter("name")})
    if (is_forbidden(name, forbidden)) found.insert(text::printable(name));
  for (const auto& child : part.children) find_forbidden(child, forbidden, found);
}

}  // namespace

FormalCheck check_from(const OriginalFields& fields) {
  if (fields.from.empty()) return FormalFailure{FormalRule::no_from, {}};
  if (fields.from.size() > 1) return FormalFailure{FormalRule::several_from, {}};
  const auto& address = fields.from.front().address;
  return unless(mime::is_valid_address(address), FormalRule::invalid_from,
                text::printable(address));
}

FormalCheck check_to(const OriginalFields& fields) {
  return unless(
      std::any_of(fields.to.begin(), fields.to.end(),
                  [](const mime::Address& each) { return mime::is_valid_address(each.address); }),
      FormalRule::no_valid_to);
}

FormalCheck check_sender(const OriginalFields& fields, const std::string& sender) {
  return unless(check_from(fields) || mime::same_address(fields.from.front().address, sender),
                FormalRule::sender_is_not_from, text::printable(sender));
}

FormalCheck check_addresses(const std::vector<std::string>& recipients) {
  std::vector<std::string> invalid;
  for (const auto& recipient : recipients)
    if (!mime::is_valid_address(recipient) || recipient.size() > longest_recipient)
      invalid.push_back(text::printable(recipient));
  return none_of(invalid, FormalRule::invalid_recipients);
}

FormalCheck check_recipients(const OriginalFields& fields,
                             const std::vector<std::string>& recipients) {
  std::set<std::string> open;
  for (const auto* list : {&fields.to, &fields.cc})
    for (const auto& each : *list) open.insert(mime::canonical_address(each.address));
  std::vector<std::string> hidden;
  for (const auto& recipient : recipients)
    if (!open.contains(mime::canonical_address(recipient)))
      hidden.push_back(text::printable(recipient));
  return none_of(hidden, FormalRule::hidden_recipients);
}

FormalCheck check_service_addresses(const std::vector<std::string>& recipients,
                                    const DirectorySnapshot& directory,
                                    const std::string& to_answer) {
  std::vector<std::string> found;
  for (const auto& recipient : recipients)
    if (directory.is_service_address(recipient)) found.push_back(text::printable(recipient));
  auto failure = none_of(found, FormalRule::service_recipients);
  if (failure && !to_answer.empty())
    failure->value += fmt::format(where_to_answer, text::printable(to_answer));
  return failure;
}

FormalCheck check_bcc(const OriginalFields& fields) {
  return unless(!fields.has_bcc_value, FormalRule::bcc);
}

FormalCheck check_date(const OriginalFields& fields) {
  if (!fields.date || mime::is_date(*fields.date)) return std::nullopt;
  return FormalFailure{FormalRule::invalid_date, shown(*fields.date)};
}

FormalCheck check_message_id(const OriginalFields& fields) {
  if (!fields.message_id || is_message_id(message_id_in(*fields.message_id))) return std::nullopt;
  return FormalFailure{FormalRule::invalid_message_id, shown(*fields.message_id)};
}

FormalCheck check_lines(std::string_view body, const FormalLimits& limits) {
  constexpr std::size_t most_named = 5;
  std::vector<std::string> numbers;
  std::size_t number = 0;
  while (!body.empty() && numbers.size() <= most_named) {
    ++number;
    const auto next = std::min(body.find('\n'), body.size() - 1) + 1;
    if (text::without_line_end(body.substr(0, next)).size() > limits.line_length)
      numbers.push_back(numbers.size() < most_named ? std::to_string(number) : "...");
    body.remove_prefix(next);
  }
  return unless(numbers.empty(), FormalRule::long_lines,
                fmt::format(count_and_most, text::join(numbers, ", "), limits.line_length));
}

FormalCheck check_single_fields(const OriginalFields& fields) {
  return none_of(fields.repeated, FormalRule::repeated_fields);
}

FormalCheck check_octets(const OriginalFields& fields) {
  return none_of(fields.unclean, FormalRule::unclean_fields);
}

FormalCheck check_field_sizes(const OriginalFields& fields) {
  auto names = fields.oversized;
  const std::string subject = "Subject";
  if (fields.subject.size() > most_subject_octets &&
      std::none_of(names.begin(), names.end(), [&](const std::string& each) {
        return text::equals_ignoring_case(each, subject);
      }))
    names.push_back(subject);
  return none_of(names, FormalRule::oversized_fields);
}

FormalCheck check_size(std::uint64_t size, const FormalLimits& limits) {
  return unless(size <= limits.message_size, FormalRule::too_large,
                fmt::format(octets_and_most, size, limits.message_size));
}

FormalCheck check_total_size(std::uint64_t size, std::size_t counted, const FormalLimits& limits) {
  const std::uint64_t times = std::max<std::size_t>(counted, 1);
  return unless(size <= limits.total_size / times, FormalRule::too_large_in_total,
                fmt::format(octets_to_all_and_most, size, times, limits.total_size));
}

FormalCheck check_to_count(const OriginalFields& fields, const FormalLimits& limits) {
  return unless(fields.to.size() <= limits.to_addresses, FormalRule::too_many_to,
                fmt::format(count_and_most, fields.to.size(), limits.to_addresses));
}

mime::PartTree read_structure(const mime::Message& message) {
  auto limits = most_structure;
  const auto own = message.header.wire().size();
  limits.max_header_octets -= std::min(own, limits.max_header_octets);
  return mime::parse_message(message.header, message.body.view, limits);
}

FormalCheck check_own_header(const mime::Message& message) {
  return unless(message.header.wire().size() <= most_own_header, FormalRule::too_large_header,
                std::to_string(most_own_header));
}

FormalCheck check_part_count(const mime::PartTree& structure) {
  return unless(!structure.too_many_parts, FormalRule::too_many_parts,
                std::to_string(most_structure.max_parts));
}

FormalCheck check_part_depth(const mime::PartTree& structure) {
  return unless(!structure.too_deep, FormalRule::too_deep_parts,
                std::to_string(most_structure.max_depth));
}

FormalCheck check_header_octets(const mime::PartTree& structure) {
  return unless(!structure.too_long_headers, FormalRule::too_much_header,
                std::to_string(most_structure.max_header_octets));
}

bool is_within_structure(const mime::Message& message) {
  return !check_own_header(message) && !read_structure(message).truncated();
}

FormalCheck check_attachments(const mime::PartTree& structure, const FormalLimits& limits) {
  if (limits.forbidden_extensions.empty()) return std::nullopt;
  std::set<std::string> found;
  find_forbidden(structure.root, limits.forbidden_extensions, found);
  return none_of({found.begin(), found.end()}, FormalRule::forbidden_attachments);
}

std::vector<FormalFailure> check_formally(const mime::Message& message,
                                          const OriginalFields& fields,
                                          const Submission& submission, std::size_t counted,
                                          const FormalLimits& limits) {
  const std::uint64_t size = message.size();
  const auto too_large = check_size(size, limits);
  const auto structure = read_structure(message);
  std::vector<FormalFailure> failures;
  for (const auto& failure : {check_from(fields),
                              check_to(fields),
                              check_sender(fields, submission.sender),
                              check_addresses(submission.recipients),
                              check_recipients(fields, submission.recipients),
                              check_bcc(fields),
                              check_date(fields),
                              check_message_id(fields),
                              check_single_fields(fields),
                              check_octets(fields),
                              check_field_sizes(fields),
                              check_lines(message.body.view, limits),
                              too_large,
                              too_large ? std::nullopt : check_total_size(size, counted, limits),
                              check_to_count(fields, limits),
                              check_part_count(structure),
                              check_part_depth(structure),
                              check_own_header(message),
                              check_header_octets(structure),
                              check_attachments(structure, limits)})
    if (failure) failures.push_back(*failure);
  return failures;
}

}  // namespace pec
