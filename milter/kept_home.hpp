// SPDX-License-Identifier: GPL-2.0-or-later

// Leads mail for a revoked or renamed user of ours to the place where his mail is kept. He must get
// the receipts for his sent messages, and none may be lost (RFC 6109, 2.1).
//
//     decision = to_kept_homes(std::move(decision), services);
//
// Mail for a renamed mailbox goes to its new name. Mail for a revoked one fails on Postfix's
// ordinary way (pec-revoked in postfix-conf/), so mail that may go there gets a special recipient:
//
//     anna@pec.alfa.example.kept.pec.internal
//
// Postfix hands it to the mail store as anna@pec.alfa.example (pec-kept.regexp). It needs no mac:
// every door refuses addresses of pec.internal, so only this host can write them. Any thread.
#pragma once

#include "milter/services.hpp"
#include "pec/decision.hpp"

#include <string>
#include <string_view>

namespace pec::milter {

// The decision with such recipients on its route. If the ledger is away, a decision to try later.
Decision to_kept_homes(Decision decision, const Services& services);

// The mailbox that a recipient means, with or without the mark above.
std::string without_kept_mark(std::string_view recipient);

}  // namespace pec::milter
