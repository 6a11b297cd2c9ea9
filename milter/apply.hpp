// Carries out a decision on a queue file: the only code that edits a message in the mail server.
#pragma once

#include "mta.hpp"
#include "pec/decision.hpp"

namespace pec::milter {

// Applies Keep and Replace, with the follow-ups. `signature` is that of the draft, if there is one.
// The others edit nothing.
Result<void> apply(Decision&& decision, std::string_view signature, const Transaction& transaction,
                   const Authenticator& host_group, QueueFile& queue_file);

}  // namespace pec::milter
