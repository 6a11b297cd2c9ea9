// SPDX-License-Identifier: GPL-2.0-or-later

// The providers' directory from an LDAP server, such as a local OpenLDAP copy (RFC 6109, 4.5): all
// `provider` entries below o=postacert.
//
//     LdapSource source({.url = "ldapi://%2Frun%2Fpec-directory%2Fldapi"});
//     auto reading = source.read("");
//     if (!reading) return tl::unexpected(reading.error());    // "ldapi://...: Can't contact ..."
//
// Each read makes a connection of its own, so there is nothing to reconnect. The search is paged,
// and each step has a time limit. Over ldaps, the server's certificate must be of the given
// authority and for the name in the URL.
//
// The version is the server's contextCSN (one value for each server that writes, in a fixed order),
// and a digest of all entryCSNs: after a crash, only the entries may show a change. Both are read
// before and after the search. If they have changed meanwhile, the entries may be of two states,
// and are read again. If a server has no contextCSN, it is read whole each time, and the version is
// a digest of its entries.
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
  bool as_user = false;                   // ldapi without bind_dn: as our own user (SASL EXTERNAL)
  std::chrono::seconds connect_limit{5};  // TLS handshake included
  std::chrono::seconds answer_limit{30};  // for each page of entries
};

// The server from the options; connects to nothing yet. Error: bad_input, with the option that is
// missing.
Result<LdapServer> ldap_server_of(const DirectoryOptions& options);

class LdapSource final : public Source {
public:
  explicit LdapSource(LdapServer server) : server_(std::move(server)) {}

  // Errors: unavailable if the server can't be reached, is slow, or refuses; bad_input if its
  // entries are not a whole directory.
  Result<Reading> read(const std::string& known_version, const KnownBefore& before = {}) override;

private:
  const LdapServer server_;
};

}  // namespace pec::directory
