// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl directory sync`: fetches the providers' directory from where it is published (RFC 6109, 4.5),
// and puts it in place of ours, with the table of certified domains for Postfix. A timer runs it daily.
//
//     auto index = open_index(config.directory_sync);
//     auto report = sync_directory(*index, config, now, false);
//     if (!report) return complain(report.error().detail);     // nothing was changed
//
// Ours is a file or an LDAP server, as directory.source says. A file is replaced by the signed one as
// it came, so that whoever reads it can verify it anew; an unchanged one is written anew, too: its date
// tells how old our knowledge is. A server gets the least changes, in one transaction (ldap_copy.hpp),
// and none at all if it has everything already.
//
// It is put in place if all of this holds; else nothing is changed, down to a file's date:
//   1. it is signed by directory.signer_subject, of an authority in directory.signer_ca_file, valid now
//      and not revoked (directory/signed_file.hpp);
//   2. it is LDIF, and a directory (directory/providers_directory.hpp);
//   3. no entry of ours is flawed, and our certificates are of the profile of 5.5. What is wrong with
//      another's is told, and concerns that one alone: its last good version stays in use;
//   4. it was not signed before ours, as far as both say when; of the domains that ours has, not more
//      than directory.max_shrink_percent are gone, and we are still in it (directory/our_entry.hpp), if
//      we were; nor is it put in place of what can't be read. All this, unless the administrator has
//      said that it is right.
//
// Files are prepared beside their places first, for a disk may be full; then a server is asked to make
// its changes, for it may refuse; renaming the prepared files comes last, for that alone hardly fails.
// If it does, the next run mends it, whether or not the server has anything to change then.
//
// Errors: one sentence for the administrator. One thread; several processes at once do no harm.
#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"
#include "directory/ldif.hpp"
#include "directory/providers_directory.hpp"
#include "pecctl/fetch.hpp"
#include "pecctl/report.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pec::pecctl {

// The server that the options name, with our certificate. Error: bad_input, what the options lack.
Result<HttpFetcher> open_index(const Config::DirectorySync& options);

// Returns what it has done, in one line, and what is wrong with entries of others. `force`: whatever has
// gone, and however old it is.
Result<Report> sync_directory(Fetcher& index, const Config& config, Instant now, bool force);

// What a signed file has within: as it stands there, and as we read it.
struct SignedDirectory {
  directory::Ldif ldif;
  std::shared_ptr<const directory::ProvidersDirectory> providers;
  std::optional<Instant> signed_at;
};

// Steps 1 to 3: the directory in a signed file. Error: what is wrong, without the file's name.
// `ours`: what is in use; nullptr: nothing.
Result<SignedDirectory> judge_directory(std::string_view signed_file, const Config& config,
                                        Instant now, const directory::ProvidersDirectory* ours);

// Step 4. Error: rejected.
Result<void> check_shrink(const directory::ProvidersDirectory& ours,
                          const directory::ProvidersDirectory& fresh, std::uint64_t max_percent);

}  // namespace pec::pecctl
