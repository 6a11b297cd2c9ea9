// SPDX-License-Identifier: GPL-2.0-or-later

// A certified-mail provider as the providers' directory describes it (RFC 6109, 4.5). A plain
// value; any thread.
#pragma once

#include <string>
#include <vector>

namespace pec {

// One entry of the directory: a provider, or a secondary unit of one.
struct Provider {
  std::string name;          // providerName: the text of <gestore-emittente>
  std::string unit;          // providerUnit; empty for the primary entry
  std::string mail_receipt;  // mailReceipt: the service mailbox that take-charge receipts go to
  std::vector<std::string> certificates;        // providerCertificate, DER
  std::vector<std::string> certificate_hashes;  // SHA-1 of each, lower-case hex
  std::vector<std::string> managed_domains;     // lower case

  bool operator==(const Provider&) const = default;
};

}  // namespace pec
