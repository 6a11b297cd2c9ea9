// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/ldap_time_limit.hpp"

#include <condition_variable>
#include <lber.h>
#include <mutex>
#include <sys/socket.h>

namespace pec::directory {

LdapSocket::LdapSocket() {
  callbacks_.lc_add = &LdapSocket::opened;
  callbacks_.lc_del = &LdapSocket::closing;
  callbacks_.lc_arg = this;
}

bool LdapSocket::watch(LDAP* ldap) {
  return ldap_set_option(ldap, LDAP_OPT_CONNECT_CB, &callbacks_) == LDAP_OPT_SUCCESS;
}

// libldap calls this when it is connected, before TLS begins.
int LdapSocket::opened(LDAP* ldap, Sockbuf* buffer, LDAPURLDesc*, sockaddr*,
                       ldap_conncb* self) noexcept {
  auto& socket = *static_cast<LdapSocket*>(self->lc_arg);
  int fd = -1;
  if (ber_sockbuf_ctrl(buffer, LBER_SB_OPT_GET_FD, &fd) != 1) return LDAP_LOCAL_ERROR;
  *socket.fd_.lock() = fd;
  const timeval none{.tv_sec = -1, .tv_usec = 0};
  return ldap_set_option(ldap, LDAP_OPT_NETWORK_TIMEOUT, &none);
}

void LdapSocket::closing(LDAP*, Sockbuf*, ldap_conncb* self) noexcept {
  *static_cast<LdapSocket*>(self->lc_arg)->fd_.lock() = -1;
}

void LdapSocket::shut_down() {
  auto fd = fd_.lock();  // locked, so that libldap can't close it meanwhile
  if (*fd >= 0) shutdown(*fd, SHUT_RDWR);
}

TimeLimit::TimeLimit(LdapSocket& socket, std::chrono::seconds limit)
    : thread_([&socket, limit](const std::stop_token& stop) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any never;
        never.wait_for(lock, stop, limit, [] { return false; });
        if (!stop.stop_requested()) socket.shut_down();
      }) {}

}  // namespace pec::directory
