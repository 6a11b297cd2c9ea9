// SPDX-License-Identifier: GPL-2.0-or-later

// What a message is, with its signature: what the roles know before they decide anything.
//
//     const auto found = verify_message(message, now, Judged::as_it_comes_in, services, *directory);
//     const auto copy = verify_copy(message, internal, services, *directory);   // of the receipts role
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

// A copy is judged as of when the message was taken in charge. The log knows that of what it has. Where it
// has nothing yet, an internal recipient of the host group's says when; the delivery point, which can
// name any time, has its copy judged as if it came now. Error: the ledger is away.
Result<Classification> verify_copy(const mime::Message& message, const InternalRecipient& internal,
                                   const Services& services, const DirectorySnapshot& directory);

}  // namespace pec::milter
