#include "pec/formal_checks.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "mime/date.hpp"
#include "mime/part_tree.hpp"
#include "pec/internal_recipient.hpp"

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

// "listino.PDF.exe " -> "pdf", "exe". What stands behind an extension's letters and digits is
// dropped, as a desktop may do, or the user who was told to.
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

// A part may be named twice, and clients differ in which name they believe.
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
    failure->value += fmt::format(" (per rispondere scrivere a {})", text::printable(to_answer));
  return failure;
}

FormalCheck check_bcc(const OriginalFields& fields) {
  return unless(!fields.has_bcc_value, FormalRule::bcc);
}

FormalCheck check_date(const OriginalFields& fields) {
  return unless(fields.date && mime::is_date(*fields.date), FormalRule::no_date);
}

FormalCheck check_message_id(const OriginalFields& fields) {
  return unless(!fields.message_id || is_message_id(*fields.message_id),
                FormalRule::invalid_message_id);
}

FormalCheck check_single_fields(const OriginalFields& fields) {
  return none_of(fields.repeated, FormalRule::repeated_fields);
}

FormalCheck check_octets(const OriginalFields& fields) {
  return none_of(fields.unclean, FormalRule::unclean_fields);
}

FormalCheck check_field_sizes(const OriginalFields& fields) {
  return none_of(fields.oversized, FormalRule::oversized_fields);
}

FormalCheck check_size(std::uint64_t size, const FormalLimits& limits) {
  return unless(size <= limits.message_size, FormalRule::too_large,
                fmt::format("{} byte, massimo {} byte", size, limits.message_size));
}

FormalCheck check_total_size(std::uint64_t size, std::size_t counted, const FormalLimits& limits) {
  const std::uint64_t times = std::max<std::size_t>(counted, 1);
  return unless(
      size <= limits.total_size / times, FormalRule::too_large_in_total,
      fmt::format("{} byte per {} destinatari, massimo {} byte", size, times, limits.total_size));
}

FormalCheck check_to_count(const OriginalFields& fields, const FormalLimits& limits) {
  return unless(fields.to.size() <= limits.to_addresses, FormalRule::too_many_to,
                fmt::format("{}, massimo {}", fields.to.size(), limits.to_addresses));
}

FormalCheck check_attachments(const mime::Message& message, const FormalLimits& limits) {
  if (limits.forbidden_extensions.empty()) return std::nullopt;
  std::set<std::string> found;
  const auto tree = mime::parse_message(message.header, message.body.view);
  if (tree.truncated) return FormalFailure{FormalRule::too_many_parts, {}};
  find_forbidden(tree.root, limits.forbidden_extensions, found);
  return none_of({found.begin(), found.end()}, FormalRule::forbidden_attachments);
}

std::vector<FormalFailure> check_formally(const mime::Message& message,
                                          const OriginalFields& fields,
                                          const Submission& submission, std::size_t counted,
                                          const FormalLimits& limits) {
  const std::uint64_t size = message.size();
  const auto too_large = check_size(size, limits);
  std::vector<FormalFailure> failures;
  for (const auto& failure :
       {check_from(fields), check_to(fields), check_sender(fields, submission.sender),
        check_addresses(submission.recipients), check_recipients(fields, submission.recipients),
        check_bcc(fields), check_date(fields), check_message_id(fields),
        check_single_fields(fields), check_octets(fields), check_field_sizes(fields), too_large,
        too_large ? std::nullopt : check_total_size(size, counted, limits),
        check_to_count(fields, limits), check_attachments(message, limits)})
    if (failure) failures.push_back(*failure);
  return failures;
}

}  // namespace pec
