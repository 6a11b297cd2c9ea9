// SPDX-License-Identifier: GPL-2.0-or-later

// Who we are on the messages that we make, and which addresses are ours.
//
//     is_ours("anna@pec.alfa.example", *directory, us)   // true
//     operators_of(us)                                   // "postmaster@pec.alfa.example"
//
// Pure functions, any thread.
#pragma once

#include "base/clock.hpp"
#include "pec/ports.hpp"
#include "pec/texts.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace pec {

struct Identity {
  std::string provider;  // its name in the directory
  std::string domain;    // its mail domain: the right side of all ids
  std::string address;  // posta-certificata@<domain>: the From of everything, as in the certificate
  std::shared_ptr<const OwnTexts> texts{};  // the provider's own, below ours; may be none
  bool receipts_refer = true;               // to the message sent, by In-Reply-To and References
};

// Who reads what no program of ours does: bounces above all. The service mailbox is for receipts alone
// (RFC 6109, 2.2.5).
std::string operators_of(const Identity& us);

// Whether the address is in a domain that this provider manages.
bool is_ours(std::string_view address, const DirectorySnapshot& directory,
             const Identity& identity);
// Whether it was so at this instant, or until shortly before: what is still under way for a domain that
// has gone elsewhere ends here.
bool was_ours(std::string_view address, const DirectorySnapshot& directory,
              const Identity& identity, Instant at);

}  // namespace pec
