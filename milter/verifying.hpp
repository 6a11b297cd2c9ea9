// SPDX-License-Identifier: GPL-2.0-or-later

// Finds out what a message is, and checks its signature: the roles need this before any decision.
//
//     found = verify_message(message, now, Judged::as_it_comes_in, services, *directory);
//     // of the receipts role
//     const auto copy = verify_copy(message, internal, services, *directory);
//
// Any thread.
#pragma once

#include "milter/services.hpp"
#include "pec/classification.hpp"
#include "pec/internal_recipient.hpp"

namespace pec::milter {

// `at`: the instant for which the signature is checked.
Classification verify_message(const mime::Message& message, Instant at, Judged judged,
                              const Services& services, const DirectorySnapshot& directory);

// Judges a copy for the instant when its message was taken in charge. The log has that instant for
// messages that it knows. For others, an internal recipient of the host group gives it. The
// delivery point could name any time, so its copy is judged as if it came now. Error: the ledger is
// away.
Result<Classification> verify_copy(const mime::Message& message, const InternalRecipient& internal,
                                   const Services& services, const DirectorySnapshot& directory);

}  // namespace pec::milter
