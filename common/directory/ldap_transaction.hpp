// SPDX-License-Identifier: GPL-2.0-or-later

// Changes at an LDAP server, all of them or none (RFC 5805).
//
//     auto connection = LdapConnection::open(server);
//     auto done = LdapTransaction(*connection).apply(changes);      // ldap_changes.hpp
//     if (!done) return tl::unexpected(done.error());
//
// If a server has no transactions, the error says so, and nothing is changed: half a directory
// would be worse. A server only collects the changes until the transaction ends; most errors come
// then.
//
// This code works around three faults of OpenLDAP (2.5):
// - When slapd has confirmed a change, a thread of it still reads that change for a moment. If the
//   transaction ends in that moment, the thread reads freed memory, and slapd may crash. No answer
//   tells when the thread is done. So a pause comes before the end, long for a thread and short for
//   the caller.
// - A transaction can't remove the last entry below another one ("Other error"). Below the base
//   entry, which holds all providers, something is always left. But units, and providers that have
//   had units, are removed one by one when all the rest is done. If that fails, they are still
//   there, and the next attempt finds them. Until then a domain that has moved out of one is in two
//   entries; a reader refuses that and keeps the old directory.
// - contextCSN moves with each change, and is visible before all changes are. A reader in between
//   would take the old state for the new one, until the next change. So a further change follows,
//   which changes nothing: it removes an attribute from the base entry that is not there.
//
// Errors: unavailable, "URL: the server's message; what has become of the changes". One thread.
#pragma once

#include "base/result.hpp"
#include "directory/ldap_changes.hpp"
#include "directory/ldap_connection.hpp"

#include <ldap.h>
#include <string>
#include <vector>

namespace pec::directory {

class LdapTransaction {
public:
  explicit LdapTransaction(LdapConnection& connection) : connection_(&connection) {}

  // Does nothing if there are no changes. Call it once only.
  Result<void> apply(const std::vector<EntryChange>& changes);

private:
  using Changes = std::vector<const EntryChange*>;
  Result<void> make_at_once(const Changes& changes);
  Result<void> start();
  Result<void> keep(const Changes& changes);
  Result<void> end(bool commit, const Changes& changes);
  Result<void> remove_at_last(const Changes& changes);
  Result<void> tell_readers();
  // Returns libldap's or the server's code; `message_id` becomes the request's.
  int ask(const EntryChange& change, LDAPControl* control, int& message_id);
  tl::unexpected<Error> refused(int code, const EntryChange* change) const;

  LdapConnection* connection_;
  std::string id_;                // the server's, of this transaction; may be empty
  std::vector<int> message_ids_;  // of the collected changes, in their order
};

}  // namespace pec::directory
