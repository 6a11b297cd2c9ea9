// SPDX-License-Identifier: GPL-2.0-or-later

// The copy of the providers' directory in an LDAP server, as `pecctl directory sync` keeps it.
//
//     auto copy = LdapCopy::read(config.directory);
//     auto ours = copy->providers();              // nothing in it yet: nullptr
//     auto signed_at = copy->signed_at();         // nothing: the server doesn't say
//     auto line = copy->become(entries, flaws, fresh.signed_at);  // the least changes, all or none
//
// Of the server's entries, those of the class provider below o=postacert are ours, and o=postacert
// itself; others are left alone. A server keeps no signature. When the directory in it was signed
// stands therefore in a description of o=postacert, beside any others: "directory signed on
// 2026-11-22T05:11:22Z". Who writes is directory.bind_dn, or, through ldapi without it, the
// user that this runs as (SASL EXTERNAL).
//
// Errors: one sentence for the administrator. One thread; several processes at once do no harm:
// what one has changed meanwhile, the server refuses to change for the other, or it is the same.
#pragma once

#include "base/clock.hpp"
#include "directory/ldap_connection.hpp"
#include "directory/providers_directory.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pec::pecctl {

class LdapCopy {
public:
  // Connected, and read whole.
  static Result<LdapCopy> read(const directory::DirectoryOptions& options);

  Result<std::shared_ptr<const directory::ProvidersDirectory>> providers() const;

  std::optional<Instant> signed_at() const;

  // Returns what has come and gone, in a few words. A flawed entry stays as the server has it. Once
  // only.
  Result<std::string> become(const std::vector<directory::EntryView>& entries,
                             const std::vector<directory::EntryFlaw>& flaws,
                             const std::optional<Instant>& signed_at);

private:
  LdapCopy(std::unique_ptr<directory::LdapServer> server, directory::LdapConnection connection)
      : server_(std::move(server)), connection_(std::move(connection)) {}
  Result<void> read_entries();
  std::vector<directory::EntryView> without_flawed(
      const std::vector<directory::EntryView>& entries,
      const std::vector<directory::EntryFlaw>& flaws) const;

  std::unique_ptr<directory::LdapServer> server_;  // the connection points to it
  directory::LdapConnection connection_;
  directory::LdapEntries base_, providers_;
};

}  // namespace pec::pecctl
