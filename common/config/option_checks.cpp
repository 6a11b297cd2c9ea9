// SPDX-License-Identifier: GPL-2.0-or-later

#include "config/option_checks.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstdint>

namespace pec::config {

namespace {

bool is_port(std::string_view s) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), port);
  return error == std::errc{} && end == s.data() + s.size() && port >= 1 && port <= 65535;
}

// "HOST" or "HOST:PORT", the host by name or IPv4 address: what certificates are made for.
bool is_host(std::string_view value) {
  const auto host = value.substr(0, value.find(':'));
  const auto is_host_letter = [](char c) {
    const char low = text::lower(c);
    return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !host.empty() && std::all_of(host.begin(), host.end(), is_host_letter) &&
         (host.size() == value.size() || is_port(value.substr(host.size() + 1)));
}

bool is_ipv4(std::string_view value) {
  const auto is_byte = [](std::string_view s) {
    std::uint8_t byte = 0;
    const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), byte);
    return error == std::errc{} && end == s.data() + s.size();
  };
  const auto bytes = text::split(value, '.');
  return bytes.size() == 4 && std::all_of(bytes.begin(), bytes.end(), is_byte);
}

}  // namespace

std::string not_empty(std::string_view value) {
  return text::trim(value).empty() ? "is empty; write a value or leave the line out" : "";
}

