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

// For a message to a provider's own address: whom the user should write to instead, from the newest
// message in the log that he answers. Empty if there is none.
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
  // A message with too many parts to certify may well have too many to scan. It would wait for
  // ever; a refusal needs no scan.
  if (!scanned && !is_within_structure(transaction.message)) scanned = Scanned{};
  if (!scanned) return decision_for(scanned.error());
  // Asked after the scan: messages of one login that have viruses are scanned one after the other,
  // and block it. While the ledger is away, messages go on that pec-policyd has let begin
  // (policy.without_ledger).
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

// Empty if it can't be read.
std::string pec_id_of(const Classification& found) {
  if (found.message) return found.message->data.pec_id;
  return found.envelope ? found.envelope->pec_id : std::string();
}

// Mail of Sieve and bounces come from this host.
std::optional<SenderCheck> sender_check_of(const Transaction& transaction) {
  if (transaction.role != Role::incoming) return std::nullopt;
  return transaction.sender_check;
}

Decision incoming(const Transaction& transaction, const Services& services, QueueFile& queue_file) {
  const auto now = services.clock->now();
  const auto directory = services.directory->snapshot();
  const SmtpEnvelope smtp{transaction.sender, transaction.recipients};
  // If a transaction is for mailboxes of several units, the first one speaks for all.
  const auto& recipients = transaction.recipients;
  const auto domain = recipients.empty() ? "" : mime::domain_of(recipients.front());
  const auto& us = services.identities.of(domain, *directory).identity;
  // What is it, by what is under its signature? A receipt must also fit what the log knows.
  const auto believed = as_believed(
      verify_message(transaction.message, now, Judged::as_it_comes_in, services, *directory),
      transaction.message, now, us, *directory, services);
  if (!believed) return decision_for(believed.error());
  const auto& found = *believed;
  // Who has it already?
  const auto back = look_back(found, smtp, now, us, services);
  if (!back) return decision_for(back.error());
  // Do the mailboxes take mail of this class? A scan comes last: it is slow, and not always needed.
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
  // A message that only passes on what others already got is not kept again.
  const bool is_kept =
      found.what != IncomingClass::ordinary &&
      (!decision.follow_ups.empty() || std::holds_alternative<Refuse>(decision.action));
  if (scanned->virus && is_kept)
    if (auto kept = keep_virus(transaction, services, now, "incoming", found.identity,
                               *scanned->virus, pec_id_of(found));
        !kept)
      return decision_for(kept.error());
  // A receipt for a revoked or renamed mailbox needs a route, so that to_kept_homes() leads it.
  if (transaction.takes == Takes::own_receipts && !decision.route)
    decision.route = Route{transaction.sender, transaction.recipients};
  note_unscanned(decision, *scanned);
  return decision;
}

// Sieve's mail to a mailbox of ours is treated like all other incoming mail.
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
