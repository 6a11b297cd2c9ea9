// SPDX-License-Identifier: GPL-2.0-or-later

// Decides the answer of pec-policyd, as a pure function of the question and the ledger's facts.
//
//     const auto question = question_of(request);              // whom to look up
//     const auto answer = decide(request, facts, limits, now);
//     // answer.action: "DUNNO", or "550 5.7.1 ..."
//
// Two restrictions ask, each with its own policy_context (postfix-conf/):
//   submission  at DATA, once for each message, when all its recipients are known: a message
//               passes whole or not at all. A blocked or revoked mailbox sends nothing. Too many
//               recipients in one message are refused. Too much in a while waits (450, with the
//               time to wait).
//   incoming    at RCPT. It refuses only what holds for every kind of mail: mail to a purged
//               mailbox, and an address in a form that would make the lookup find another one
//               (mime::plain_address). A revoked mailbox still gets receipts.
// Texts are in Italian and English, since the user's mail client shows them. Any thread.
#pragma once

#include "pec/sending_limits.hpp"
#include "policyd/policy_request.hpp"

#include <string>
#include <vector>

namespace pec::policyd {

enum class Question { submission, incoming, none };

// none: the context is not ours, or asked at another time.
Question question_of(const PolicyRequest& request);

struct Facts {
  std::vector<MailboxStatus> senders{};  // of the login, and of the sender if that is another
  MailboxStatus recipient{};
  std::vector<SentMessage> recent{};  // accepted ones of the login, as over_rate() expects them
};

struct Answer {
  std::string action;  // as Postfix expects it
  std::string reason;  // for the log, English; empty: nothing was refused
};

Answer decide(const PolicyRequest& request, const Facts& facts, const SendingLimits& limits,
              Instant now);

// A message that can't be judged now waits; `why` is for the log.
Answer wait_for(std::string why);

}  // namespace pec::policyd
