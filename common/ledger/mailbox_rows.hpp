// SPDX-License-Identifier: GPL-2.0-or-later

// Rows of the table mailbox, for whoever needs them within a transaction of his own.
//
//     const auto mailbox = mailbox_row(sql, "anna@alfa.example");
//     if (block(sql, "anna@alfa.example", "181 messages of spam", now)) ...   // it was active until now
//
// Texts are storable(). All throw soci::soci_error. The session's thread.
#pragma once

#include "pec/mailbox.hpp"

#include <optional>
#include <soci/soci.h>
#include <string>

namespace pec::ledger {

std::optional<Mailbox> mailbox_row(soci::session& sql, const std::string& address);

// Within a transaction that may write. One that is blocked or revoked already stays as it is.
bool block(soci::session& sql, const std::string& address, const std::string& reason, Instant at);

}  // namespace pec::ledger
