// SPDX-License-Identifier: GPL-2.0-or-later

// Where mail goes for a user of ours who was revoked or renamed since: to where his mail is kept. He has
// receipts to get for what he has sent, and none may be lost (RFC 6109, 2.1).
//
//     decision = to_kept_homes(std::move(decision), services);
//
// A renamed mailbox is reached by its new name. Mail for a revoked one fails on Postfix's ordinary way
// (pec-revoked in postfix-conf/), so what may go there gets a recipient of its own:
//
//     anna@pec.alfa.example.kept.pec.internal
//
// Postfix hands it to the mail store as anna@pec.alfa.example (pec-kept.regexp). It needs no mac: like
// all of pec.internal it is refused at every door, so only this host can write it.
// Any thread.
#pragma once

#include "milter/services.hpp"
#include "pec/decision.hpp"

#include <string>
#include <string_view>

namespace pec::milter {

// The decision with such recipients on its route; or, while the ledger is away, one to try later.
Decision to_kept_homes(Decision decision, const Services& services);

// The mailbox that a recipient is about, be it written as above or not.
std::string without_kept_mark(std::string_view recipient);

}  // namespace pec::milter
