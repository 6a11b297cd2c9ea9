#include "roles.hpp"

#include "admission.hpp"
#include "alias_receipt.hpp"
#include "apply.hpp"
#include "base/text.hpp"
#include "bounces_role.hpp"
#include "issuing.hpp"
#include "kept_home.hpp"
#include "look_back.hpp"
#include "mime/address.hpp"
#include "pec/access_point.hpp"
#include "pec/anomaly.hpp"
#include "pec/copy_binding.hpp"
#include "pec/delivery_status.hpp"
#include "pec/formal_checks.hpp"
#include "pec/incoming_point.hpp"
#include "pec/message_identity.hpp"
#include "pec/receipt_types.hpp"
#include "pec/receipts.hpp"
#include "reply.hpp"
#include "scanning.hpp"
#include "send_again.hpp"
#include "sending_watch.hpp"
#include "sieve_role.hpp"
#include "verifying.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>
#include <utility>

namespace pec::milter {

namespace {

// ---- access ------------------------------------------------------------------------------------

// Of what a message to a provider's own address answers, as far as the log knows it: the newest first.
Result<std::string> whom_to_answer(const Transaction& transaction, Instant now,
                                   const DirectorySnapshot& directory, const Services& services) {
  constexpr std::size_t most_looked_up = 10;
  constexpr std::chrono::days may_be_old{30};
  const auto& recipients = transaction.recipients;
  if (std::none_of(recipients.begin(), recipients.end(),
                   [&](const std::string& each) { return directory.is_service_address(each); }))
    return std::string();
  const auto& header = transaction.message.header;
  const auto references = header.unfolded("References") + " " + header.unfolded("In-Reply-To");
  auto ids = text::split(references, ' ');
  if (ids.size() > most_looked_up)
    ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(most_looked_up));
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    const auto bare = text::without_brackets(text::trim(*id));
    if (bare.empty()) continue;
    const auto found = services.ledger->to_answer(mime::canonical_address(transaction.sender),
                                                  std::string(bare), now - may_be_old);
    if (!found) return tl::unexpected(found.error());
    if (*found) return **found;
  }
  return std::string();
}

Decision refuse(const SendingRefusal& refusal) {
  Decision decision;
  decision.action = Refuse{refusal.enhanced, refusal.text, refusal.code};
  decision.reason = refusal.reason;
  return decision;
}

Decision access(const Transaction& transaction, const Services& services, QueueFile& queue_file) {
  const ScanParty party{ScanKind::submission, mime::canonical_address(transaction.login)};
  auto scanned = scan(transaction, party, services, queue_file);
  // What has more parts than can be certified may well have more than can be scanned. It would wait
  // for ever; refused, it does not need a scan.
  if (!scanned && !is_within_structure(transaction.message)) scanned = Scanned{};
  if (!scanned) return decision_for(scanned.error());
  // Asked after the scan: what one login has sent with viruses is scanned one after the other, and blocks it.
  // While the ledger is away, what pec-policyd has let begin goes on (policy.without_ledger).
  const auto refused = refused_sender(transaction, services);
  if (refused && *refused) return refuse(**refused);
  const auto now = services.clock->now();
  const auto directory = services.directory->snapshot();
  const auto& us = services.identities.of(mime::domain_of(transaction.sender), *directory);
  const auto to_answer = whom_to_answer(transaction, now, *directory, services);
  if (!to_answer) return decision_for(to_answer.error());
  const auto kept_as = scanned->virus ? submission_identity(transaction.message.wire(),
                                                            transaction.login, transaction.sender)
                                      : std::string();
  auto decision = decide_access(
      transaction.message, {transaction.login, transaction.sender, transaction.recipients},
      {services.legal_time.stamp(now), services.ids->next(now), services.ids->next(now),
       us.identity, directory, services.limits, scanned->virus, *to_answer, kept_as});
  if (scanned->virus && std::holds_alternative<Replace>(decision.action))
    if (auto kept = keep_virus(transaction, services, now, "access", kept_as, *scanned->virus,
                               decision.pec_id);
        !kept)
      return decision_for(kept.error());
  note_submission(decision, transaction, scanned->virus.has_value(), services);
  note_unscanned(decision, *scanned);
  return decision;
}

