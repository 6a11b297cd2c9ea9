// SPDX-License-Identifier: GPL-2.0-or-later

// Ends any call of libldap on a connection once its time is over.
//
//     LdapSocket socket;                                // before the first call
//     socket.watch(ldap);
//     const TimeLimit limit(socket, std::chrono::seconds(5));
//     ldap_sasl_bind_s(ldap, ...);                      // fails, if it takes longer
//
// libldap's own limits do not suffice when it is built with GnuTLS, as in Debian. If a network
// timeout is set (the socket is non-blocking then), it repeats a waiting handshake for ever,
// without a pause. If the socket has a timeout, it repeats it for ever, too. And it waits without a
// limit for an answer that stops in the middle of a TLS record. So the network timeout holds only
// for the connect. After that the socket blocks, and a thread shuts it down when the time is over,
// which ends any waiting at once.
//
// watch() and TimeLimit are for the thread that uses the connection.
#pragma once

#include "base/guarded.hpp"

#include <chrono>
#include <ldap.h>
#include <thread>

namespace pec::directory {

class LdapSocket {
public:
  LdapSocket();
  LdapSocket(const LdapSocket&) = delete;
  LdapSocket& operator=(const LdapSocket&) = delete;

  // False if libldap does not allow it. This object must outlive the handle.
  bool watch(LDAP* ldap);
  void shut_down();

private:
  static int opened(LDAP* ldap, Sockbuf* buffer, LDAPURLDesc*, sockaddr*,
                    ldap_conncb* self) noexcept;
  static void closing(LDAP*, Sockbuf*, ldap_conncb* self) noexcept;

  ldap_conncb callbacks_{};
  Guarded<int> fd_{-1};
};

class TimeLimit {
public:
  TimeLimit(LdapSocket& socket, std::chrono::seconds limit);

private:
  std::jthread thread_;  // ends with this object, or when the time is over
};

}  // namespace pec::directory
