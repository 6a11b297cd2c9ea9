// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/questions.hpp"

#include "base/text.hpp"
#include "config/options.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec::pecctl {

namespace {

std::string example_of(std::string_view key) {
  const auto all = config::options();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& option) { return option.key() == key; });
  return found == all.end() ? "" : std::string(found->value);
}

std::string domain(const Known& known) {
  return text::lower(known.answer("provider.domain"));
}

// A file that the documents name, if it is there.
std::string if_there(const Known& known, std::string_view key) {
  const auto file = example_of(key);
  return known.exists(file) ? file : "";
}

// Of a trial alone: a real domain is the administrator's to say.
std::string trial_domain(const Known& known) {
  if (!known.trial) return "";
  auto name = text::lower(known.facts.host_name);
  if (const auto dot = name.find('.');
      dot != std::string::npos && name.find('.', dot + 1) != std::string::npos)
    name.erase(0, dot + 1);
  if (name.find('.') == std::string::npos) return "pec.prova.example";
  return name.starts_with("pec.") ? name : "pec." + name;
}

std::string trial_name(const Known& known) {
  return known.trial ? "Prova " + domain(known) : "";
}

std::string host_name(const Known& known) {
  const auto ours = domain(known);
  const auto name = text::lower(known.facts.host_name);
  return name == ours || name.ends_with("." + ours) ? name : "mx." + ours;
}

std::string addresses(const Known& known) {
  return text::join(free_addresses(known.facts), " ");
}

std::string about_addresses(const Known& known) {
  if (known.facts.addresses.empty())
    return "This host has no address but loopback: give it one that other hosts can reach.";
  if (!free_addresses(known.facts).empty()) return "";
  return fmt::format(
      "This host's Postfix takes ordinary mail at all of its addresses ({}). Certified mail needs "
      "an address of its own: one of IPv4, and one of IPv6 if the host has that. Add it to the "
      "host, such as by \"ip address add 192.0.2.8/24 dev eth0\" for now and in "
      "/etc/network/interfaces for each start.",
      text::join(known.facts.addresses, ", "));
}

// certbot's folder.
std::string of_certbot(const Known& known, std::string_view name) {
  const auto file =
      fmt::format("/etc/letsencrypt/live/{}/{}", text::lower(known.answer("site.host_name")), name);
  return known.exists(file) ? file : "";
}

std::string tls_certificate(const Known& known) {
  return of_certbot(known, "fullchain.pem");
}

std::string tls_key(const Known& known) {
  return of_certbot(known, "privkey.pem");
}

std::string revocation_lists(const Known&) {
  return "/var/lib/pec/crl.pem";
}

// A mailbox that set-up makes is in a domain of ours.
std::string not_ours(const Known& known, const std::string& address) {
  const auto ours = domain(known);
  const auto is_in = [&](const std::string& name) {
    return text::ends_with_ignoring_case(address, "@" + name);
  };
  const auto& units = known.answers.units;
  const bool good = is_in(ours) || std::any_of(units.begin(), units.end(), [&](const auto& unit) {
                      const auto found = unit.find("domain");
                      return found != unit.end() && is_in(found->second);
                    });
  return good ? "" : fmt::format("is not in {}; write a mailbox in this domain", ours);
}

std::string operators_mailbox(const Known& known) {
  return "gestione@" + domain(known);
}

std::string service_mailbox(const Known& known) {
  return "ricevute@" + domain(known);
}

constexpr Question rows[] = {
    {"provider.domain", "--domain",
     "The mail domain of certified mail, with no ordinary mail in it (for example "
     "pec.alfa.example)",
     trial_domain},
    {"provider.name", "--provider-name",
     "The provider's name, exactly as the providers' directory has it; receipts show it (for "
     "example PEC Alfa S.p.A.)",
     trial_name},
    {"site.host_name", "--host-name",
     "This host's name for mail programs and for other mail hosts, as its TLS certificate has it "
     "(for example mx.pec.alfa.example)",
     host_name},
    {"site.addresses", "--addresses",
     "This host's addresses for certified mail, IPv4 and IPv6, with blanks between them (for "
     "example 192.0.2.8 2001:db8::8)",
     addresses, true, about_addresses},
    {"site.tls_certificate_file", "--tls-certificate",
     "The file with this host's TLS certificate and then its chain, PEM (for example "
     "/etc/letsencrypt/live/mx.pec.alfa.example/fullchain.pem)",
     tls_certificate},
    {"site.tls_key_file", "--tls-key",
     "The file with the private key of that TLS certificate, PEM without passphrase (for example "
     "/etc/letsencrypt/live/mx.pec.alfa.example/privkey.pem)",
     tls_key},
    {"provider.certificate_file", "--certificate",
     "The file with the provider's signing certificate, which is for posta-certificata@ the "
     "domain, and then its chain, PEM (for example /etc/pec/provider.crt)",
     [](const Known& known) { return if_there(known, "provider.certificate_file"); }},
    {"provider.key_file", "--key",
     "The file with the private key of the signing certificate, PEM without passphrase (for "
     "example /etc/pec/provider.key)",
     [](const Known& known) { return if_there(known, "provider.key_file"); }},
    {"trust.ca_file", "--authorities",
     "The file with the authorities that issue the signing certificates of all providers, PEM "
     "(for example /etc/pec/trusted-cas.pem)",
     [](const Known& known) { return if_there(known, "trust.ca_file"); }},
    {"trust.crl_file", "--revocation-lists",
     "The file that \"pecctl crl update\" keeps the lists of revoked certificates in (for example "
     "/var/lib/pec/crl.pem)",
     revocation_lists, true},
    {"directory.source", "--directory",
     "Where the providers' directory is read from: \"ldif:\" and a file, or an LDAP server (for "
     "example ldif:/var/lib/pec/directory.ldif)",
     [](const Known&) { return example_of("directory.source"); }},
    {"site.operators_mailbox", "--operators-mailbox",
     "A mailbox here that people read: it gets the mail for postmaster@, and receipts that came "
     "back (for example gestione@pec.alfa.example)",
     operators_mailbox, false, nullptr, not_ours},
    {"provider.service_mailbox", "--service-mailbox",
     "The mailbox here that other providers send their receipts to, as the directory names it (for "
     "example ricevute@pec.alfa.example)",
     service_mailbox, false, nullptr, not_ours},
    {"ledger.connection", "--ledger",
     "The database of the message log: a file of SQLite, or PostgreSQL if there are several hosts "
     "(for example postgresql://pec@db.alfa.example/pec)",
     [](const Known&) { return example_of("ledger.connection"); }},
};

}  // namespace

std::string Known::answer(const std::string& of) const {
  const auto found = answers.options.find(of);
  return found == answers.options.end() ? example_of(of) : found->second;
}

std::span<const Question> questions() {
  return rows;
}

}  // namespace pec::pecctl
