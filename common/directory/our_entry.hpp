// SPDX-License-Identifier: GPL-2.0-or-later

// Checks what the providers' directory says of us (RFC 6109, 4.5), at the start and in each later
// directory. Our domains must be ours there, and our signing certificates, too.
//
//     const auto check = [us](const auto& directory) { return check_ours(us, directory); };
//     auto keeper = DirectoryKeeper::open(options, clock, check);
//
// If one is missing, the whole directory is refused, and the one before it stays in use. Without
// our entry all our users would be ordinary ones. Without our signing certificate we could not
// verify our own messages. Each copy in the queue would then be refused instead of becoming a
// receipt, and be an incident for an operator. With the old directory, mail between our own users
// goes on complete. The price: we don't see other providers' changes until the mistake is
// corrected. The state reports it at once, and the mistake is in our configuration or our entry. If
// another provider's entry claims something of ours, our entry is not flawed
// (providers_directory.hpp).
//
// A renewal is not hindered: before it, after it, and while our entry has both certificates, our
// signing certificate is there. Enter a certificate before it signs, and remove it after it has
// signed for the last time.
//
// Any thread.
#pragma once

#include "base/result.hpp"
#include "directory/providers_directory.hpp"
#include "pec/ports.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace pec::directory {

struct OurEntry {
  std::string provider;
  std::string unit;  // empty: the provider's main entry
  std::string domain;
  std::filesystem::path certificate_file;  // for error messages
  std::string certificate;  // DER; empty if it could not be loaded: it is not looked for
};

// Error: bad_input, with all flaws and how to correct them, in one line.
Result<void> check_our_entries(const std::vector<OurEntry>& all,
                               const DirectorySnapshot& directory);

// The same check. In addition no entry of ours may be flawed (providers_directory.hpp). For others
// the last good version will do, but our own entries must be right.
Result<void> check_ours(const std::vector<OurEntry>& all, const ProvidersDirectory& directory);

}  // namespace pec::directory
