// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/roles.hpp"

#include "base/text.hpp"
#include "milter/admission.hpp"
#include "milter/bounces_role.hpp"
#include "milter/look_back.hpp"
#include "milter/receipts_role.hpp"
#include "milter/reply.hpp"
#include "milter/scanning.hpp"
#include "milter/sending_watch.hpp"
#include "milter/sieve_role.hpp"
#include "milter/verifying.hpp"
#include "mime/address.hpp"
#include "pec/access_point.hpp"
#include "pec/formal_checks.hpp"
#include "pec/incoming_point.hpp"
#include "pec/message_identity.hpp"

#include <algorithm>
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
    PEC_TRY(const auto found,
            services.ledger->to_answer(mime::canonical_address(transaction.sender),
                                       std::string(bare), now - may_be_old));
    if (found) return *found;
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
  const SmtpEnvelope smtp{transaction.sender, transaction.recipients};
  // Where a transaction is for mailboxes of several units, the first one speaks for all.
  const auto& recipients = transaction.recipients;
  const auto domain = recipients.empty() ? "" : mime::domain_of(recipients.front());
  const auto& us = services.identities.of(domain, *directory).identity;
  const auto believed = as_believed(
      verify_message(transaction.message, now, Judged::as_it_comes_in, services, *directory),
      transaction.message, now, us, *directory, services);
  if (!believed) return decision_for(believed.error());
  const auto& found = *believed;
  const auto back = look_back(found, smtp, now, us, services);
  if (!back) return decision_for(back.error());
  const auto all = what_all_take(transaction, found.what, services);
  const auto scanned =
      to_be_scanned(found, smtp, all.takes, back->seen)
          ? scan(transaction, party_of_incoming(transaction, found), services, queue_file)
          : Result<Scanned>();
  if (!scanned) return decision_for(scanned.error());
  auto decision =
      decide_incoming(transaction.message, found, smtp,
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

}  // namespace

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

}  // namespace pec::milter
