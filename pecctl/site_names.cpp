// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/site_names.hpp"

#include "base/text.hpp"
#include "ledger/database.hpp"
#include "ledger/postgresql_database.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace pec::pecctl {

namespace {

using config::Accounts;
using config::Config;
using Problems = std::vector<std::string>;

// Postfix and Dovecot expand "$", end a value at a blank or a "#", and have quotes of their own. No
// value of a site needs these.
bool is_plain(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-/+@:=%[],").find(c) != std::string_view::npos;
  });
}

// libmilter writes "inet:PORT@HOST", Postfix "inet:HOST:PORT".
std::string for_postfix(const std::string& milter_socket) {
  const auto at = milter_socket.find('@');
  if (!milter_socket.starts_with("inet") || at == std::string::npos) return milter_socket;
  const auto colon = milter_socket.find(':');
  return fmt::format("inet:{}:{}", milter_socket.substr(at + 1),
                     milter_socket.substr(colon + 1, at - colon - 1));
}

std::string joined_domains(const Config& config) {
  std::vector<std::string> domains;
  for (const auto& us : config.identities()) domains.push_back(text::lower(us.domain));
  return text::join(domains, ", ");
}

// A secondary unit's signing address and postmaster: README.md, "Addresses, aliases, units".
std::string unit_aliases(const Config& config) {
  std::string lines;
  for (const auto& unit : config.units)
    lines += fmt::format("posta-certificata@{0}   {1}\npostmaster@{0}   {2}\n", unit.domain,
                         unit.service_mailbox, config.site.operators_mailbox);
  return lines;
}

std::string service_mailboxes(const Config& config) {
  std::vector<std::string> quoted;
  for (const auto& us : config.identities())
    quoted.push_back(fmt::format("'{}'", text::lower(us.service_mailbox)));
  return text::join(quoted, ", ");
}

// "*, ::" are Dovecot's words for all addresses of the host.
std::string dovecot_listen(const std::vector<std::string>& addresses) {
  return addresses.empty() ? "*, ::" : text::join(addresses, ", ");
}

std::string postfix_interfaces(const std::vector<std::string>& addresses) {
  return addresses.empty() ? "all" : text::join(addresses, ", ");
}

// The names that depend on the kind of the ledger: where it is, and the tables that read it.
Result<void> add_ledger(Names& names, const Config& config, const ReaderPasswords& passwords) {
  const auto& site = config.site;
  PEC_TRY(const auto file, ledger::Database::file_of(config.ledger.connection));
  const auto server = file ? std::nullopt : ledger::postgresql_server(config.ledger.connection);
  const auto* kind = file ? "sqlite" : "pgsql";
  const auto table = [&](std::string_view name) {
    return fmt::format("{}{}:$config_directory/pec-{}-{}.cf", file ? "" : "proxy:", kind, name,
                       kind);
  };
  names["LEDGER_FILE"] = file.value_or("");
  names["LEDGER_DATABASE"] = server ? server->database : "";
  const auto port = server && !server->port.empty() ? ":" + server->port : "";
  names["LEDGER_HOSTS"] = server ? server->host + port : "";
  names["LEDGER_HOST_AND_PORT"] =
      server ? fmt::format("host={}{}", server->host, port.empty() ? "" : " port=" + server->port)
             : "";
  names["LEDGER_READER"] = site.ledger_reader;
  names["LEDGER_READER_PASSWORD"] = passwords.postfix;
  names["ACCOUNTS_READER"] = site.accounts_reader;
  names["ACCOUNTS_READER_PASSWORD"] = passwords.dovecot;
  names["REVOKED_MAPS"] = table("revoked");
  names["MAILBOX_MAPS"] =
      site.accounts == Accounts::ledger ? table("mailboxes") : text::join(site.mailbox_maps, ", ");
  names["ACCOUNTS_SQL"] =
      (site.dovecot_dir / fmt::format("pec-accounts-{}.conf.ext", kind)).string();
  names["ACCOUNTS_INCLUDE"] =
      site.accounts == Accounts::ledger ? "!include 98-pec-accounts.conf" : "";
  return {};
}

