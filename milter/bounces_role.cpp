// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/bounces_role.hpp"

#include "milter/issuing.hpp"
#include "milter/kept_home.hpp"
#include "milter/reply.hpp"
#include "mime/address.hpp"
#include "mime/date.hpp"
#include "pec/access_point.hpp"
#include "pec/bounces.hpp"
#include "pec/copy_binding.hpp"
#include "pec/delivery_status.hpp"
#include "pec/incoming_point.hpp"
#include "pec/pec_message.hpp"

namespace pec::milter {

namespace {

FailedInternals failed_internals(const DeliveryStatus& status, const Services& services) {
  FailedInternals internals;
  const auto copy =
      status.message ? mime::split_message(*status.message) : mime::Message{status.returned, {}};
  for (const auto& failed : status.failed)
    if (const auto address = internal_address_of(failed); !address.empty()) {
      auto internal = parse_internal_of(copy, address, services.clock->now(), *services.host_group,
                                        *services.delivery_point);
      internals[address] = internal ? std::optional(std::move(*internal)) : std::nullopt;
    }
  return internals;
}

// The operators get a bounce as it is if no proper notice can be sent to anybody.
Decision hand_to_operators(Decision decision, const Services& services) {
  decision.action = Keep{};
  const auto& us = services.identities.main().identity;
  decision.route = Route{us.address, {operators_of(us)}};
  return decision;
}

// Bounces of receipts come back to the address that sent them, and no program of ours reads them.
Decision to_operators_if_for_us(Decision decision, const Transaction& transaction,
                                const Services& services) {
  const auto& recipients = transaction.recipients;
  const auto directory = services.directory->snapshot();
  if (decision.route || !std::holds_alternative<Keep>(decision.action) || recipients.size() != 1 ||
      !directory->is_service_address(recipients.front()) ||
      !was_ours(recipients.front(), *directory, services.identities.main().identity,
                services.clock->now()))
    return decision;
  const auto& us = services.identities.of(mime::domain_of(recipients.front()), *directory).identity;
  decision.route = Route{transaction.sender, {operators_of(us)}};
  return decision;
}

// Anybody can send mail that will fail in the name of a mailbox of ours. Its bounce is not
// certified either. The mailbox gets the bounce like ordinary mail from outside, or not at all
// (2.2.2, 3.2.2). The scanner has already seen the message on its way here, so the bounce is not
// scanned again.
Decision as_ordinary_if_for_a_mailbox(Decision decision, const Transaction& transaction,
                                      const Services& services) {
  const auto& recipients = transaction.recipients;
  const auto directory = services.directory->snapshot();
  if (decision.route || !std::holds_alternative<Keep>(decision.action) || recipients.size() != 1 ||
      !is_ours(recipients.front(), *directory, services.identities.main().identity))
    return decision;
  const auto mailbox = services.mailboxes->mailbox(mime::canonical_address(recipients.front()));
  if (!mailbox) return decision_for(mailbox.error(), decision.pec_id);
  const auto now = services.clock->now();
  const auto& us = services.identities.of(mime::domain_of(recipients.front()), *directory).identity;
  Classification ordinary;
  ordinary.reason = decision.reason;
  auto taken = decide_incoming(transaction.message, ordinary, {transaction.sender, recipients},
                               {services.legal_time.stamp(now), services.ids->next(now),
                                what_it_takes(*mailbox), us, directory});
  // A refused bounce would come again for ever.
  if (std::holds_alternative<Refuse>(taken.action)) taken.action = Discard{};
  auto& incidents = taken.entries.incidents;
  incidents.insert(incidents.end(), decision.entries.incidents.begin(),
                   decision.entries.incidents.end());
  taken.counted.insert(taken.counted.end(), decision.counted.begin(), decision.counted.end());
  taken.alerts.insert(taken.alerts.end(), decision.alerts.begin(), decision.alerts.end());
  return taken;
}

}  // namespace

Decision bounces(const Transaction& transaction, const Services& services) {
  auto status = read_delivery_status(transaction.message);
  if (!status) {
    Decision decision;
    decision.reason = status.error().detail;
    return to_operators_if_for_us(std::move(decision), transaction, services);
  }
  for (auto& failed : status->failed) failed.recipient = without_kept_mark(failed.recipient);
  // A notice has the time of the failure. So the same bounce always gives the same notice.
  const auto now = services.clock->now();
  const auto bounced = mime::instant_of(transaction.message.header.unfolded("Date"));
  const BounceFacts facts{bounced.value_or(now), now, services.identities.main().identity};
  const auto bounce = sort_bounce(*status, failed_internals(*status, services), facts);
  if (bounce.owed.size() != 1)
    return as_ordinary_if_for_a_mailbox(
        to_operators_if_for_us(
            decide_bounce(bounce, bare_message_id(transaction.message.header), facts), transaction,
            services),
        transaction, services);

  // Record the incidents at once, whatever happens to the notice.
  if (const auto noted = services.ledger->record(bounce.incidents); !noted)
    return decision_for(noted.error(), bounce.pec_id);
  const auto& failed = bounce.owed.front();
  const InternalRecipient owed{InternalEvent::non_delivery, failed.recipient, facts.bounced};
  const auto envelope = logged_envelope(bounce.pec_id, services);
  if (!envelope) return decision_for(envelope.error(), bounce.pec_id);
  if (owes_nothing(owed, *envelope))
    return hand_to_operators(owing_nothing("failed copy", failed.recipient, bounce.pec_id),
                             services);
  const auto plan =
      notice_plan(owed, *envelope, certify_failure(failed, facts.identity.provider), services);
  if (!plan && plan.error().fault == Fault::rejected)
    return hand_to_operators(give_up(owed, bounce.pec_id, plan.error().detail, now), services);
  if (!plan) return decision_for(plan.error(), bounce.pec_id);
  auto decision = claim_and_make(*plan, services);
  if (!bounce.incidents.empty()) decision.alerts.emplace_back("internal recipient that failed");
  return decision;
}

}  // namespace pec::milter
