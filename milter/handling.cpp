// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/handling.hpp"

#include "base/text.hpp"
#include "milter/apply.hpp"
#include "milter/kept_home.hpp"
#include "milter/roles.hpp"
#include "milter/sending_watch.hpp"

#include <fmt/format.h>
#include <utility>

namespace pec::milter {

namespace {

// Called before the queue file is edited: if the ledger can't be written, the message waits.
Result<SubmissionVerdict> enter(const Decision& decision, const Services& services) {
  const auto& entries = decision.entries;
  if (decision.submission)
    return services.submissions->record_submission(entries, *decision.submission, services.sending);
  if (!entries.empty()) PEC_TRY_VOID(services.ledger->record(entries));
  return SubmissionVerdict{};
}

// If the mail server does not take the message, the client keeps it and comes again. It must count
// only once.
Error withdrawn(Error error, const SentMessage& submission, const Services& services) {
  if (const auto gone = services.submissions->withdraw_submission(submission.pec_id); !gone)
    error.detail += "; it still counts for its login's rates: " + gone.error().detail;
  return error;
}

// Even now a submission may be refused, because of others sent meanwhile.
Result<SubmissionVerdict> carry_out(Decision&& decision, const Transaction& transaction,
                                    const Services& services, QueueFile& queue_file) {
  std::string signature;
  if (const auto* replacement = std::get_if<Replace>(&decision.action)) {
    queue_file.progress();
    const auto& draft = replacement->draft;
    const auto& us = services.identities.with_address(draft.signer);
    // The signed content says draft.at, but it goes out from now on.
    PEC_TRY_VOID(us.signer->may_sign(services.clock->now()));
    PEC_TRY(auto made, us.signer->sign(draft.content, draft.at));
    signature = std::move(made);
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

// Whether mail passes the host's spam filter: mail of users and from outside does.
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

Outcome decide_and_carry_out(const Transaction& transaction, const Services& services,
                             QueueFile& queue_file) {
  // A mailbox may be revoked or renamed: its mail is led to where it is kept.
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

Outcome take_mark_and_handle(const Transaction& transaction, const Services& services,
                             QueueFile& queue_file) {
  if (!is_filtered(transaction, services.filter))
    return decide_and_carry_out(transaction, services, queue_file);
  return decide_and_carry_out(without_mark(transaction, services.filter), services, queue_file);
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
    return take_mark_and_handle(transaction, services, queue_file);
  } catch (const std::exception& error) {
    return failed(error.what());
  } catch (...) {
    return failed("an exception of unknown type");
  }
}

}  // namespace pec::milter
