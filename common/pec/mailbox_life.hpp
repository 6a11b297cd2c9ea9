// SPDX-License-Identifier: GPL-2.0-or-later

// The life of a mailbox: what may become of it, and when. Pure functions from the mailbox as it is
// to the mailbox as it will be. The caller writes the result down.
//
//     auto after = revoked(*mailbox, "contract ended", now);
//     if (!after) return tl::unexpected(after.error());      // "anna@...: it is retired ..."
//
// A mailbox may be renamed in its first ten days. Its old name then stays reserved. A revoked
// mailbox sends nothing, and receives only receipts for what it has sent. Its holder may read it
// for thirty days more. Its content is kept for 185 days, and for as long it may be restored. Then
// it may be purged. Nobody else ever gets a name that somebody has had.
//
// Errors: bad_input, one sentence for the administrator that begins with the address. Any thread.
#pragma once

#include "base/result.hpp"
#include "pec/mailbox.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace pec {

inline constexpr std::chrono::days may_be_renamed_for{10}, may_be_read_for{30},
    content_is_kept_for{185};

// `existing`: what is known of that address. Its settings stay.
Result<Mailbox> added(const std::optional<Mailbox>& existing, const std::string& address,
                      const std::string& holder, const std::string& contacts, Instant now);

Result<Mailbox> blocked(Mailbox mailbox, const std::string& reason, Instant now);
Result<Mailbox> unblocked(Mailbox mailbox, Instant now);
Result<Mailbox> revoked(Mailbox mailbox, const std::string& reason, Instant now);
Result<Mailbox> restored(Mailbox mailbox, Instant now);
Result<Mailbox> purged(Mailbox mailbox, Instant now);

struct Renamed {
  Mailbox old_name, new_name;
};
// `existing`: what is known of the new address.
Result<Renamed> renamed(Mailbox mailbox, const std::string& new_address,
                        const std::optional<Mailbox>& existing, Instant now);

// A password may be set for an account of ours that is not retired or blocked.
Result<void> may_have_password(const Mailbox& mailbox);

}  // namespace pec
