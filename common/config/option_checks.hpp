// SPDX-License-Identifier: GPL-2.0-or-later

// Checks of the text of options: one function for each sort of value, for the table of options
// (options.hpp).
//
//     // "is not an https URL; write one that begins with https://"
//     https_url("ftp://index.example")
//     https_url("https://index.example")   // ""
//
// Each returns what is wrong and how to correct it, to follow the option's name; empty: nothing is
// wrong.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace pec::config {

std::string anything(std::string_view value);
std::string not_empty(std::string_view value);
std::string no_control_characters(std::string_view value);

std::string field_name(std::string_view value);  // of a header; or empty
std::string milter_socket(std::string_view value);
std::string mail_domain(std::string_view value);
std::string host_name(std::string_view value);
std::string loopback_address(std::string_view value);  // with its port
std::string policy_address(std::string_view value);    // "unix:/PATH", "inet:127.0.0.1:PORT"
std::string clamd_address(std::string_view value);
std::string ledger_connection(std::string_view value);
std::string directory_source(std::string_view value);
std::string postfix_table(std::string_view value);  // of any type that Postfix has
std::string http_url(std::string_view value);
std::string ip_address(std::string_view value);    // IPv4, or IPv6 without brackets
std::string listener(std::string_view value);      // "PORT", "ADDRESS:PORT", "[IPv6]:PORT"
std::string user_name(std::string_view value);     // of the system, or of a database
std::string dovecot_size(std::string_view value);  // "1G"

// These accept an empty value, too, which means that there is none.
std::string https_url(std::string_view value);
std::string host_name_or_none(std::string_view value);
std::string mail_address_or_none(std::string_view value);
std::string loopback_address_or_none(std::string_view value);
std::string name_server(std::string_view value);
std::string postfix_map(std::string_view value);  // of a type that pecctl can replace as a whole
std::string service_mailbox(std::string_view value);  // mailReceipt (RFC 6109, 4.5.4)

// The value of ledger.connection with eight stars for each password in it: what may be shown.
std::string without_password(std::string_view connection);

}  // namespace pec::config