// ---- incoming ----------------------------------------------------------------------------------

// As far as it can be read.
std::string pec_id_of(const Classification& found) {
  if (found.message) return found.message->data.pec_id;
  return found.envelope ? found.envelope->pec_id : std::string();
}

// Sieve's mail and bounces are this host's own.
std::optional<SenderCheck> sender_check_of(const Transaction& transaction) {
  if (transaction.role != Role::incoming) return std::nullopt;
  return transaction.sender_check;
}

Decision incoming(const Transaction& transaction, const Services& services, QueueFile& queue_file) {
  const auto now = services.clock->now();
  const auto directory = services.directory->snapshot();
  const Delivery delivery{transaction.sender, transaction.recipients};
  // Where a transaction is for mailboxes of several units, the first one speaks for all.
  const auto& recipients = transaction.recipients;
  const auto domain = recipients.empty() ? "" : mime::domain_of(recipients.front());
  const auto& us = services.identities.of(domain, *directory).identity;
  const auto believed = as_believed(
      verify_message(transaction.message, now, Judged::as_it_comes_in, services, *directory),
      transaction.message, now, us, *directory, services);
  if (!believed) return decision_for(believed.error());
  const auto& found = *believed;
  const auto back = look_back(found, delivery, now, us, services);
  if (!back) return decision_for(back.error());
  const auto all = what_all_take(transaction, found.what, services);
  const auto scanned =
      to_be_scanned(found, delivery, all.takes, back->seen)
          ? scan(transaction, party_of_incoming(transaction, found), services, queue_file)
          : Result<Scanned>();
  if (!scanned) return decision_for(scanned.error());
  auto decision =
      decide_incoming(transaction.message, found, delivery,
                      {services.legal_time.stamp(now), back->anomaly_id, all.takes, us, directory,
                       scanned->virus, transaction.spam, sender_check_of(transaction), back->seen,
                       back->anomaly_known_to, transaction.over_tls, all.unknown_room});
  // What only passes on what others have got is not kept again.
  const bool is_kept =
      found.what != IncomingClass::ordinary &&
      (!decision.follow_ups.empty() || std::holds_alternative<Refuse>(decision.action));
  if (scanned->virus && is_kept)
    if (auto kept = keep_virus(transaction, services, now, "incoming", found.identity,
                               *scanned->virus, pec_id_of(found));
        !kept)
      return decision_for(kept.error());
  if (transaction.takes == Takes::own_receipts && !decision.route)
    decision.route = Route{transaction.sender, transaction.recipients};
  note_unscanned(decision, *scanned);
  return decision;
}

// What Sieve sends to a mailbox of ours is mail like any other that comes in.
Decision sieve(const Transaction& transaction, const Services& services, QueueFile& queue_file) {
  if (auto passed_on = pass_on(transaction, services)) return *passed_on;
  return incoming(transaction, services, queue_file);
}

// ---- receipts ----------------------------------------------------------------------------------

Result<std::vector<InternalRecipient>> internal_recipients(const Transaction& transaction,
                                                           const Services& services) {
  std::vector<InternalRecipient> internals;
  for (const auto& recipient : transaction.recipients) {
    auto internal = parse_internal_of(transaction.message, recipient, services.clock->now(),
                                      *services.host_group, *services.delivery_point);
    if (!internal) return tl::unexpected(internal.error());
    internals.push_back(std::move(*internal));
  }
  if (internals.empty()) return internal_error("a copy without internal recipients");
  return internals;
}

// A copy out of the queue is refused, so it comes back as a bounce that says what is missing. The
// delivery point and pecctl would only ask for the same again and again.
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

