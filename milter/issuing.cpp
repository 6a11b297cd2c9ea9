#include "issuing.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/access_point.hpp"
#include "reply.hpp"

#include <fmt/format.h>

namespace pec::milter {

Decision decision_for(const Error& error, std::string pec_id) {
  const auto reply = reply_for(error);
  Decision decision;
  decision.pec_id = std::move(pec_id);
  decision.action = TryLater{reply.enhanced, reply.text, source_of(error)};
  decision.reason = error.detail;
  return decision;
}

Decision give_up(const InternalRecipient& internal, const std::string& pec_id, const Error& error,
                 const Services& services) {
  Decision decision;
  decision.action = Discard{};
  decision.reason = error.detail;
  decision.pec_id = pec_id;
  decision.alert = true;
  decision.counted.emplace_back("receipt that can't be made");
  Incident incident;
  incident.what = incident_name(internal);
  incident.pec_id = pec_id;
  incident.recipient = internal.recipient;
  incident.at = services.clock->now();
  incident.event_at = internal.at;
  incident.detail = error.detail;
  decision.entries.incidents.push_back(std::move(incident));
  return decision;
}

Decision claim_and_make(const ReceiptPlan& plan, const Services& services) {
  const auto claim = services.ledger->claim_receipt(plan.key, plan.proposed, plan.entries);
  if (!claim) return decision_for(claim.error());
  return make_claimed(plan, *claim, services);
}

Decision make_claimed(const ReceiptPlan& plan, const ClaimedReceipt& claim,
                      const Services& services) {
  if (claim.identity)
    return make_receipt(plan, *claim.identity, services.legal_time.stamp(claim.identity->at));
  Decision decision;
  decision.action = Discard{};
  decision.pec_id = plan.key.pec_id;
  if (!claim.told.empty()) {
    decision.reason = fmt::format("no {}: another one tells of the same recipients already",
                                  wire_name(plan.key.kind));
    return decision;
  }
  decision.reason = fmt::format(
      "no {}: the dispatch has ended otherwise, or went on, or the id is another message's",
      wire_name(plan.key.kind));
  // A timeout that was overtaken is the usual case; a failure of what has ended otherwise is not.
  decision.alert =
      plan.event != InternalEvent::early_notice && plan.event != InternalEvent::timeout_notice;
  if (decision.alert) decision.counted.emplace_back("receipt that was overtaken");
  return decision;
}

ReceiptFacts receipt_facts(std::string_view ours,
                           std::shared_ptr<const DirectorySnapshot> directory,
                           const Services& services) {
  const auto& us = services.identities.of(mime::domain_of(ours), *directory);
  const auto now = services.clock->now();
  return {services.host_group.get(), us.identity, std::move(directory), std::nullopt, now};
}

Result<LedgerEvent> logged_envelope(const std::string& pec_id, const Services& services) {
  auto envelope = services.ledger->envelope_event(pec_id);
  if (!envelope) return tl::unexpected(envelope.error());
  if (!*envelope)
    return unavailable(fmt::format("the log has no envelope {} yet", text::printable(pec_id)));
  return std::move(**envelope);
}

Result<ReceiptPlan> notice_plan(const InternalRecipient& internal, const LedgerEvent& envelope,
                                const CertifiedFailure& failure, const Services& services) {
  const auto& sender = envelope.sender;
  auto directory = services.directory->snapshot();
  const bool sent_by_us =
      was_ours(sender, *directory, services.identities.main().identity, internal.at);
  return plan_notice(
      internal, envelope, failure,
      receipt_facts(sent_by_us ? sender : internal.recipient, std::move(directory), services));
}

Decision owing_nothing(std::string_view what, std::string_view recipient, std::string pec_id) {
  Decision decision;
  decision.action = Discard{};
  decision.pec_id = std::move(pec_id);
  decision.reason = fmt::format("nobody is owed anything: {} is not a recipient of the envelope",
                                text::printable(recipient));
  decision.counted.push_back(
      fmt::format("{} to a recipient that the envelope does not name", what));
  return decision;
}

}  // namespace pec::milter
