// SPDX-License-Identifier: GPL-2.0-or-later

// The receipts role's part for a delivery to an alias (pec/alias_delivery.hpp).
//
//     const auto report = alias_report(internal, *directory, services);
//     if (report && *report) return alias_receipt(plan, **report, services);
//
// Any thread.
#pragma once

#include "milter/services.hpp"
#include "pec/receipts.hpp"

#include <optional>

namespace pec::milter {

// The delivery point's report for an alias; nothing for a plain mailbox. Only our own mailboxes
// behind the alias count: forwarding to another domain is not a delivery of ours. Error: Postfix's
// tables can't be asked.
Result<std::optional<AliasReport>> alias_report(const InternalRecipient& internal,
                                                const DirectorySnapshot& directory,
                                                const Services& services);

// Claims the receipt and makes it if all mailboxes have the message. Otherwise it drops the copy.
Decision alias_receipt(const ReceiptPlan& plan, const AliasReport& report,
                       const Services& services);

}  // namespace pec::milter
