// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/delivery_status.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "mime/part_tree.hpp"
#include "pec/internal_recipient.hpp"

#include <algorithm>

namespace pec {

namespace {

tl::unexpected<Error> none(std::string why) {
  return fail(Fault::bad_input, "no delivery status notification", std::move(why));
}

const mime::Part* find_part(const mime::Part& report, std::string_view type) {
  const auto found =
      std::find_if(report.children.begin(), report.children.end(),
                   [&](const mime::Part& part) { return part.content_type.value == type; });
  return found == report.children.end() ? nullptr : &*found;
}

// "rfc822; bob@b.example" -> "bob@b.example". Addresses of other types are not mail addresses.
std::string address_in(const std::string& field) {
  const auto semicolon = field.find(';');
  if (semicolon == std::string::npos) return {};
  const auto type = text::trim(std::string_view(field).substr(0, semicolon));
  if (!text::equals_ignoring_case(type, "rfc822")) return {};
  return std::string(text::trim(std::string_view(field).substr(semicolon + 1)));
}

// "smtp; 550 5.1.1 ..." -> "550 5.1.1 ...", unfolded.
std::string words_in(const std::string& field) {
  std::vector<std::string> words;
  for (const auto word : text::split(std::string_view(field).substr(field.find(';') + 1), ' '))
    if (!text::trim(word).empty()) words.emplace_back(text::trim(word));
  return text::join(words, " ");
}

// One group of fields for each recipient, behind a first group about the message (RFC 3464, 2.1).
std::vector<FailedRecipient> read_groups(std::string_view report) {
  std::vector<FailedRecipient> all;
  while (!report.empty()) {
    const auto group = mime::parse_header(report);
    // A line that is not a field must neither stop the loop for ever nor hide the groups behind it.
    const auto line_end = report.find('\n');
    const auto read = group.body_offset > 0                ? group.body_offset
                      : line_end == std::string_view::npos ? report.size()
                                                           : line_end + 1;
    report.remove_prefix(read);
    const auto& fields = group.fields;
    if (!text::equals_ignoring_case(fields.unfolded("Action"), "failed")) continue;
    auto recipient = address_in(fields.unfolded("Original-Recipient"));
    if (recipient.empty()) recipient = address_in(fields.unfolded("Final-Recipient"));
    FailedRecipient failed{std::move(recipient), fields.unfolded("Status"),
                           words_in(fields.unfolded("Diagnostic-Code"))};
    const bool known = std::any_of(all.begin(), all.end(), [&](const FailedRecipient& each) {
      return mime::same_address(each.recipient, failed.recipient) &&
             internal_address_of(each) == internal_address_of(failed);
    });
    if (!failed.recipient.empty() && !known) all.push_back(std::move(failed));
  }
  return all;
}

}  // namespace

std::string internal_address_of(const FailedRecipient& failed) {
  if (looks_internal(failed.recipient)) return failed.recipient;
  for (const auto word : text::split(failed.diagnostic, ' '))
    if (looks_internal(word)) return std::string(word);
  return {};
}

Result<DeliveryStatus> read_delivery_status(const mime::Message& message) {
  const auto body = message.body.view;
  const auto tree = mime::parse_message(message.header, body);
  const auto& root = tree.root;
  if (root.content_type.value != "multipart/report" ||
      !text::equals_ignoring_case(root.content_type.parameter("report-type"), "delivery-status"))
    return none("it is not a multipart/report about delivery");
  const auto* report = find_part(root, "message/delivery-status");
  if (!report) return none("it has no part message/delivery-status");

  DeliveryStatus status;
  status.failed = read_groups(report->content(body));
  if (const auto* whole = find_part(root, "message/rfc822")) {
    status.message = message.body.sub(whole->content_begin, whole->end - whole->content_begin);
    status.returned = mime::parse_header(status.message->view).fields;
  } else if (const auto* header = find_part(root, "text/rfc822-headers")) {
    status.returned = mime::parse_header(header->content(body)).fields;
  }
  return status;
}

}  // namespace pec
