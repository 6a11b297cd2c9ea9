// SPDX-License-Identifier: GPL-2.0-or-later

// The copy of the providers' directory in an LDAP server, as `pecctl directory sync` keeps it.
//
//     auto copy = LdapCopy::read(config.directory); auto ours = copy->providers();              //
//     nullptr: nothing in it yet auto signed_at = copy->signed_at();         // nothing: the server
//     doesn't say auto line = copy->become(entries, flaws, fresh.signed_at);  // the least changes,
//     all or none
//
// It changes only o=postacert and the entries of the class provider below it. A server keeps no
// signature. So a description of o=postacert holds the time of the signature, beside any other
// descriptions: "directory signed on 2026-11-22T05:11:22Z". It writes as directory.bind_dn; through
// ldapi without that, as the user that runs it (SASL EXTERNAL).
//
// Errors: one sentence for the administrator. One thread. Several processes at once do no harm: if
// one has made a change, the server refuses it to the other, or the change is the same.
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

  // Returns in a few words which changes it made. A flawed entry stays as the server has it. Call
  // it once only.
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
