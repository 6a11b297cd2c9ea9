// SPDX-License-Identifier: GPL-2.0-or-later

// What a host is before set-up changes it: its addresses, its ordinary mail, and who listens where.
//
//     PEC_TRY(const auto facts, look_at_host());
//     if (facts.addresses.empty()) return complain("this host has no address but loopback");
//
// Everything that can be found out is found out here, so that nobody is asked for it. It runs the
// host's own programs (postconf, doveconf, ss, ip), and changes nothing. Errors: unavailable, one
// sentence; a program that is not there is no error where the field says so. One thread.
#pragma once

#include "base/result.hpp"

#include <string>
#include <vector>

namespace pec::pecctl {

struct Listener {
  std::string address;  // without brackets and zone; "*": every address of the host
  unsigned port = 0;
  std::string program;  // "master" is Postfix's; empty: the kernel does not say
  unsigned pid = 0;     // 0: likewise

  bool operator==(const Listener&) const = default;
};

// One of Postfix's lists of domains, without its tables: `tables` has these.
struct DomainList {
  std::string setting;  // "mydestination"
  std::vector<std::string> words, tables;

  bool operator==(const DomainList&) const = default;
};

struct Facts {
  std::string distribution;  // "debian 12"
  bool has_systemd = false;  // it runs here
  std::string host_name;     // with its domain; empty: it has none
  // IPv4 and IPv6, neither loopback nor link-local. In the kernel's order.
  std::vector<std::string> addresses;
  std::vector<std::string> loopback;             // 127.0.0.1 and ::1, as far as the host has them
  bool postfix_without_v6 = false;               // its inet_protocols is "ipv4"
  std::string postfix_version, dovecot_version;  // "3.7.11", "2.3.19.1"; empty: not installed
  // Where the host's own Postfix and Dovecot listen, as they are configured: "all",
  // "loopback-only", or addresses, also where a name stands. Empty: not installed, or without
  // configuration.
  std::vector<std::string> postfix_interfaces;
  std::vector<std::string> dovecot_listen;
  std::string dovecot_listen_after;  // the file whose `listen` Dovecot reads after ours; or empty
  std::vector<DomainList> ordinary_domains;    // that the host's own Postfix takes mail for
  std::vector<Listener> listeners;             // TCP
  std::vector<std::string> postfix_instances;  // folders of configuration, besides /etc/postfix
  bool has_ordinary_mail = false;              // somebody but root has mail here
  bool has_dovecot_plugin = false;             // ours, in Dovecot's folder
  bool has_virus_database = false;             // in ClamAV's usual folder

  bool operator==(const Facts&) const = default;
};

Result<Facts> look_at_host();

// Puts `domain` among the words of each list one of whose tables has it.
Result<void> ask_tables(Facts& facts, const std::string& domain);

// The addresses at which no ordinary mail comes in. All of them, if the host has none, or its own
// Postfix serves loopback alone.
std::vector<std::string> free_addresses(const Facts& facts);

}  // namespace pec::pecctl
