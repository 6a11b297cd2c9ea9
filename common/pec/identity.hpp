// SPDX-License-Identifier: GPL-2.0-or-later

// Our name and addresses on the messages that we make, and which addresses are ours.
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
  std::string address;   // posta-certificata@<domain>: the From of all, and in the certificate
  std::shared_ptr<const OwnTexts> texts{};  // the provider's own texts, below ours; may be null
  bool receipts_refer = true;               // receipts name the message sent, in In-Reply-To
};

// The operators' address, for mail that no program of ours takes: above all bounces. The service
// mailbox is for receipts alone (RFC 6109, 2.2.5).
std::string operators_of(const Identity& us);

// Whether the address is in a domain that this provider manages.
bool is_ours(std::string_view address, const DirectorySnapshot& directory,
             const Identity& identity);
// Whether it was ours at this instant or shortly before: messages for a domain that has gone to
// another provider may still be under way.
bool was_ours(std::string_view address, const DirectorySnapshot& directory,
              const Identity& identity, Instant at);

}  // namespace pec
