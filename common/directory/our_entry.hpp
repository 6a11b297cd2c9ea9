// SPDX-License-Identifier: GPL-2.0-or-later

// What the providers' directory must say of us (RFC 6109, 4.5), at the start and in each directory that
// comes later: that our domains are ours, and that the certificates we sign with are.
//
//     const auto check = [us](const auto& directory) { return check_ours(us, directory); };
//     auto keeper = DirectoryKeeper::open(options, clock, check);
//
// A directory in which that is wrong is refused whole, and the one before it stays in use. Without our
// entry every user of ours would be an ordinary one. Without the certificate that we sign with, our own
// messages would be no certified ones to ourselves: each copy in the queue would be refused instead of
// becoming a receipt, and be an incident to mend by hand. With the old directory mail between our own
// users goes on whole. What that costs: the other providers' changes are not seen until the mistake is
// mended. The state says so at once, and the mistake is ours to mend, or our entry's. What another
// provider's entry claims of ours is no flaw of ours (providers_directory.hpp).
//
// A renewal is not hindered: before it, after it, and while our entry has both certificates, the one
// that we sign with is there. It has to be entered before it signs, and to sign no more before it goes.
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
  std::filesystem::path certificate_file;  // for sentences
  std::string certificate;  // DER; empty: it could not be loaded, and is not looked for
};

// Error: bad_input, with all that is wrong, and how to mend it, in one line.
Result<void> check_our_entries(const std::vector<OurEntry>& all,
                               const DirectorySnapshot& directory);

// The same; and no entry of ours may be flawed (providers_directory.hpp): of others' the last good version
// will do, but what concerns ourselves must be right.
Result<void> check_ours(const std::vector<OurEntry>& all, const ProvidersDirectory& directory);

}  // namespace pec::directory
