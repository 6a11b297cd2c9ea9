#include "rules.hpp"

#include "mime/address.hpp"
#include "pec/texts.hpp"

#include <fmt/format.h>

namespace pec::policy {

namespace {

Answer pass() {
  return {"DUNNO", {}};
}

Answer refuse_sender(const MailboxStatus& mailbox) {
  const bool revoked = !receives(mailbox.state);
  return {
      revoked
          ? "550 5.7.1 Casella revocata: non puo' inviare. This mailbox is revoked: it can't send"
          : "550 5.7.1 Casella bloccata per motivi di sicurezza: rivolgersi al gestore. This "
            "mailbox is blocked for security: ask your provider",
      fmt::format("{}: {}", revoked ? "revoked" : "blocked", mailbox.reason)};
}

Answer refuse_recipients(std::uint64_t count, std::uint64_t most) {
  return {fmt::format("554 5.5.3 Troppi destinatari: {0}, e al massimo {1} per messaggio. Too many "
                      "recipients: {0}, and at most {1} in a message",
                      count, most),
          fmt::format("{} recipients, and at most {}", count, most)};
}

// In minutes, rounded up: nobody waits to the second.
Answer put_off(std::chrono::seconds wait) {
  const auto minutes = (wait.count() + 59) / 60;
  const bool one = minutes == 1;
  return {
      fmt::format("450 4.7.1 Troppi invii: riprovare tra {0} {1}. Too much was sent: try again in "
                  "{0} {2}",
                  minutes, one ? "minuto" : "minuti", one ? "minute" : "minutes"),
      fmt::format("over the rate for {} s more", wait.count())};
}

Answer decide_submission(const PolicyRequest& request, const Facts& facts,
                         const SendingLimits& limits, Instant now) {
  for (const auto& mailbox : facts.senders)
    if (!sends(mailbox.state)) return refuse_sender(mailbox);
  if (request.recipient_count > limits.recipients)
    return refuse_recipients(request.recipient_count, limits.recipients);
  if (const auto wait = over_rate(facts.recent, request.recipient_count, now, limits))
    return put_off(*wait);
  return pass();
}

}  // namespace

Question question_of(const PolicyRequest& request) {
  if (request.context == "submission" && request.state == "DATA") return Question::submission;
  if (request.context == "incoming" && request.state == "RCPT") return Question::incoming;
  return Question::none;
}

Answer decide(const PolicyRequest& request, const Facts& facts, const SendingLimits& limits,
              Instant now) {
  switch (question_of(request)) {
    case Question::submission:
      if (request.login.empty()) return wait_for("a submission without a login");
      return decide_submission(request, facts, limits, now);
    case Question::incoming:
      // Postfix asks before pec-milter sees the recipient, and of comments, routes and quotes nothing is
      // left here; but a trailing dot is, or that there is no domain.
      if (!mime::plain_address(mime::with_quotes(request.recipient)))
        return {fmt::format("553 5.1.3 {}", write_it_plainly), "not in the one form of an address"};
      // Of a mailbox that was revoked or renamed, pec-milter says at the end of data what it takes.
      if (is_gone(facts.recipient))
        return {"550 5.1.1 Casella inesistente. No such mailbox", "purged"};
      return pass();
    case Question::none:
      break;
  }
  return wait_for(
      fmt::format("asked at {} with the policy_context \"{}\": it is \"submission\" at DATA, or "
                  "\"incoming\" at RCPT; correct check_policy_service in Postfix's master.cf",
                  request.state, request.context));
}

Answer wait_for(std::string why) {
  return {"451 4.3.0 Riprovare piu' tardi. Try again later", std::move(why)};
}

}  // namespace pec::policy
