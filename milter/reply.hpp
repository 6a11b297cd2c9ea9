// The one place where an internal error becomes an SMTP reply. Every fault that is not the
// message's own is temporary: the client keeps the message and comes again.
#pragma once

#include "base/result.hpp"
#include "pec/decision.hpp"

#include <string>

namespace pec::milter {

// What the client is told about `error`; its detail stays in the log.
TryLater reply_for(const Error& error);

}  // namespace pec::milter