Problems missing_options(const Config& config) {
  const auto& site = config.site;
  Problems problems;
  const auto require = [&](bool given, std::string_view key, std::string_view example) {
    if (!given)
      problems.push_back(fmt::format("{} is missing; write it, such as \"{}\"", key, example));
  };
  require(!site.host_name.empty(), "site.host_name", "mx." + config.provider.domain);
  require(!site.tls_certificate_file.empty(), "site.tls_certificate_file", "/etc/ssl/certs/mx.pem");
  require(!site.tls_key_file.empty(), "site.tls_key_file", "/etc/ssl/private/mx.key");
  require(!site.operators_mailbox.empty(), "site.operators_mailbox",
          "gestione@" + config.provider.domain);
  require(site.accounts == Accounts::ledger || !site.mailbox_maps.empty(), "site.mailbox_maps",
          "lmdb:/etc/pec/postfix/mailboxes");
  for (const auto& us : config.identities())
    require(!us.service_mailbox.empty(),
            us.unit.empty() ? "provider.service_mailbox"
                            : fmt::format("service_mailbox of unit \"{}\"", us.unit),
            "ricevute@" + us.domain);
  return problems;
}

// What the names are made of, with the option that gives it.
Problems values_that_change(const Config& config, const ReaderPasswords& passwords) {
  const auto& site = config.site;
  std::vector<std::pair<std::string, std::string>> values{
      {"site.host_name", site.host_name},
      {"site.tls_certificate_file", site.tls_certificate_file.string()},
      {"site.tls_key_file", site.tls_key_file.string()},
      {"site.tls_ca_file", site.tls_ca_file.string()},
      {"site.operators_mailbox", site.operators_mailbox},
      {"site.mail_root", site.mail_root.string()},
      {"site.postfix_queue", site.postfix_queue.string()},
      {"site.postfix_data", site.postfix_data.string()},
      {"site.dovecot_dir", site.dovecot_dir.string()},
      {"site.dovecot_run", site.dovecot_run.string()},
      {"site.ledger_reader_password_file", passwords.postfix},
      {"site.accounts_reader_password_file", passwords.dovecot},
      {"milter.socket", config.milter.socket},
      {"policy.listen", text::join(config.policy.listen, ",")},
      {"internal.delivery_secret_file", config.internal.delivery_secret_file.string()},
      {"directory_sync.tls_policy_map", config.directory_sync.tls_policy_map},
      {"aliases.tables", text::join(config.aliases.tables, ",")},
      {"site.mailbox_maps", text::join(site.mailbox_maps, ",")},
      {"site.transport_maps", text::join(site.transport_maps, ",")},
  };
  for (const auto& us : config.identities()) {
    values.emplace_back("domain", us.domain);
    values.emplace_back("service_mailbox", us.service_mailbox);
  }
  if (const auto file = ledger::Database::file_of(config.ledger.connection); file && *file)
    values.emplace_back("ledger.connection", **file);
  if (const auto server = ledger::postgresql_server(config.ledger.connection))
    values.emplace_back("ledger.connection", server->host + server->port + server->database);
  Problems problems;
  for (const auto& [key, value] : values)
    if (!is_plain(value))
      problems.push_back(fmt::format(
          "{}: {} would not reach Postfix and Dovecot as it is; use letters, digits and "
          "\"._-/+@:=%[]\"",
          key,
          key.ends_with("password_file") ? "the password" : '"' + text::printable(value) + '"'));
  return problems;
}

}  // namespace

std::string port_of(std::string_view listener) {
  return std::string(listener.substr(listener.rfind(':') + 1));
}

