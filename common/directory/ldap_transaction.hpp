// SPDX-License-Identifier: GPL-2.0-or-later

// Changes at an LDAP server, all of them or none (RFC 5805).
//
//     auto connection = LdapConnection::open(server);
//     auto done = LdapTransaction(*connection).apply(changes);      // ldap_changes.hpp
//     if (!done) return tl::unexpected(done.error());
//
// A server without transactions is told so, and nothing is changed: nobody would want half of the
// directory. A server only keeps the changes until it is told to make them; most errors come then.
//
// Three things that OpenLDAP (2.5) does are provided for:
//   - A thread of slapd that has kept a change, and said so, still looks at it for a moment. If the
//     transaction ends in that moment, it looks at freed memory, and slapd may die of that. No answer
//     tells when it is done; so a pause, long for a thread and short for who waits, comes before
//     the end.
//   - In a transaction it can't remove the last entry below another one ("Other error"). Something is
//     always left below the base entry, which holds all providers. But a unit, and a provider that has
//     had units, are removed one by one when all the rest is done. If that fails, they are still there,
//     and the next attempt finds them. A domain that has moved out of one is in two entries until then:
//     who reads that refuses it, and keeps what it had.
//   - contextCSN moves with each change, and shows before the whole is to be seen. Who reads in
//     between takes the old state for the new one, until the next change. So one more change follows
//     on its own, of nothing: it takes an attribute from the base entry which is not there.
//
// Errors: unavailable, "URL: what the server says; what has become of the changes". One thread.
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

  // Does nothing at all if there is nothing to change. Once only.
  Result<void> apply(const std::vector<EntryChange>& changes);

private:
  using Changes = std::vector<const EntryChange*>;
  Result<void> make_at_once(const Changes& changes);
  Result<void> start();
  Result<void> keep(const Changes& changes);
  Result<void> end(bool commit, const Changes& changes);
  Result<void> remove_at_last(const Changes& changes);
  Result<void> tell_readers();
  // libldap's or the server's code; `message_id` is the request's.
  int ask(const EntryChange& change, LDAPControl* control, int& message_id);
  tl::unexpected<Error> refused(int code, const EntryChange* change) const;

  LdapConnection* connection_;
  std::string id_;                // the server's for this transaction; may be empty
  std::vector<int> message_ids_;  // of the changes that it keeps, in their order
};

}  // namespace pec::directory