// Header field names: not all that RFC 5322, 2.2 allows, but all that are in use.
std::string field_name(std::string_view value) {
  const bool good = std::all_of(value.begin(), value.end(), [](char c) {
    const char low = text::lower(c);
    return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  return good ? "" : "is not the name of a header field; write one such as X-Spam-Level";
}

// libmilter allows more addresses. Those refused here would listen on every interface, or depend on
// the working directory.
std::string milter_socket(std::string_view value) {
  for (const std::string_view scheme : {"unix:", "local:"})
    if (value.starts_with(scheme) && value.substr(scheme.size()).starts_with('/')) return "";
  for (const std::string_view scheme : {"inet:", "inet6:"}) {
    if (!value.starts_with(scheme)) continue;
    const auto port = value.substr(scheme.size(), value.find('@') - scheme.size());
    const bool has_host = value.find('@') < value.size() - 1;
    if (is_port(port) && has_host) return "";
  }
  return "is not a milter socket; write inet:PORT@HOST or unix:/PATH";
}

// Host name rules (RFC 5321, 2.3.5), two labels at least.
std::string mail_domain(std::string_view value) {
  const auto is_label = [](std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), [](char c) {
             const char low = text::lower(c);
             return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
  };
  const auto labels = text::split(value, '.');
  const bool good = value.size() <= 253 && labels.size() >= 2 &&
                    std::all_of(labels.begin(), labels.end(), is_label);
  return good ? "" : "is not a mail domain; write one such as pec.alfa.example";
}

std::string ledger_connection(std::string_view value) {
  constexpr std::string_view file = "sqlite3:///", server = "postgresql://";
  const bool good = (value.starts_with(file) && !value.ends_with('/')) ||
                    (value.starts_with(server) &&
                     value.substr(server.size()).find('/') != std::string_view::npos);
  return good ? ""
              : "is not a ledger; write sqlite3:// and the absolute path of the database file, or "
                "postgresql://HOST/DATABASE";
}

// The parts are those that libpq finds: postgresql://USER:PASSWORD@HOST/DATABASE?password=PASSWORD.
std::string without_password(std::string_view connection) {
  constexpr std::string_view server = "postgresql://", stars = "********";
  if (!connection.starts_with(server)) return std::string(connection);
  std::string out(server);
  auto rest = connection.substr(server.size());
  if (const auto at = rest.substr(0, rest.find('/')).rfind('@'); at != std::string_view::npos) {
    const auto user = rest.substr(0, at);
    const auto colon = std::min(user.find(':'), user.size());
    out += user.substr(0, colon);
    if (colon < user.size()) out.append(":").append(stars);
    rest.remove_prefix(at);
  }
  const auto query = std::min(rest.find('?'), rest.size());
  out += rest.substr(0, query);
  if (query == rest.size()) return out;
  std::vector<std::string> parameters;
  for (const auto parameter : text::split(rest.substr(query + 1), '&')) {
    const auto equals = std::min(parameter.find('='), parameter.size());
    const auto name = parameter.substr(0, equals);
    // A name with % may be any: libpq decodes it.
    const bool secret = equals < parameter.size() &&
                        (name.find("password") != name.npos || name.find('%') != name.npos);
    parameters.push_back(secret ? std::string(name).append("=").append(stars)
                                : std::string(parameter));
  }
  return out + "?" + text::join(parameters, "&");
}

std::string anything(std::string_view) {
  return "";
}

// Plain ldap:// is refused: anybody on the network could change who is certified.
std::string directory_source(std::string_view value) {
  constexpr std::string_view file = "ldif:/", server = "ldaps://", local = "ldapi://%2F";
  const bool good = (value.starts_with(file) && !value.ends_with('/')) ||
                    (value.starts_with(server) && is_host(value.substr(server.size()))) ||
                    (value.starts_with(local) && value.size() > local.size() &&
                     value.substr(local.size()).find('/') == std::string_view::npos);
  return good ? ""
              : "is not a source of the directory; write ldif:/PATH, ldaps://HOST, or ldapi:// and "
                "the "
                "path of the server's socket with %2F for each /";
}

std::string clamd_address(std::string_view value) {
  if (value.starts_with('/')) return "";
  const auto colon = value.rfind(':');
  const bool good =
      colon != std::string_view::npos && colon > 0 && is_port(value.substr(colon + 1));
  return good ? "" : "is not an address of clamd; write /PATH of its socket, or HOST:PORT";
}

// 127.0.0.0/8, the addresses that Postfix's part of the configuration accepts.
std::string loopback_address(std::string_view value) {
  const auto colon = std::min(value.rfind(':'), value.size());
  const bool good = value.starts_with("127.") && is_ipv4(value.substr(0, colon)) &&
                    colon < value.size() && is_port(value.substr(colon + 1));
  return good ? "" : "is not a loopback address; write 127.0.0.1:PORT";
}

std::string loopback_address_or_none(std::string_view value) {
  return value.empty() ? "" : loopback_address(value);
}

// TCP is for this host's Postfix alone: any client could learn which mailboxes are blocked.
std::string policy_address(std::string_view value) {
  constexpr std::string_view local = "unix:", inet = "inet:";
  const bool good =
      (value.starts_with(local) && value.substr(local.size()).starts_with('/')) ||
      (value.starts_with(inet) && loopback_address(value.substr(inet.size())).empty());
  return good ? "" : "is not an address to listen on; write unix:/PATH or inet:127.0.0.1:PORT";
}

std::string ip_address(std::string_view value) {
  in6_addr octets{};
  const bool good = is_ipv4(value) || inet_pton(AF_INET6, std::string(value).c_str(), &octets) == 1;
  return good ? "" : "is not an IP address; write one such as 192.0.2.1 or 2001:db8::1";
}

std::string listener(std::string_view value) {
  const auto colon = value.rfind(':');
  auto address = value.substr(0, std::min(colon, value.size()));
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  const bool good = colon == std::string_view::npos
                        ? is_port(value)
                        : ip_address(address).empty() && is_port(value.substr(colon + 1));
  return good ? "" : "is not a port; write one such as 465, or ADDRESS:PORT";
}

std::string user_name(std::string_view value) {
  const bool good =
      !value.empty() && value.size() <= 32 && std::all_of(value.begin(), value.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
      });
  return good ? "" : "is not the name of a user; write small letters, digits, \"-\" and \"_\"";
}

std::string dovecot_size(std::string_view value) {
  const auto digits = value.substr(0, value.find_first_not_of("0123456789"));
  const auto unit = value.substr(digits.size());
  const bool good =
      text::number(digits).value_or(0) > 0 && (unit == "M" || unit == "G" || unit == "T");
  return good ? "" : "is not a size; write one such as 500M or 1G";
}

std::string http_url(std::string_view value) {
  return value.starts_with("http://") ? ""
                                      : "is not an http URL; write one that begins with http://";
}

std::string host_name(std::string_view value) {
  return mail_domain(value).empty() ? "" : "is not a host name; write one such as mx.alfa.example";
}

std::string host_name_or_none(std::string_view value) {
  return value.empty() ? "" : host_name(value);
}

std::string mail_address_or_none(std::string_view value) {
  const bool good = value.empty() || mime::is_valid_address(value);
  return good ? "" : "is not a mail address; write one like gestione@pec.alfa.example";
}

// The address of a name server, by IPv4.
std::string name_server(std::string_view value) {
  const auto colon = value.rfind(':');
  const bool good =
      value.empty() || (colon != std::string_view::npos && is_ipv4(value.substr(0, colon)) &&
                        is_port(value.substr(colon + 1)));
  return good ? "" : "is not a name server; write its ADDRESS:PORT, such as 127.0.0.1:53";
}

std::string https_url(std::string_view value) {
  constexpr std::string_view scheme = "https://";
  const bool good = value.empty() || (value.starts_with(scheme) && value.size() > scheme.size() &&
                                      value.find(' ') == std::string_view::npos);
  return good ? "" : "is not an https URL; write one that begins with https://";
}

std::string postfix_map(std::string_view value) {
  for (const std::string_view type : {"texthash:", "hash:", "btree:", "cdb:"})
    if (value.starts_with(type) && value.substr(type.size()).starts_with('/') &&
        !value.ends_with('/'))
      return "";
  return value.empty()
             ? ""
             : "is not a table of Postfix; write texthash:, hash:, btree: or cdb: and /PATH";
}

std::string postfix_table(std::string_view value) {
  const auto colon = value.find(':');
  const bool good = colon != std::string_view::npos && colon > 0 && colon + 1 < value.size() &&
                    !value.ends_with(',') && value.find('$') == std::string_view::npos;
  return good ? ""
              : "is not a table of Postfix; write its type and its name, such as "
                "lmdb:/etc/pec/postfix/aliases";
}

std::string service_mailbox(std::string_view value) {
  // A quoted local part is a good address, but not one that mailReceipt may hold.
  const bool good =
      value.empty() || (mime::is_valid_address(value) && value.find('"') == std::string_view::npos);
  return good ? "" : "is not a service mailbox; write one like ricevute@pec.alfa.example";
}

std::string no_control_characters(std::string_view value) {
  return text::is_printable(value) ? "" : "holds a control character; remove it";
}

}  // namespace pec::config