// A request of `pecctl timeouts` names the message by its Message-ID; a bounce has it in what came
// back, and says why it failed.
Result<AskedNotice> asked_notice(const Transaction& transaction, const InternalRecipient& internal,
                                 const std::string& provider) {
  if (const auto timeout = type_of(internal.event).timeout)
    return AskedNotice{bare_message_id(transaction.message.header),
                       certify_failure(*timeout, provider)};
  auto status = read_delivery_status(transaction.message);
  if (!status) return tl::unexpected(status.error());
  // Of an alias, some mailboxes may have the message: their answer says why no receipt was asked for.
  auto& all = status->failed;
  std::stable_partition(all.begin(), all.end(), [](const FailedRecipient& failed) {
    return internal_address_of(failed).empty();
  });
  for (const auto& failed : all)
    if (mime::same_address(failed.recipient, internal.recipient))
      return AskedNotice{bare_message_id(status->returned), certify_failure(failed, provider)};
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
    const auto scanned = scan(transaction, {ScanKind::receipt}, services, queue_file);
    if (!scanned) return tl::unexpected(scanned.error());
    facts.virus = scanned->virus;
  }
  return plan_receipt(found, internals, facts);
}

// The mail server has the anomaly envelope: from now on the same message is a duplicate.
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

// Of some of the recipients another receipt may tell already, since somebody sent the same copy to them
// again. Then this one is about the others.
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

// ---- all of them -------------------------------------------------------------------------------

Decision decide(const Transaction& transaction, const Services& services, QueueFile& queue_file) {
  switch (transaction.role) {
    case Role::access:
      return access(transaction, services, queue_file);
    case Role::incoming:
      return incoming(transaction, services, queue_file);
    case Role::sieve:
      return sieve(transaction, services, queue_file);
    case Role::receipts:
      return receipts(transaction, services, queue_file);
    case Role::bounces:
      return bounces(transaction, services);
  }
  throw std::logic_error("a session without a role");
}

// Before the queue file is edited: the message waits if the ledger can't be written.
Result<SubmissionVerdict> enter(const Decision& decision, const Services& services) {
  const auto& entries = decision.entries;
  if (decision.submission)
    return services.ledger->record_submission(entries, *decision.submission, services.sending);
  if (!entries.empty())
    if (auto durable = services.ledger->record(entries); !durable)
      return tl::unexpected(durable.error());
  return SubmissionVerdict{};
}

// The client keeps what the mail server does not take, and comes again: then it is to count once.
Error withdrawn(Error error, const SentMessage& submission, const Services& services) {
  if (const auto gone = services.ledger->withdraw_submission(submission.pec_id); !gone)
    error.detail += "; it still counts for its login's rates: " + gone.error().detail;
  return error;
}

// A submission may be refused even now, by what others have sent meanwhile.
Result<SubmissionVerdict> carry_out(Decision&& decision, const Transaction& transaction,
                                    const Services& services, QueueFile& queue_file) {
  std::string signature;
  if (const auto* replacement = std::get_if<Replace>(&decision.action)) {
    queue_file.progress();
    const auto& draft = replacement->draft;
    const auto& us = services.identities.with_address(draft.signer);
    // What is signed is of draft.at, but it is out in queues from now on.
    if (auto signing = us.signer->may_sign(services.clock->now()); !signing)
      return tl::unexpected(signing.error());
    auto made = us.signer->sign(draft.content, draft.at);
    if (!made) return tl::unexpected(made.error());
    signature = std::move(*made);
  }
  auto verdict = enter(decision, services);
  if (!verdict || verdict->refused || std::holds_alternative<Discard>(decision.action))
    return verdict;
  const auto submission = decision.submission;
  const auto edited =
      apply(std::move(decision), signature, transaction, *services.host_group, queue_file);
  if (edited) return verdict;
  return tl::unexpected(submission ? withdrawn(edited.error(), *submission, services)
                                   : edited.error());
}

