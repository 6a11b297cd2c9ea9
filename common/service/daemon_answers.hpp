// SPDX-License-Identifier: GPL-2.0-or-later

// Asks a daemon at its socket as Postfix would, to see whether it still answers. The daemons ask
// themselves, and `pecctl selftest` asks them.
//
//     PEC_TRY_VOID(ask_milter("unix:/run/pec/milter.sock", {10s}));
//     PEC_TRY_VOID(ask_policy_server("unix:/run/pec/policy.sock", {10s}));
//
// Errors: unavailable, with the address and what went wrong. Any thread; a call waits for the
// answer.
#pragma once

#include "base/result.hpp"
#include "service/own_socket.hpp"

#include <string_view>

namespace pec::service {

// Begins a session with a milter and ends it again: the option negotiation of the milter protocol.
// `socket`: in libmilter's syntax (milter.socket).
Result<void> ask_milter(std::string_view socket, const Patience& patience);

// Asks about a mailbox that nobody can have, so that the ledger is asked, and nothing is logged.
// `address`: one of policy.listen.
Result<void> ask_policy_server(std::string_view address, const Patience& patience);

}  // namespace pec::service
