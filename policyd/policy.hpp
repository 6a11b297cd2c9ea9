// SPDX-License-Identifier: GPL-2.0-or-later

// One question from Postfix, answered: looks up what the rules want to know, and logs what was refused.
//
//     const Policy policy(*ledger, clock, limits, false);
//     connection.write(policy.answer(text));       // "action=DUNNO\n\n"
//
// Any thread, many at once.
#pragma once

#include "base/clock.hpp"
#include "pec/ports.hpp"
#include "policyd/rules.hpp"

#include <string>
#include <string_view>

namespace pec::policy {

class Policy {
public:
  // `pass_without_ledger`: while the ledger can't be asked, messages pass; else they wait.
  Policy(const Mailboxes& mailboxes, const Clock& clock, SendingLimits limits,
         bool pass_without_ledger)
      : mailboxes_(mailboxes),
        clock_(clock),
        limits_(limits),
        pass_without_ledger_(pass_without_ledger) {}

  // Error: bad_input, this is no request; hang up.
  Result<std::string> answer(std::string_view request) const;

private:
  Result<Facts> facts_for(const PolicyRequest& request) const;

  const Mailboxes& mailboxes_;
  const Clock& clock_;
  const SendingLimits limits_;
  const bool pass_without_ledger_;
};

}  // namespace pec::policy
