// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/look_back.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/access_point.hpp"
#include "pec/belief.hpp"
#include "pec/dispatch.hpp"
#include "pec/message_identity.hpp"
#include "pec/stamp.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace pec::milter {

namespace {

// Finds the recipients who already got this provider's message: in an anomaly envelope, or as a
// transport envelope before somebody changed its header.
Result<std::vector<std::string>> anomaly_known_to(const Classification& found,
                                                  const std::string& anomaly_id,
                                                  const SmtpEnvelope& smtp, Instant now,
                                                  const Services& services) {
  std::vector<std::string> known;
  const auto look_up = [&](const std::string& pec_id, EventKind kind) -> Result<void> {
    PEC_TRY(const auto logged, services.ledger->logged_messages(pec_id, kind));
    const auto seen = seen_before(smtp.recipients, found.identity, logged, now);
    for (const auto* list : {&seen.known_to, &seen.long_known_to})
      known.insert(known.end(), list->begin(), list->end());
    return {};
  };
  PEC_TRY_VOID(look_up(anomaly_id, EventKind::anomaly_envelope));
  if (found.envelope) PEC_TRY_VOID(look_up(found.envelope->pec_id, EventKind::transport_envelope));
  return known;
}

// A receipt of ours comes to us from outside only if somebody sends it again. Then the log knows
// that we issued it, and when.
Result<SeenBefore> issued_before(const PecMessage& receipt, Instant now, const Services& services) {
  SeenBefore seen;
  const auto& data = receipt.data;
  const auto certified = instant_of(data.date, data.time, data.zone);
  for (const auto& recipient : recipients_concerned(data)) {
    PEC_TRY(const auto issued,
            services.ledger->issued_receipt(
                {data.pec_id, receipt.kind, {mime::canonical_address(recipient)}}));
    if (!issued || issued->at != certified) continue;
    auto& place = issued->at + journal_memory <= now ? seen.long_known_to : seen.known_to;
    place.push_back(recipient);
  }
  return seen;
}

// The log's line about our own envelope covers the whole message. Our recipients that it names got
// the message from the same queue file. Other addresses to which it comes back (a redirect) have
// not got it.
void spread_our_own(std::vector<LoggedMessage>& logged, const CertificationData& data,
                    const SmtpEnvelope& smtp) {
  const auto whole = std::find_if(logged.begin(), logged.end(),
                                  [](const LoggedMessage& line) { return line.recipient.empty(); });
  if (whole == logged.end()) return;
  const LoggedMessage line = *whole;
  for (const auto& recipient : smtp.recipients)
    if (names(data, recipient))
      logged.push_back({mime::canonical_address(recipient), line.identity, line.at});
}

// The log knows an envelope from its take-charge or its virus detection on. After its take-charge,
// it may have failed at a full mailbox.
Result<SeenBefore> without_failed(SeenBefore seen, const std::string& pec_id,
                                  const Services& services) {
  auto known = seen.known_to;
  known.insert(known.end(), seen.long_known_to.begin(), seen.long_known_to.end());
  for (const auto& recipient : known)
    for (const auto kind : {EventKind::virus_detection, EventKind::non_delivery}) {
      PEC_TRY(const auto told, services.ledger->issued_receipt(
                                   {pec_id, kind, {mime::canonical_address(recipient)}}));
      if (!told) continue;
      seen.note_failed_for(recipient);
      break;
    }
  return seen;
}

Result<SeenBefore> seen_correct(const Classification& found, const SmtpEnvelope& smtp, Instant now,
                                const Identity& us, const Services& services) {
  const auto& message = *found.message;
  const bool is_envelope = message.kind == EventKind::transport_envelope;
  if (!is_envelope && text::equals_ignoring_case(found.provider->name, us.provider))
    return issued_before(message, now, services);
  PEC_TRY(auto logged, services.ledger->logged_messages(message.data.pec_id, message.kind));
  if (is_envelope) spread_our_own(logged, message.data, smtp);
  if (is_envelope)
    return without_failed(seen_before(smtp.recipients, found.identity, logged, now),
                          message.data.pec_id, services);
  const auto about = recipients_concerned(message.data);
  auto seen = seen_before(about, found.identity, logged, now);
  const auto is_about_them = [&](const LoggedMessage& line) {
    return std::any_of(about.begin(), about.end(), [&](const std::string& each) {
      return line.recipient == mime::canonical_address(each);
    });
  };
  std::erase_if(logged, [&](const LoggedMessage& line) { return !is_about_them(line); });
  seen.under_another_id =
      !logged.empty() && std::none_of(logged.begin(), logged.end(), [&](const LoggedMessage& line) {
        return line.message_id == message.message_id;
      });
  return seen;
}

}  // namespace

Result<Classification> as_believed(Classification found, const mime::Message& message, Instant now,
                                   const Identity& us, const DirectorySnapshot& directory,
                                   const Services& services) {
  if (found.what != IncomingClass::correct ||
      text::equals_ignoring_case(found.provider->name, us.provider))
    return found;
  const auto& data = found.message->data;
  if (!step_reported_by(found.message->kind) || !was_ours(data.sender, directory, us, now))
    return found;
  PEC_TRY(auto envelope, services.ledger->envelope_event(data.pec_id));
  KnownOfMessage log{std::move(envelope)};
  for (const auto& recipient : recipients_concerned(data)) {
    const auto canonical = mime::canonical_address(recipient);
    PEC_TRY(const auto end, services.ledger->end_of_dispatch(data.pec_id, canonical));
    if (end) log.ends.emplace(canonical, *end);
  }
  const auto doubt = doubt_about(data, log);
  if (!doubt) return found;
  return disbelieved(std::move(found), message, doubt->flaw, doubt->why);
}

Result<LookBack> look_back(const Classification& found, const SmtpEnvelope& smtp, Instant now,
                           const Identity& us, const Services& services) {
  LookBack back;
  if (found.what == IncomingClass::correct) {
    PEC_TRY(back.seen, seen_correct(found, smtp, now, us, services));
  }
  if (found.what != IncomingClass::malformed && back.seen.other_for.empty()) {
    back.anomaly_id = services.ids->next(now);
    return back;
  }
  back.anomaly_id = anomaly_name(found.identity, *services.host_group);
  PEC_TRY(back.anomaly_known_to,
          anomaly_known_to(found, fmt::format("{}@{}", back.anomaly_id, us.domain), smtp, now,
                           services));
  return back;
}

}  // namespace pec::milter
