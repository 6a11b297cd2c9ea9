// SPDX-License-Identifier: GPL-2.0-or-later

#include "dovecot-plugin/delivery.hpp"

#include "base/text.hpp"
#include "dovecot-plugin/old_journal.hpp"
#include "mime/address.hpp"
#include "pec/internal_recipient.hpp"

#include <algorithm>
#include <utility>

namespace pec::delivery {

namespace {

DeliveryStep first_step(const std::optional<DeliveryRecord>& record) {
  if (!record) return DeliveryStep::store;
  switch (record->state) {
    case DeliveryState::pending:
      return DeliveryStep::look_up;
    case DeliveryState::saved:
      return DeliveryStep::hand_off;
    case DeliveryState::done:
      return DeliveryStep::finished;
  }
  return DeliveryStep::look_up;
}

}  // namespace

Delivery::Delivery(DeliveryRequest request, const Clock& clock, DeliveryJournal journal)
    : request_(std::move(request)),
      clock_(&clock),
      journal_(std::move(journal)),
      step_(first_step(journal_.record())) {}

Result<Delivery> Delivery::begin(const DeliveryRequest& request, const Clock& clock) {
  const auto bare = [](std::string_view id) {
    return std::string(text::without_brackets(text::trim(id)));
  };
  auto normal = request;
  normal.message_id = bare(request.message_id);
  normal.old_identity = bare(request.old_identity);
  if (normal.receipt_is_owed && normal.message_id.empty())
    return bad_input("the message claims to be certified mail but has no Message-ID");
  DeliveryKeys keys{delivery_key(normal.identity, normal.recipient)};
  if (!normal.old_identity.empty())
    keys.old_key = old_delivery_key(normal.old_identity, normal.recipient);
  const Instant now = clock.now();
  PEC_TRY(auto journal, DeliveryJournal::claim(normal.home, std::move(keys), now));
  Delivery delivery(std::move(normal), clock, std::move(journal));
  if (!delivery.journal_.record()) {
    if (auto written = delivery.journal_.write({DeliveryState::pending, now}); !written)
      return tl::unexpected(written.error());
  }
  return delivery;
}

Result<void> Delivery::remember(Instant at) {
  const auto state = request_.receipt_is_owed ? DeliveryState::saved : DeliveryState::done;
  if (auto written = journal_.write({state, at}); !written) return written;
  step_ = first_step(journal_.record());
  return {};
}

Result<void> Delivery::found(Instant at) {
  // Users can set the store's date; the truth lies between the two attempts.
  const Instant earliest = record().at;
  return remember(std::clamp(at, earliest, std::max(earliest, clock_->now())));
}

void Delivery::not_found() {
  step_ = DeliveryStep::store;
}

Result<void> Delivery::stored() {
  return remember(clock_->now());
}

Result<std::string> Delivery::internal_recipient(const Authenticator& delivery_secret) const {
  const auto& recipient = request_.recipient;
  const auto& mailbox = request_.mailbox;
  const auto tag = mime::same_address(recipient, mailbox) ? std::string() : mailbox_tag(mailbox);
  return format_internal({InternalEvent::delivery, recipient, record().at, tag},
                         request_.message_id, delivery_secret);
}

Result<void> Delivery::handed_off() {
  auto record = this->record();
  record.state = DeliveryState::done;
  step_ = DeliveryStep::finished;
  return journal_.write(record);
}

}  // namespace pec::delivery
