// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/refusals.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"

#include <fmt/format.h>
#include <utility>

namespace pec {

namespace {

// The log's lines, one for each recipient, about a refused message that a provider has signed
// (rules, 8.5). They stand under its PEC msgid only if the signer may speak of that.
void note_refused(Decision& decision, const Classification& found, const SmtpEnvelope& smtp,
                  const IncomingFacts& facts, CertifiedError error) {
  if (found.what != IncomingClass::correct && found.what != IncomingClass::malformed) return;
  LedgerEvent event;
  if (found.message)
    event = log_event(found.message->data, EventKind::refusal, Direction::received, facts.stamp.at);
  else if (found.envelope)
    event = log_event(*found.envelope, EventKind::refusal, Direction::received, facts.stamp.at);
  event.kind = EventKind::refusal;
  event.direction = Direction::received;
  event.at = facts.stamp.at;
  if (found.what != IncomingClass::correct)
    event.pec_id = fmt::format("{}@{}", facts.new_id, facts.identity.domain);
  if (event.sender.empty()) event.sender = smtp.sender;
  event.provider = found.provider->name;
  event.identity = found.identity;
  event.error = wire_name(error);
  event.detail = decision.reason;
  decision.pec_id = event.pec_id;
  for (const auto& recipient : smtp.recipients) {
    event.recipient = mime::canonical_address(recipient);
    decision.entries.events.push_back(event);
  }
}

// Counts it, and logs it if a provider has signed it.
Decision refuse(Refuse reply, std::string_view where, std::string_view why,
                const Classification& found, const SmtpEnvelope& smtp, const IncomingFacts& facts) {
  Decision decision;
  decision.action = std::move(reply);
  decision.reason = fmt::format("{}: {}", where, why);
  decision.counted.push_back(fmt::format("refused: {}", where));
  note_refused(decision, found, smtp, facts, CertifiedError::other);
  return decision;
}

Decision refuse_virus(const Classification& found, const std::string& virus) {
  Decision decision;
  decision.action =
      Refuse{"5.7.1", "Il messaggio contiene un virus. The message contains a virus: " +
                          text::printable(virus)};
  decision.reason = fmt::format("virus {}, in mail that is not certified: {}", virus, found.reason);
  return decision;
}

}  // namespace

Decision refuse_for(std::string_view why, const Classification& found, const SmtpEnvelope& smtp,
                    const IncomingFacts& facts) {
  if (facts.takes == Takes::own_receipts)
    return refuse({"5.2.1", "Casella non attiva. This mailbox is not active"},
                  "revoked or renamed mailbox", why, found, smtp, facts);
  if (facts.takes == Takes::service)
    return refuse({"5.7.1",
                   "Indirizzo di servizio, che non riceve messaggi. Service address: it "
                   "takes no mail"},
                  "service address", why, found, smtp, facts);
  if (facts.takes == Takes::no_ordinary_mail)
    return refuse(
        {"5.2.2",
         "La casella e' quasi piena: riceve solo posta certificata. This mailbox is nearly "
         "full: it takes certified mail (PEC) only",
         "552"},
        "mailbox nearly full", why, found, smtp, facts);
  return refuse({"5.7.1",
                 "La casella riceve solo posta certificata. This mailbox accepts "
                 "certified mail (PEC) only"},
                "closed mailbox", why, found, smtp, facts);
}

Decision refuse_ordinary_virus(const Classification& found, const std::string& virus) {
  auto decision = refuse_virus(found, virus);
  decision.counted.emplace_back("refused: virus");
  return decision;
}

Decision refuse_kept_virus(const Classification& found, const SmtpEnvelope& smtp,
                           const IncomingFacts& facts) {
  auto decision = refuse_virus(found, *facts.virus);
  decision.reason = fmt::format("virus {}, signed by {}", *facts.virus, found.provider->name);
  decision.alerts.emplace_back("refused: virus, signed by a provider");
  note_refused(decision, found, smtp, facts, CertifiedError::virus);
  return decision;
}

}  // namespace pec