std::string log_line(const Transaction& transaction, const char* action, std::string_view pec_id,
                     std::string_view reason) {
  return fmt::format("{}: role={} action={} pecid=<{}> from=<{}> nrcpt={} size={}{} reason=\"{}\"",
                     transaction.queue_id, name_of(transaction.role), action,
                     text::printable(pec_id), text::printable(transaction.sender),
                     transaction.recipients.size(), transaction.message.size(),
                     transaction.role == Role::incoming && !transaction.over_tls ? " tls=none" : "",
                     text::printable(reason));
}

// Where mail passes the host's spam filter: of users and from outside.
bool is_filtered(const Transaction& transaction, const FilterOptions& filter) {
  return !filter.header.empty() &&
         (transaction.role == Role::access || transaction.role == Role::incoming);
}

// The message as it was before the filter marked it.
Transaction without_mark(const Transaction& transaction, const FilterOptions& filter) {
  auto plain = transaction;
  auto unmarked = take_mark(transaction.message.header, filter);
  plain.spam = unmarked.level;
  plain.sender_check = unmarked.sender_check;
  if (unmarked.header != transaction.message.header)
    plain.marked_header = std::exchange(plain.message.header, std::move(unmarked.header));
  return plain;
}

Outcome handle_unmarked(const Transaction& transaction, const Services& services,
                        QueueFile& queue_file) {
  auto decision = to_kept_homes(decide(transaction, services, queue_file), services);
  const bool alert = services.tally->count(decision.counted, decision.alerts);
  const auto log = log_line(transaction, name_of(decision), decision.pec_id, decision.reason);
  const auto waits = [&](const Error& error, std::string_view pec_id) -> Outcome {
    return {Outcome::Verdict::refuse, reply_for(error),
            log_line(transaction, "tempfail", pec_id, error.detail),
            services.tally->alert_of_waiting(transaction.role, source_of(error))};
  };
  if (const auto* later = std::get_if<TryLater>(&decision.action))
    return {Outcome::Verdict::refuse,
            {"451", later->enhanced, later->text},
            log,
            services.tally->alert_of_waiting(transaction.role, later->source)};
  if (const auto* refuse = std::get_if<Refuse>(&decision.action)) {
    const auto noted =
        decision.entries.empty() ? Result<void>() : services.ledger->record(decision.entries);
    if (!noted) return waits(noted.error(), decision.pec_id);
    return {Outcome::Verdict::refuse, {refuse->code, refuse->enhanced, refuse->text}, log, alert};
  }

  const bool dropped = std::holds_alternative<Discard>(decision.action);
  const auto pec_id = decision.pec_id;
  const auto submission = decision.submission;
  const auto verdict = carry_out(std::move(decision), transaction, services, queue_file);
  if (!verdict) return waits(verdict.error(), pec_id);
  if (const auto& refused = verdict->refused) {
    const Reply reply{refused->code, refused->enhanced, refused->text};
    return {
        Outcome::Verdict::refuse, reply,
        log_line(transaction, reply.permanent() ? "refuse" : "tempfail", pec_id, refused->reason),
        false};
  }
  if (dropped) return {Outcome::Verdict::discard, {}, log, alert};
  return {Outcome::Verdict::accept,
          {},
          log,
          alert,
          submission ? alarm_of(*submission, *verdict) : std::string()};
}

Outcome handle_unguarded(const Transaction& transaction, const Services& services,
                         QueueFile& queue_file) {
  if (!is_filtered(transaction, services.filter))
    return handle_unmarked(transaction, services, queue_file);
  return handle_unmarked(without_mark(transaction, services.filter), services, queue_file);
}

}  // namespace

Outcome handle(const Transaction& transaction, const Services& services,
               QueueFile& queue_file) noexcept {
  const auto failed = [&](const char* what) -> Outcome {
    return {Outcome::Verdict::refuse, reply_for({Fault::internal, {}, {}}),
            log_line(transaction, "tempfail", "", what),
            services.tally->alert_of_waiting(transaction.role, ErrorSource::internal)};
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
