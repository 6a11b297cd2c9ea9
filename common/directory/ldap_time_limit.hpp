// SPDX-License-Identifier: GPL-2.0-or-later

// Ends whatever libldap does on a connection once its time is over.
//
//     LdapSocket socket;                                // before the first call
//     socket.watch(ldap);
//     const TimeLimit limit(socket, std::chrono::seconds(5));
//     ldap_sasl_bind_s(ldap, ...);                      // fails, if it takes longer
//
// libldap has limits of its own, and they do not suffice: built with GnuTLS, as in Debian, it repeats
// a handshake that has to wait for ever, without a pause, if a network timeout is set (the socket is
// non-blocking then), and for ever, too, if the socket has a timeout; and an answer that stops in the
// middle of a TLS record is waited for without a limit. So the network timeout counts for the connect
// alone; from then on the socket blocks, and a thread shuts it down when the time is over, which every
// kind of waiting notices at once.
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

  // False if libldap does not let us. This object must outlive the handle.
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
  std::jthread thread_;  // until this goes, or the time is over
};

}  // namespace pec::directory
