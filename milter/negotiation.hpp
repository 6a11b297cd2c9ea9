// SPDX-License-Identifier: GPL-2.0-or-later

// Begins a session with a milter as Postfix does, and ends it again: the option negotiation of the
// milter protocol. So a milter sees whether it still answers, at its own socket.
//
//     PEC_TRY_VOID(negotiate("unix:/run/pec/milter.sock", {10s}));
//
// `socket`: in libmilter's syntax (milter.socket). Errors: unavailable, with the address and what
// went wrong. Any thread; a call waits for the answer.
#pragma once

#include "base/result.hpp"
#include "service/own_socket.hpp"

#include <string_view>

namespace pec::milter {

Result<void> negotiate(std::string_view socket, const service::Patience& patience);

}  // namespace pec::milter
