// SPDX-License-Identifier: GPL-2.0-or-later

// The providers' directory from an LDAP server, such as a local OpenLDAP copy of it (RFC 6109, 4.5):
// all `provider` entries below o=postacert.
//
//     LdapSource source({.url = "ldapi://%2Frun%2Fpec-directory%2Fldapi"});
//     auto reading = source.read("");
//     if (!reading) return tl::unexpected(reading.error());    // "ldapi://...: Can't contact ..."
//
// Each read is a connection of its own, so there is nothing to reconnect. The search is paged; every
// step has a time limit. Over ldaps the server's certificate must be of the given authority and for
// the name in the URL.
//
// The version is the server's contextCSN (one for each server that writes, in a fixed order), and a
// digest of the entryCSN of each entry: after a crash, a change may stand in the entries alone. Both are
// asked for before and after the search: if they have changed, the entries may be of two states, and are
// read again. A server that tells no contextCSN is read whole each time, and the version is a digest of its
// entries.
#pragma once

#include "directory/source.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>

namespace pec::directory {

struct LdapServer {
  std::string url;
  std::filesystem::path ca_file = {};  // PEM; ldaps only
  std::string bind_dn = {};            // empty: anonymous
  std::string bind_password = {};
  bool as_user = false;  // ldapi without bind_dn: the kernel says who we are (SASL EXTERNAL)
  std::chrono::seconds connect_limit{5};  // TLS handshake included
  std::chrono::seconds answer_limit{30};  // for each page of entries
};

// The server that the options name, not reached yet. Error: bad_input, what the options lack.
Result<LdapServer> ldap_server_of(const DirectoryOptions& options);

class LdapSource final : public Source {
public:
  explicit LdapSource(LdapServer server) : server_(std::move(server)) {}

  // Errors: unavailable if the server can't be reached, is slow, or refuses; bad_input if what it
  // holds is no whole directory.
  Result<Reading> read(const std::string& known_version, const KnownBefore& before = {}) override;

private:
  const LdapServer server_;
};

}  // namespace pec::directory
