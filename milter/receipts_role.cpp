// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/receipts_role.hpp"

#include "milter/alias_receipt.hpp"
#include "milter/issuing.hpp"
#include "milter/reply.hpp"
#include "milter/scanning.hpp"
#include "milter/send_again.hpp"
#include "milter/verifying.hpp"
#include "mime/address.hpp"
#include "pec/anomaly.hpp"
#include "pec/copy_binding.hpp"
#include "pec/delivery_status.hpp"
#include "pec/receipt_types.hpp"
#include "pec/receipts.hpp"

#include <algorithm>
#include <utility>

namespace pec::milter {

namespace {

Result<std::vector<InternalRecipient>> internal_recipients(const Transaction& transaction,
                                                           const Services& services) {
  std::vector<InternalRecipient> internals;
  for (const auto& recipient : transaction.recipients) {
    PEC_TRY(auto internal, parse_internal_of(transaction.message, recipient, services.clock->now(),
                                             *services.host_group, *services.delivery_point));
    internals.push_back(std::move(internal));
  }
  if (internals.empty()) return internal_error("a copy without internal recipients");
  return internals;
}

// A copy from the queue is refused, so it comes back as a bounce that says what is missing. The
// delivery point and pecctl would only send the same request again and again.
Decision refuse_copy(const InternalRecipient& internal, const std::string& pec_id,
                     const Error& error, const Services& services) {
  auto decision = give_up(internal, pec_id, error.detail, services.clock->now());
  if (type_of(internal.event).asked_by == ReceiptType::AskedBy::client) return decision;
  decision.action = Refuse{"5.6.0", "No receipt can be made of this message"};
  return decision;
}

struct AskedNotice {
  std::string pec_id;
  CertifiedFailure failure;
};

// A request of `pecctl timeouts` names the message by its Message-ID. A bounce has the Message-ID
// in the returned message, and says why delivery failed.
Result<AskedNotice> asked_notice(const Transaction& transaction, const InternalRecipient& internal,
                                 const std::string& provider) {
  if (const auto timeout = type_of(internal.event).timeout)
    return AskedNotice{bare_message_id(transaction.message.header),
                       certify_failure(*timeout, provider)};
  PEC_TRY(auto status, read_delivery_status(transaction.message));
  // Some mailboxes of an alias may have the message: their answer says why no receipt was asked
  // for.
  auto& all = status.failed;
  std::stable_partition(all.begin(), all.end(), [](const FailedRecipient& failed) {
    return internal_address_of(failed).empty();
  });
  for (const auto& failed : all)
    if (mime::same_address(failed.recipient, internal.recipient))
      return AskedNotice{bare_message_id(status.returned), certify_failure(failed, provider)};
  return internal_error("the bounce does not name the recipient of the notice");
}

Result<ReceiptPlan> requested_receipt(const Transaction& transaction, const Classification& found,
                                      const std::vector<InternalRecipient>& internals,
                                      std::shared_ptr<const DirectorySnapshot> directory,
                                      const Services& services, QueueFile& queue_file) {
  const auto& first = internals.front();
  const bool about_sender = first.event == InternalEvent::virus_told && found.message;
  auto facts = receipt_facts(about_sender ? found.message->data.sender : first.recipient,
                             std::move(directory), services);
  if (first.event == InternalEvent::virus_found) {
    PEC_TRY(const auto scanned, scan(transaction, {ScanKind::receipt}, services, queue_file));
    facts.virus = scanned.virus;
  }
  return plan_receipt(found, internals, facts);
}

// The mail server has the anomaly envelope: from now on, the same message is a duplicate.
Decision note_kept_anomaly(const Transaction& transaction,
                           const std::vector<InternalRecipient>& internals,
                           const Services& services) {
  for (const auto& internal : internals)
    if (internal.event != InternalEvent::anomaly_kept)
      return decision_for({Fault::internal, {}, "internal recipients of different events"});
  const auto directory = services.directory->snapshot();
  const auto& us =
      services.identities.of(mime::domain_of(internals.front().recipient), *directory).identity;
  auto lines = kept_anomaly(transaction.message, transaction.sender, internals,
                            {services.host_group.get(), us, directory});
  if (!lines) return decision_for(lines.error());
  Decision decision;
  decision.action = Discard{};
  decision.reason = "anomaly kept";
  decision.pec_id = lines->events.front().pec_id;
  decision.entries = std::move(*lines);
  return decision;
}

Decision without_plan(const Error& error, const Transaction& transaction,
                      const InternalRecipient& first, const Services& services) {
  if (error.fault != Fault::rejected) return decision_for(error);
  return refuse_copy(first, bare_message_id(transaction.message.header), error, services);
}

// Another receipt may already cover some of the recipients, if somebody sent the same copy to them
// again. Then this receipt covers the others.
Decision receipt_of_copy(const Transaction& transaction, std::vector<InternalRecipient> internals,
                         const Services& services, QueueFile& queue_file) {
  const auto directory = services.directory->snapshot();
  const auto& first = internals.front();
  const auto found = verify_copy(transaction.message, first, services, *directory);
  if (!found) return decision_for(found.error());
  auto plan = requested_receipt(transaction, *found, internals, directory, services, queue_file);
  if (!plan && plan.error().fault == Fault::rejected && owes_nothing(first, *found))
    return owing_nothing("delivery", first.recipient, found->message->data.pec_id);
  if (!plan) return without_plan(plan.error(), transaction, first, services);
  const auto report = alias_report(first, *directory, services);
  if (!report) return decision_for(report.error());
  if (*report) return alias_receipt(*plan, **report, services);
  const auto claim = services.ledger->claim_receipt(plan->key, plan->proposed, plan->entries);
  if (!claim) return decision_for(claim.error());
  if (claim->identity && !claim->told.empty()) {
    std::erase_if(internals, [&](const InternalRecipient& internal) {
      const auto recipient = mime::canonical_address(internal.recipient);
      return std::find(claim->told.begin(), claim->told.end(), recipient) != claim->told.end();
    });
    plan = requested_receipt(transaction, *found, internals, directory, services, queue_file);
    if (!plan) return decision_for(plan.error());
  }
  return make_claimed(*plan, *claim, services);
}

Decision issue_notice(const Transaction& transaction, const InternalRecipient& internal,
                      const Services& services) {
  const auto asked =
      asked_notice(transaction, internal, services.identities.main().identity.provider);
  if (!asked) return without_plan(asked.error(), transaction, internal, services);
  const auto envelope = logged_envelope(asked->pec_id, services);
  if (!envelope) return decision_for(envelope.error(), asked->pec_id);
  if (owes_nothing(internal, *envelope))
    return owing_nothing("failed copy", internal.recipient, asked->pec_id);
  const auto plan = notice_plan(internal, *envelope, asked->failure, services);
  if (!plan) return without_plan(plan.error(), transaction, internal, services);
  return claim_and_make(*plan, services);
}

}  // namespace

Decision receipts(const Transaction& transaction, const Services& services, QueueFile& queue_file) {
  const auto internals = internal_recipients(transaction, services);
  if (!internals) return decision_for(internals.error());
  const auto& first = internals->front();
  if (first.event == InternalEvent::anomaly_kept)
    return note_kept_anomaly(transaction, *internals, services);
  if (first.event == InternalEvent::sent_again) return send_again(transaction, first, services);
  if (type_of(first.event).source != ReceiptType::Source::message_log)
    return receipt_of_copy(transaction, *internals, services, queue_file);
  if (internals->size() != 1)
    return decision_for({Fault::internal, {}, "a notice is for one recipient"});
  return issue_notice(transaction, first, services);
}

}  // namespace pec::milter
