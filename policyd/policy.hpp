// SPDX-License-Identifier: GPL-2.0-or-later

// Answers one question from Postfix: looks up the facts for the rules, and logs each refusal.
//
//     const Policy policy(*ledger, clock, limits, Fallback::wait);
//     connection.write(policy.answer(text));       // "action=DUNNO\n\n"
//
// Any thread, many at once.
#pragma once

#include "base/clock.hpp"
#include "pec/fallback.hpp"
#include "pec/ports.hpp"
#include "policyd/rules.hpp"

#include <string>
#include <string_view>

namespace pec::policyd {

class Policy {
public:
  // `without_ledger`: what happens to messages while the ledger can't be asked.
  Policy(const Mailboxes& mailboxes, const Clock& clock, SendingLimits limits,
         Fallback without_ledger)
      : mailboxes_(mailboxes), clock_(clock), limits_(limits), without_ledger_(without_ledger) {}

  // Error: bad_input, the text is not a request; hang up.
  Result<std::string> answer(std::string_view request) const;

private:
  Result<Facts> facts_for(const PolicyRequest& request) const;

  const Mailboxes& mailboxes_;
  const Clock& clock_;
  const SendingLimits limits_;
  const Fallback without_ledger_;
};

}  // namespace pec::policyd
