// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/policy.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace pec::policyd {

namespace {

void log(const PolicyRequest& request, const Answer& answer) {
  spdlog::info("{}: context={} action=\"{}\" login=<{}> from=<{}> to=<{}> nrcpt={} reason=\"{}\"",
               text::printable(request.instance), text::printable(request.context),
               answer.action.substr(0, 9), text::printable(request.login),
               text::printable(request.sender), text::printable(request.recipient),
               request.recipient_count, text::printable(answer.reason));
}

// Postfix gives addresses without their quotes.
std::string key_of(std::string_view address) {
  return mime::canonical_address(mime::with_quotes(address));
}

}  // namespace

Result<std::string> Policy::answer(std::string_view text) const {
  PEC_TRY(const auto request, parse_request(text));
  Answer answer;
  if (const auto facts = facts_for(request)) {
    answer = decide(request, *facts, limits_, clock_.now());
  } else {
    spdlog::error("the ledger can't be asked: {}", facts.error().detail);
    answer = without_ledger_ == Fallback::pass ? Answer{"DUNNO", "passed without the ledger"}
                                               : wait_for(facts.error().detail);
  }
  if (!answer.reason.empty()) log(request, answer);
  return fmt::format("action={}\n\n", answer.action);
}

Result<Facts> Policy::facts_for(const PolicyRequest& request) const {
  Facts facts;
  switch (question_of(request)) {
    case Question::none:
      return facts;
    case Question::incoming: {
      PEC_TRY(facts.recipient, mailboxes_.mailbox(key_of(request.recipient)));
      return facts;
    }
    case Question::submission:
      break;
  }
  const auto login = mime::canonical_address(request.login);
  // The login's own mailbox, and that of the address it writes as, if that is another one.
  for (const auto& address : {login, key_of(request.sender)}) {
    if (!facts.senders.empty() && address == login) break;
    PEC_TRY(auto sender, mailboxes_.mailbox(address));
    facts.senders.push_back(std::move(sender));
  }
  if (const auto wanted = wanted_for_rate(limits_); wanted != 0) {
    PEC_TRY(facts.recent, mailboxes_.recent_submissions(login, wanted));
  }
  return facts;
}

}  // namespace pec::policyd
