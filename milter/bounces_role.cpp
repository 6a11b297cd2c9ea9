#include "bounces_role.hpp"

#include "issuing.hpp"
#include "kept_home.hpp"
#include "mime/date.hpp"
#include "pec/bounces.hpp"
#include "pec/copy_binding.hpp"
#include "pec/delivery_status.hpp"
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
      internals[failed.recipient] = internal ? std::optional(std::move(*internal)) : std::nullopt;
    }
  return internals;
}

// What nobody can be told as it should be, the service mailbox gets as it is.
Decision hand_to_operators(Decision decision, const Services& services) {
  decision.action = Keep{};
  const auto& us = services.identities.main().identity.address;
  decision.route = Route{us, {us}};
  return decision;
}

}  // namespace

Decision bounces(const Transaction& transaction, const Services& services) {
  auto status = read_delivery_status(transaction.message);
  if (!status) {
    Decision decision;
    decision.reason = status.error().detail;
    return decision;
  }
  for (auto& failed : status->failed) failed.recipient = without_kept_mark(failed.recipient);
  // A notice's time is that of the failure. Made again of the same notification, it is the same one.
  const auto now = services.clock->now();
  const auto bounced = mime::instant_of(transaction.message.header.unfolded("Date"));
  const BounceFacts facts{bounced.value_or(now), now, services.identities.main().identity};
  const auto bounce = sort_bounce(*status, failed_internals(*status, services), facts);
  if (bounce.owed.size() != 1)
    return decide_bounce(bounce, bare_message_id(transaction.message.header), facts);

  // At once: whatever becomes of the notice, the incidents are known.
  if (const auto noted = services.ledger->record(bounce.incidents); !noted)
    return decision_for(noted.error(), bounce.pec_id);
  const auto& failed = bounce.owed.front();
  const InternalRecipient owed{InternalEvent::non_delivery, failed.recipient, facts.bounced};
  const auto plan =
      notice_plan(owed, bounce.pec_id, certify_failure(failed, facts.identity.provider), services);
  if (!plan && plan.error().fault == Fault::rejected)
    return hand_to_operators(give_up(owed, bounce.pec_id, plan.error(), services), services);
  if (!plan) return decision_for(plan.error(), bounce.pec_id);
  auto decision = claim_and_make(*plan, services);
  decision.alert = decision.alert || !bounce.incidents.empty();
  return decision;
}

}  // namespace pec::milter
