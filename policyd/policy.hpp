// SPDX-License-Identifier: GPL-2.0-or-later

// One question from Postfix, answered: looks up what the rules want to know, and logs what was refused.
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
  // `without_ledger`: what becomes of messages while it can't be asked.
  Policy(const Mailboxes& mailboxes, const Clock& clock, SendingLimits limits,
         Fallback without_ledger)
      : mailboxes_(mailboxes), clock_(clock), limits_(limits), without_ledger_(without_ledger) {}

  // Error: bad_input, this is no request; hang up.
  Result<std::string> answer(std::string_view request) const;

private:
  Result<Facts> facts_for(const PolicyRequest& request) const;

  const Mailboxes& mailboxes_;
  const Clock& clock_;
  const SendingLimits limits_;
  const Fallback without_ledger_;
};

}  // namespace pec::policyd
