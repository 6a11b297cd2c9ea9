// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/refusals.hpp"

#include "base/text.hpp"
#include "config/option_checks.hpp"
#include "pecctl/setup/host_parts.hpp"
#include "pecctl/setup/own_files.hpp"
#include "pecctl/site_names.hpp"

#include <array>
#include <fmt/format.h>
#include <set>
#include <string>

namespace pec::pecctl {

namespace {

using config::Config;
using Reasons = std::vector<std::string>;

Reasons unfit_programs(const Facts& facts) {
  Reasons reasons;
  if (!facts.has_systemd)
    reasons.emplace_back(
        "systemd does not run here, and set-up works with its units: run the programs by "
        "postfix-conf/README.md and dovecot-conf/README.md instead");
  if (facts.postfix_version.empty())
    reasons.emplace_back("Postfix is not installed: install the package postfix");
  else if (facts.postfix_interfaces.empty())
    reasons.emplace_back(
        "the host's own Postfix has no /etc/postfix/main.cf: run \"dpkg-reconfigure postfix\" and "
        "choose \"Local only\", if it has no other mail");
  if (facts.dovecot_version.empty())
    reasons.emplace_back("Dovecot is not installed: install the package dovecot-pec");
  else if (!facts.dovecot_version.starts_with("2.3."))
    reasons.push_back(fmt::format(
        "Dovecot {} is installed, and this version of certified mail works with 2.3: install the "
        "package dovecot-pec of your release",
        facts.dovecot_version));
  else if (!facts.has_dovecot_plugin)
    reasons.emplace_back("Dovecot's plugin for certified mail is missing: install dovecot-pec");
  return reasons;
}

Reasons wrong_addresses(const Config& config, const Facts& facts) {
  const auto of_host = text::join(facts.addresses, ", ");
  if (config.site.addresses.empty())
    return {fmt::format("site.addresses names no address for certified mail; this host has {}",
                        of_host)};
  Reasons reasons;
  for (const auto& address : config.site.addresses)
    if (!contains(facts.addresses, address))
      reasons.push_back(fmt::format(
          "site.addresses has {}, which this host does not have (it has {}): correct it, or give "
          "the host this address first",
          address, of_host));
  return reasons;
}

// The host's own Postfix would be left with loopback alone, and ordinary mail would not come in.
Reasons lost_ordinary_mail(const Config& config, const Facts& facts) {
  if (!facts.has_ordinary_mail) return {};
  const auto free = free_addresses(facts);
  if (free.size() == facts.addresses.size()) return {};  // it takes no mail from outside
  for (const auto& address : facts.addresses)
    if (!contains(config.site.addresses, address)) return {};
  return {fmt::format(
      "ordinary mail comes to this host at {}, and nothing would be left for it: certified mail "
      "needs an address of its own, since both want port 25; give the host another address, and "
      "name that one in site.addresses. If no ordinary mail comes from outside, first set "
      "\"inet_interfaces = loopback-only\" in /etc/postfix/main.cf",
      text::join(facts.addresses, ", "))};
}

struct Port {
  std::string_view key;
  unsigned number;
};

unsigned number_of(std::string_view listener) {
  return static_cast<unsigned>(text::number(port_of(listener)).value_or(0));
}

// The kernel names any of the processes that share a socket.
bool is_postfix(const Listener& listener) {
  static const std::set<std::string, std::less<>> programs{"master", "smtpd", "postscreen",
                                                           "tlsproxy"};
  return programs.contains(listener.program);
}

bool is_dovecot(const Listener& listener) {
  static const std::set<std::string, std::less<>> programs{
      "dovecot", "imap-login", "pop3-login", "managesieve-log",  // as long as a name can be
      "submission-logi"};
  return programs.contains(listener.program);
}

// Postfix's and Dovecot's processes let go of an address when set-up changes the setting that names
// it. An address in master.cf, or in an inet_listener, stays.
bool lets_go(const Listener& listener, const Config& config, const Facts& facts) {
  if (!is_postfix(listener) && !is_dovecot(listener)) return false;
  // Set-up was here before: the listener may be ours.
  if (contains(facts.postfix_instances, config.site.postfix_dir.string())) return true;
  const auto& words = is_postfix(listener) ? facts.postfix_interfaces : facts.dovecot_listen;
  if (words.empty()) return true;  // it is not configured, which is told apart
  if (listener.address == "*")
    return contains(words, "all") || contains(words, "*") || contains(words, "::");
  return contains(words, listener.address) || contains(words, "[" + listener.address + "]");
}

std::string remedy_for(const Listener& listener) {
  if (is_postfix(listener))
    return "a service in the master.cf of the host's own Postfix, or of another instance, has this "
           "address: take it away there, or choose another address";
  if (is_dovecot(listener))
    return "an inet_listener of the host's own Dovecot has this address (\"doveconf -n\" shows "
           "it): take it away there, or choose another address";
  return "stop that program, or choose another port or address";
}

Reasons taken_ports(const Config& config, const Facts& facts) {
  const auto& site = config.site;
  const std::array ports{Port{"site.mx", number_of(site.mx)},
                         Port{"site.smtps", number_of(site.smtps)},
                         Port{"site.submission", number_of(site.submission)},
                         Port{"site.imaps_port", static_cast<unsigned>(site.imaps_port)},
                         Port{"site.pop3s_port", static_cast<unsigned>(site.pop3s_port)}};
  const std::array inside{
      Port{"internal.receipts_address", number_of(config.internal.receipts_address)},
      Port{"site.sieve_submission", number_of(site.sieve_submission)}};
  Reasons reasons;
  const auto look = [&](const Port& port, const std::string& address) {
    for (const auto& listener : facts.listeners) {
      if (listener.port != port.number || !covers(listener.address, address) ||
          lets_go(listener, config, facts))
        continue;
      reasons.push_back(fmt::format(
          "port {} of {} ({}) is taken by {}: {}", port.number, address, port.key,
          listener.program.empty()
              ? "another program"
              : fmt::format("{} (process {})", text::printable(listener.program), listener.pid),
          remedy_for(listener)));
      return;  // it may listen twice, once for each family
    }
  };
  for (const auto& address : site.addresses)
    for (const auto& port : ports) look(port, address);
  for (const auto& port : inside) look(port, "127.0.0.1");
  return reasons;
}

Reasons overridden_listen(const Config& config, const Facts& facts) {
  const auto free = dovecot_without_ours(config, facts);
  if (facts.dovecot_listen_after.empty() || free == facts.dovecot_listen) return {};
  return {
      fmt::format("{} sets where the host's own Dovecot listens, and Dovecot reads it after the "
                  "file of set-up: write \"listen = {}\" there, which leaves the addresses of "
                  "certified mail",
                  facts.dovecot_listen_after, text::join(free, ", "))};
}

Reasons ordinary_domains(const Config& config, const Facts& facts) {
  Reasons reasons;
  for (const auto& us : config.identities()) {
    const auto domain = text::lower(us.domain);
    for (const auto& list : facts.ordinary_domains)
      if (contains(list.words, domain))
        reasons.push_back(fmt::format(
            "{} is a domain of ordinary mail here ({} in the host's own Postfix), and certified "
            "mail needs a domain of its own: choose another, such as pec.{}, or take it out there",
            domain, list.setting, domain));
  }
  return reasons;
}

Reasons missing_signatures(const Config& config, const Facts& facts) {
  if (config.antivirus.engine != config::AntivirusEngine::scanner || facts.has_virus_database ||
      config.antivirus.database_dir != "/var/lib/clamav")
    return {};
  return {
      "there are no virus signatures in /var/lib/clamav, and without them all mail would wait: "
      "install clamav-freshclam, and let it fetch them once (\"freshclam\")"};
}

// pec-scanner reads pec.toml, too, and must not be able to give away the ledger.
Reasons open_password(const Config& config) {
  if (config::without_password(config.ledger.connection) == config.ledger.connection) return {};
  return {
      "ledger.connection holds a password, and pec.toml is open to every program of ours: let "
      "PostgreSQL know the user pec by its name (peer), or write the password into a file of "
      "that user's with mode 0600 and name it with passfile="};
}

}  // namespace

std::vector<std::string> refusals(const Config& config, const Facts& facts) {
  Reasons all;
  for (auto&& some :
       {unfit_programs(facts), wrong_addresses(config, facts), lost_ordinary_mail(config, facts),
        taken_ports(config, facts), overridden_listen(config, facts),
        ordinary_domains(config, facts), missing_signatures(config, facts), open_password(config)})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

}  // namespace pec::pecctl
