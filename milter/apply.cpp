// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/apply.hpp"

#include "base/text.hpp"
#include "pec/original_fields.hpp"

#include <algorithm>
#include <map>

namespace pec::milter {

namespace {

// Deletion renumbers the later fields of the same name, so the last one goes first.
Result<void> delete_headers(const mime::HeaderList& header, QueueFile& queue_file) {
  std::map<std::string, int> count;
  for (const auto& field : header) ++count[text::lower(field.name)];
  for (auto field = std::make_reverse_iterator(header.end());
       field != std::make_reverse_iterator(header.begin()); ++field)
    if (auto done = queue_file.delete_header(field->name, count[text::lower(field->name)]--); !done)
      return done;
  return {};
}

Result<void> append_headers(const mime::HeaderList& header, QueueFile& queue_file) {
  for (const auto& field : header)
    if (auto done = queue_file.append_header(field.name, field.value); !done) return done;
  return {};
}

Result<void> replace_headers(const Transaction& transaction, const mime::HeaderList& header,
                             QueueFile& queue_file) {
  if (auto done = delete_headers(transaction.queued_header(), queue_file); !done) return done;
  return append_headers(header, queue_file);
}

Result<void> replace_body(const mime::Rope& body, QueueFile& queue_file) {
  Result<void> done;
  body.for_each([&](std::string_view slice) {
    if (done) done = queue_file.replace_body(slice);
  });
  return done;
}

Result<void> reroute(const Route& route, const Transaction& transaction, QueueFile& queue_file) {
  if (auto done = queue_file.change_sender(route.sender); !done) return done;
  for (const auto& recipient : transaction.as_written)
    if (auto done = queue_file.delete_recipient(recipient); !done) return done;
  for (const auto& recipient : route.recipients)
    if (auto done = queue_file.add_recipient(recipient); !done) return done;
  return {};
}

Result<void> replace(Replace&& replacement, std::string_view signature,
                     const Transaction& transaction, QueueFile& queue_file) {
  const auto message = finish(std::move(replacement.draft), signature);
  if (auto done = replace_headers(transaction, message.header, queue_file); !done) return done;
  return replace_body(message.body, queue_file);
}

// Removes the spam filter's marks from a message that is otherwise unchanged. If it has too many
// fields to replace (most_fields), it keeps the marks: such a mark counts for nothing.
Result<void> keep(const Transaction& transaction, QueueFile& queue_file) {
  if (!transaction.marked_header || transaction.marked_header->size() > most_fields) return {};
  return replace_headers(transaction, transaction.message.header, queue_file);
}

Result<void> add_follow_ups(const Decision& decision, const Authenticator& host_group,
                            QueueFile& queue_file) {
  for (const auto& internal : decision.follow_ups) {
    PEC_TRY(const auto address, format_internal(internal, decision.bound_to, host_group));
    if (auto done = queue_file.add_recipient(address); !done) return done;
  }
  return {};
}

}  // namespace

Result<void> apply(Decision&& decision, std::string_view signature, const Transaction& transaction,
                   const Authenticator& host_group, QueueFile& queue_file) {
  if (auto* replacement = std::get_if<Replace>(&decision.action)) {
    if (auto done = replace(std::move(*replacement), signature, transaction, queue_file); !done)
      return done;
  } else if (std::holds_alternative<Keep>(decision.action)) {
    if (auto done = keep(transaction, queue_file); !done) return done;
  } else {
    return {};
  }
  if (decision.route)
    if (auto done = reroute(*decision.route, transaction, queue_file); !done) return done;
  return add_follow_ups(decision, host_group, queue_file);
}

}  // namespace pec::milter
