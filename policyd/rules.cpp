// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/rules.hpp"

#include "mime/address.hpp"
#include "pec/texts.hpp"

#include <fmt/format.h>

namespace pec::policyd {

namespace {

Answer pass() {
  return {"DUNNO", {}};
}

Answer answer_of(const SendingRefusal& refusal) {
  return {fmt::format("{} {} {}", refusal.code, refusal.enhanced, refusal.text), refusal.reason};
}

Answer refuse_recipients(std::uint64_t count, std::uint64_t most) {
  return {fmt::format("554 5.5.3 Troppi destinatari: {0}, e al massimo {1} per messaggio. Too many "
                      "recipients: {0}, and at most {1} in a message",
                      count, most),
          fmt::format("{} recipients, and at most {}", count, most)};
}

Answer decide_submission(const PolicyRequest& request, const Facts& facts,
                         const SendingLimits& limits, Instant now) {
  for (const auto& mailbox : facts.senders)
    if (const auto refusal = refuse_sender(mailbox)) return answer_of(*refusal);
  if (request.recipient_count > limits.recipients)
    return refuse_recipients(request.recipient_count, limits.recipients);
  if (const auto wait = over_rate(facts.recent, request.recipient_count, now, limits))
    return answer_of(put_off(*wait));
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
      // Postfix asks before pec-milter sees the recipient. It has already removed comments, routes
      // and quotes, but not a trailing dot; and the domain may be missing.
      if (!mime::plain_address(mime::with_quotes(request.recipient)))
        return {fmt::format("553 5.1.3 {}", write_it_plainly), "not in the one form of an address"};
      // For a revoked or renamed mailbox, pec-milter decides at the end of data what it takes.
      if (is_gone(facts.recipient))
        return {"550 5.1.1 Casella inesistente. No such mailbox", "purged"};
      return pass();
    case Question::none:
      break;
  }
  return wait_for(
      fmt::format("asked at {} with the policy_context \"{}\"; use \"submission\" at DATA, or "
                  "\"incoming\" at RCPT; correct check_policy_service in Postfix's master.cf",
                  request.state, request.context));
}

Answer wait_for(std::string why) {
  return {"451 4.3.0 Riprovare piu' tardi. Try again later", std::move(why)};
}

}  // namespace pec::policyd