Result<Names> site_names(const Config& config, const ReaderPasswords& passwords) {
  auto problems = missing_options(config);
  if (problems.empty()) problems = values_that_change(config, passwords);
  if (!problems.empty()) return bad_input(text::join(problems, "\n"));
  const auto& site = config.site;
  const auto& receipts = config.internal.receipts_address;
  Names names{
      {"HOSTNAME", site.host_name},
      {"PROVIDER_DOMAIN", config.provider.domain},
      {"SERVICE_MAILBOX", config.provider.service_mailbox},
      {"OPERATORS_MAILBOX", site.operators_mailbox},
      {"UNIT_ALIASES", unit_aliases(config)},
      {"MANAGED_DOMAINS", joined_domains(config)},
      {"SITE_ALIAS_MAPS", text::join(config.aliases.tables, ", ")},
      {"SITE_TRANSPORT_MAPS", text::join(site.transport_maps, ", ")},
      {"INTERFACES", postfix_interfaces(site.addresses)},
      {"LISTEN", dovecot_listen(site.addresses)},
      {"SMTPS", site.smtps},
      {"SUBMISSION", site.submission},
      {"MX", site.mx},
      {"SUBMISSION_PORTS", port_of(site.smtps) + ", " + port_of(site.submission)},
      {"SIEVE_SUBMISSION", site.sieve_submission},
      {"RECEIPTS_ADDRESS", receipts},
      {"RECEIPTS_HOST", receipts.substr(0, receipts.rfind(':'))},
      {"RECEIPTS_PORT", port_of(receipts)},
      {"MILTER", for_postfix(config.milter.socket)},
      {"POLICY", config.policy.listen.empty() ? "" : config.policy.listen.front()},
      {"TLS_CERTIFICATE_FILE", site.tls_certificate_file.string()},
      {"TLS_KEY_FILE", site.tls_key_file.string()},
      {"TLS_CA_FILE", site.tls_ca_file.string()},
      {"TLS_POLICY_MAPS", config.directory_sync.tls_policy_map},
      {"IMAPS_PORT", std::to_string(site.imaps_port)},
      {"POP3S_PORT", std::to_string(site.pop3s_port)},
      {"MANAGESIEVE_PORT", std::to_string(site.managesieve_port)},
      {"MANAGESIEVE_INCLUDE", site.managesieve_port ? "!include pec-managesieve.conf.ext" : ""},
      {"LOGINS_ADDRESS", config.policy.logins_listen},
      {"LOGINS_INCLUDE", config.policy.logins_listen.empty() ? "" : "!include pec-logins.conf.ext"},
      {"POSTFIX_QUEUE", site.postfix_queue.string()},
      {"POSTFIX_DATA", site.postfix_data.string()},
      {"DOVECOT_RUN", site.dovecot_run.string()},
      {"MAILBOX_QUOTA", site.mailbox_quota},
      {"PEC_USER", site.user},
      {"SPAM_SCRIPT", (site.dovecot_dir / "pec-spam.sieve").string()},
      {"DELIVERY_SECRET_FILE", config.internal.delivery_secret_file.string()},
      {"MAIL_USER", site.mail_user},
      {"MAIL_GROUP", site.mail_user},
      {"MAIL_ROOT", site.mail_root.string()},
      {"READ_ONLY_ACL", (site.dovecot_dir / "pec-read-only.acl").string()},
      {"SERVICE_MAILBOXES", service_mailboxes(config)},
      {"SERVICE_KEEP_DAYS", std::to_string(site.service_keep_days)},
  };
  PEC_TRY_VOID(add_ledger(names, config, passwords));
  return names;
}

Result<std::string> render(std::string_view text, const Names& names) {
  std::string out;
  while (!text.empty()) {
    const auto at = text.find('@');
    out += text.substr(0, at);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + 1);
    const auto end = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    if (end == 0 || end == std::string_view::npos || text[end] != '@') {  // an @ of its own
      out += '@';
      continue;
    }
    const auto name = text.substr(0, end);
    const auto value = names.find(name);
    if (value == names.end())
      return bad_input(fmt::format("the template holds @{}@, which has no value", name));
    out += value->second;
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace pec::pecctl
