#include "roles.hpp"

#include "apply.hpp"
#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/access_point.hpp"
#include "pec/bounces.hpp"
#include "pec/incoming_point.hpp"
#include "pec/receipts.hpp"

#include <fmt/format.h>

namespace pec::milter {

namespace {

Decision decision_for(const Error& error, std::string pec_id = {}) {
  const auto reply = reply_for(error);
  Decision decision;
  decision.pec_id = std::move(pec_id);
  decision.action = TryLater{reply.enhanced, reply.text};
  decision.reason = error.detail;
  return decision;
}

// ---- viruses -----------------------------------------------------------------------------------

bool passes(ScanResult::Failure failure, const UnscannedPolicy& policy) {
  switch (failure) {
    case ScanResult::Failure::no_engine:
      return policy.no_engine_passes;
    case ScanResult::Failure::old_database:
      return policy.old_database_passes;
    case ScanResult::Failure::error:
      return policy.error_passes;
    case ScanResult::Failure::timeout:
      return policy.timeout_passes;
    case ScanResult::Failure::none:
      break;
  }
  return false;
}

struct Scan {
  std::optional<std::string> virus;  // its name
  std::string passed;  // why it was not scanned and goes on all the same; empty: it was
};

// Error: the message was not scanned, and must wait.
Result<Scan> scan(const Transaction& transaction, const Services& services, QueueFile& queue_file) {
  if (!services.scanner) return Scan{};
  queue_file.progress();
  const auto result = services.scanner->scan(transaction.message.wire());
  switch (result.outcome) {
    case ScanResult::Outcome::clean:
      return Scan{};
    case ScanResult::Outcome::infected:
      return Scan{result.virus, {}};
    case ScanResult::Outcome::failed:
      break;
  }
  if (passes(result.failure, services.unscanned)) return Scan{std::nullopt, result.reason};
  return unavailable("not scanned for viruses: " + result.reason);
}

// What passed unscanned is told to the operator.
Decision noting(const Scan& scan, Decision decision) {
  if (scan.passed.empty()) return decision;
  decision.reason += "; passed unscanned: " + scan.passed;
  decision.alert = true;
  return decision;
}

// Before anything is answered: what was infected is kept as it came.
Result<void> keep_virus(const Transaction& transaction, const Services& services, Instant now,
                        std::string_view role, const std::string& virus, std::string pec_id) {
  return services.virus_store->keep({services.ids->next(now), now, virus, std::string(role),
                                     transaction.sender, transaction.recipients, std::move(pec_id),
                                     transaction.message.header.unfolded("Message-ID")},
                                    transaction.message.wire());
}

// ---- access ------------------------------------------------------------------------------------

Decision access(const Transaction& transaction, const Services& services, QueueFile& queue_file) {
  const auto scanned = scan(transaction, services, queue_file);
  if (!scanned) return decision_for(scanned.error());
  const auto now = services.clock->now();
  const auto directory = services.directory->snapshot();
  const auto& us = services.identities.of(mime::domain_of(transaction.sender), *directory);
  auto decision = decide_access(
      transaction.message, {transaction.login, transaction.sender, transaction.recipients},
      {services.legal_time.stamp(now), services.ids->next(now), services.ids->next(now),
       us.identity, directory, services.limits, scanned->virus});
  if (scanned->virus && std::holds_alternative<Replace>(decision.action))
    if (auto kept =
            keep_virus(transaction, services, now, "access", *scanned->virus, decision.pec_id);
        !kept)
      return decision_for(kept.error());
  return noting(*scanned, std::move(decision));
}

// ---- incoming ----------------------------------------------------------------------------------

Classification verify(const mime::Message& message, Instant at, const Services& services,
                      const DirectorySnapshot& directory) {
  const auto parts = find_signature(message);
  SignatureCheck check;
  if (parts) check = services.verifier->verify(parts->content, parts->signature, at);
  return classify(message, parts, check, directory);
}

Decision incoming(const Transaction& transaction, const Services& services, QueueFile& queue_file) {
  const auto now = services.clock->now();
  const auto directory = services.directory->snapshot();
  const auto found = verify(transaction.message, now, services, *directory);
  const auto scanned =
      to_be_scanned(found) ? scan(transaction, services, queue_file) : Result<Scan>();
  if (!scanned) return decision_for(scanned.error());
  if (scanned->virus && found.what == IncomingClass::correct)
    if (auto kept = keep_virus(transaction, services, now, "incoming", *scanned->virus,
                               found.message->data.pec_id);
        !kept)
      return decision_for(kept.error());
  // Where a transaction is for mailboxes of several units, the first one speaks for all.
  const auto& recipients = transaction.recipients;
  const auto domain = recipients.empty() ? "" : mime::domain_of(recipients.front());
  const auto& us = services.identities.of(domain, *directory);
  return noting(*scanned,
                decide_incoming(
                    transaction.message, found, {transaction.sender, transaction.recipients},
                    {services.legal_time.stamp(now), services.ids->next(now),
                     transaction.closed.value_or(false), us.identity, directory, scanned->virus}));
}

// ---- receipts ----------------------------------------------------------------------------------

Result<std::vector<InternalRecipient>> internal_recipients(const Transaction& transaction,
                                                           const Services& services) {
  const auto pec_id = bare_message_id(transaction.message.header);
  std::vector<InternalRecipient> internals;
  for (const auto& recipient : transaction.recipients) {
    auto internal =
        parse_internal(recipient, pec_id, *services.host_group, *services.delivery_point);
    if (!internal) return tl::unexpected(internal.error());
    internals.push_back(std::move(*internal));
  }
  if (internals.empty()) return internal_error("a copy without internal recipients");
  return internals;
}

// No evidence may be made of it, now or ever: an operator is to learn that there is none.
Decision give_up(const InternalRecipient& internal, const std::string& pec_id, const Error& error,
                 const Services& services) {
  Decision decision;
  decision.action = Discard{};
  decision.reason = error.detail;
  decision.pec_id = pec_id;
  decision.alert = true;
  Incident incident;
  incident.what = wire_name(internal.event);
  incident.pec_id = pec_id;
  incident.recipient = internal.recipient;
  incident.at = services.clock->now();
  incident.event_at = internal.at;
  incident.detail = error.detail;
  decision.entries.incidents.push_back(std::move(incident));
  return decision;
}

// A copy out of the queue is refused, so it comes back as a bounce that says what is missing. The
// delivery point and pecctl would only ask for the same again and again.
Decision refuse_copy(const InternalRecipient& internal, const std::string& pec_id,
                     const Error& error, const Services& services) {
  auto decision = give_up(internal, pec_id, error, services);
  const auto event = internal.event;
  if (event == InternalEvent::delivery || event == InternalEvent::early_notice ||
      event == InternalEvent::timeout_notice)
    return decision;
  decision.action = Refuse{"5.6.0", "No receipt can be made of this message"};
  return decision;
}

Decision claim_and_make(const ReceiptPlan& plan, const Services& services) {
  const auto identity = services.ledger->claim_receipt(plan.key, plan.proposed, plan.entries);
  if (!identity) return decision_for(identity.error());
  if (*identity) return make_receipt(plan, **identity, services.legal_time.stamp((*identity)->at));
  Decision decision;
  decision.action = Discard{};
  decision.reason =
      fmt::format("no {}: the dispatch has ended otherwise, or went on", wire_name(plan.key.kind));
  decision.pec_id = plan.key.pec_id;
  // A timeout that was overtaken is the usual case; a failure of what has ended otherwise is not.
  decision.alert =
      plan.event == InternalEvent::delivery || plan.event == InternalEvent::non_delivery;
  return decision;
}

// `ours`: the address of ours that the receipt concerns, whose unit issues it.
ReceiptFacts receipt_facts(std::string_view ours,
                           std::shared_ptr<const DirectorySnapshot> directory,
                           const Services& services) {
  const auto& us = services.identities.of(mime::domain_of(ours), *directory);
  return {services.ids->next(services.clock->now()), us.identity, std::move(directory)};
}

// The notice that the internal recipient names. Error `rejected`: it concerns nobody.
Result<ReceiptPlan> notice_plan(const InternalRecipient& internal, const std::string& pec_id,
                                const CertifiedFailure& failure, const Services& services) {
  const auto envelope = services.ledger->envelope_event(pec_id);
  if (!envelope) return tl::unexpected(envelope.error());
  if (!*envelope)
    return unavailable(fmt::format("the log has no envelope {} yet", text::printable(pec_id)));
  const auto& sender = (*envelope)->sender;
  auto directory = services.directory->snapshot();
  const bool sent_by_us = is_ours(sender, *directory, services.identities.main().identity);
  return plan_notice(
      internal, **envelope, failure,
      receipt_facts(sent_by_us ? sender : internal.recipient, std::move(directory), services));
}

// A request of `pecctl timeouts` names the message by its Message-ID; a bounce has it in what came
// back, and says why it failed.
Result<ReceiptPlan> requested_notice(const Transaction& transaction,
                                     const InternalRecipient& internal, const Services& services) {
  const auto& provider = services.identities.main().identity.provider;
  if (internal.event != InternalEvent::non_delivery) {
    const auto failure = internal.event == InternalEvent::early_notice
                             ? DeliveryFailure::after_12_hours
                             : DeliveryFailure::after_24_hours;
    return notice_plan(internal, bare_message_id(transaction.message.header),
                       certify_failure(failure, provider), services);
  }
  const auto status = read_delivery_status(transaction.message);
  if (!status) return tl::unexpected(status.error());
  for (const auto& failed : status->failed)
    if (mime::same_address(failed.recipient, internal.recipient))
      return notice_plan(internal, bare_message_id(status->returned),
                         certify_failure(failed, provider), services);
  return internal_error("the bounce does not name the recipient of the notice");
}

Result<ReceiptPlan> requested_receipt(const Transaction& transaction,
                                      const std::vector<InternalRecipient>& internals,
                                      const Services& services, QueueFile& queue_file) {
  const auto& first = internals.front();
  const auto directory = services.directory->snapshot();
  const auto found = verify(transaction.message, first.at, services, *directory);
  const bool about_sender = first.event == InternalEvent::virus_told && found.message;
  auto facts = receipt_facts(about_sender ? found.message->data.sender : first.recipient, directory,
                             services);
  if (first.event == InternalEvent::virus_found) {
    const auto scanned = scan(transaction, services, queue_file);
    if (!scanned) return tl::unexpected(scanned.error());
    facts.virus = scanned->virus;
  }
  return plan_receipt(transaction.message, found, internals, facts);
}

Decision receipts(const Transaction& transaction, const Services& services, QueueFile& queue_file) {
  const auto internals = internal_recipients(transaction, services);
  if (!internals) return decision_for(internals.error());
  const auto& first = internals->front();
  if (is_notice(first.event) && internals->size() != 1)
    return decision_for({Fault::internal, {}, "a notice is for one recipient"});
  const auto plan = is_notice(first.event)
                        ? requested_notice(transaction, first, services)
                        : requested_receipt(transaction, *internals, services, queue_file);
  if (!plan && plan.error().fault == Fault::rejected)
    return refuse_copy(first, bare_message_id(transaction.message.header), plan.error(), services);
  if (!plan) return decision_for(plan.error());
  return claim_and_make(*plan, services);
}

// ---- bounces -----------------------------------------------------------------------------------

FailedInternals failed_internals(const DeliveryStatus& status, const Services& services) {
  FailedInternals internals;
  const auto pec_id = bare_message_id(status.returned);
  for (const auto& failed : status.failed)
    if (const auto address = internal_address_of(failed); !address.empty()) {
      auto internal =
          parse_internal(address, pec_id, *services.host_group, *services.delivery_point);
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

// The mail server keeps a message whose bounce was put off, and comes again.
Decision bounces(const Transaction& transaction, const Services& services) {
  const auto status = read_delivery_status(transaction.message);
  if (!status) {
    Decision decision;
    decision.reason = status.error().detail;
    return decision;
  }
  const BounceFacts facts{services.clock->now(), services.identities.main().identity};
  const auto bounce = sort_bounce(*status, failed_internals(*status, services), facts);
  if (bounce.owed.size() != 1)
    return decide_bounce(bounce, bare_message_id(transaction.message.header), facts);

  // At once: whatever becomes of the notice, the incidents are known.
  if (const auto noted = services.ledger->record(bounce.incidents); !noted)
    return decision_for(noted.error(), bounce.pec_id);
  const auto& failed = bounce.owed.front();
  const InternalRecipient owed{InternalEvent::non_delivery, failed.recipient, facts.at};
  const auto plan =
      notice_plan(owed, bounce.pec_id, certify_failure(failed, facts.identity.provider), services);
  if (!plan && plan.error().fault == Fault::rejected)
    return hand_to_operators(give_up(owed, bounce.pec_id, plan.error(), services), services);
  if (!plan) return decision_for(plan.error(), bounce.pec_id);
  auto decision = claim_and_make(*plan, services);
  decision.alert = decision.alert || !bounce.incidents.empty();
  return decision;
}

// ---- all of them -------------------------------------------------------------------------------

Decision decide(const Transaction& transaction, const Services& services, QueueFile& queue_file) {
  const auto& role = transaction.daemon_name;
  if (role == "pec-access") return access(transaction, services, queue_file);
  if (role == "pec-incoming") return incoming(transaction, services, queue_file);
  if (role == "pec-receipts") return receipts(transaction, services, queue_file);
  if (role == "pec-bounces") return bounces(transaction, services);
  return decision_for({Fault::internal,
                       {},
                       fmt::format("unknown daemon name \"{}\": set milter_macro_daemon_name "
                                   "in master.cf to pec-access, pec-incoming, pec-receipts or "
                                   "pec-bounces",
                                   text::printable(transaction.daemon_name))});
}

Result<void> carry_out(Decision&& decision, const Transaction& transaction,
                       const Services& services, QueueFile& queue_file) {
  std::string signature;
  if (const auto* replacement = std::get_if<Replace>(&decision.action)) {
    queue_file.progress();
    const auto& draft = replacement->draft;
    const auto& us = services.identities.with_address(draft.signer);
    auto made = us.signer->sign(draft.content, draft.at);
    if (!made) return tl::unexpected(made.error());
    signature = std::move(*made);
  }
  if (!decision.entries.empty())
    if (auto durable = services.ledger->record(decision.entries); !durable) return durable;
  if (std::holds_alternative<Discard>(decision.action)) return {};
  return apply(std::move(decision), signature, transaction, *services.host_group, queue_file);
}

std::string log_line(const Transaction& transaction, const char* action, std::string_view pec_id,
                     std::string_view reason) {
  const auto shown_role = text::starts_with_ignoring_case(transaction.daemon_name, "pec-")
                              ? std::string_view(transaction.daemon_name).substr(4)
                              : "unknown";
  return fmt::format("{}: role={} action={} pecid=<{}> from=<{}> nrcpt={} size={} reason=\"{}\"",
                     transaction.queue_id, text::printable(shown_role), action,
                     text::printable(pec_id), text::printable(transaction.sender),
                     transaction.recipients.size(), transaction.message.size(),
                     text::printable(reason));
}

Outcome handle_unguarded(const Transaction& transaction, const Services& services,
                         QueueFile& queue_file) {
  auto decision = decide(transaction, services, queue_file);
  const auto log = log_line(transaction, name_of(decision), decision.pec_id, decision.reason);
  if (const auto* later = std::get_if<TryLater>(&decision.action))
    return {Outcome::Verdict::refuse, {"451", later->enhanced, later->text}, log, true};
  if (const auto* refuse = std::get_if<Refuse>(&decision.action))
    return {Outcome::Verdict::refuse, {"550", refuse->enhanced, refuse->text}, log, decision.alert};

  const bool alert = decision.alert;
  const bool dropped = std::holds_alternative<Discard>(decision.action);
  const auto pec_id = decision.pec_id;
  if (auto done = carry_out(std::move(decision), transaction, services, queue_file); !done)
    return {Outcome::Verdict::refuse, reply_for(done.error()),
            log_line(transaction, "tempfail", pec_id, done.error().detail), true};
  if (dropped) return {Outcome::Verdict::discard, {}, log, alert};
  return {Outcome::Verdict::accept, {}, log, alert};
}

}  // namespace

std::optional<Refusal> admit(Transaction& transaction, const std::string& recipient,
                             const Services& services) {
  if (transaction.daemon_name != "pec-incoming") return std::nullopt;
  const auto refused = [&](Reply reply, std::string_view why, bool alert) -> Refusal {
    return {std::move(reply),
            fmt::format("role=incoming action=defer from=<{}> to=<{}> reason=\"{}\"",
                        text::printable(transaction.sender), text::printable(recipient),
                        text::printable(why)),
            alert};
  };
  const auto closed = services.ledger->is_closed(mime::canonical_address(recipient));
  if (!closed) return refused(reply_for(closed.error()), closed.error().detail, true);
  if (!admit_recipient(transaction.closed, *closed))
    return refused({"452", "4.5.3", "Please send to this recipient in another transaction"},
                   "closed and open mailboxes in one transaction", false);
  transaction.closed = *closed;
  return std::nullopt;
}

Outcome handle(const Transaction& transaction, const Services& services,
               QueueFile& queue_file) noexcept {
  const auto failed = [&](const char* what) -> Outcome {
    return {Outcome::Verdict::refuse, reply_for({Fault::internal, {}, {}}),
            log_line(transaction, "tempfail", "", what), true};
  };
  try {
    return handle_unguarded(transaction, services, queue_file);
  } catch (const std::exception& error) {
    return failed(error.what());
  } catch (...) {
    return failed("an exception of unknown type");
  }
}

}  // namespace pec::milter
