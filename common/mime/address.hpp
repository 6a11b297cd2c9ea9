// SPDX-License-Identifier: GPL-2.0-or-later

// Mail addresses in header fields and envelopes (RFC 5322, 3.4; RFC 5321, 4.1.2).
//
//     for (const Address& a : parse_addresses(header.find("To")->value)) ...
//
// Our own reader, not GMime's: that one drops what it can't read, so that a From field with one
// address and some garbage would count as good, and changes domains in A-label form (xn--...).
// Here every element of a list gives an address, valid or not, as it was written.
//
// Comparison follows the PEC rules (RFC 6109, 3.1.1 as this project reads it): without regard to
// case, in the domain and in the local part. `same_address("Bob@X.example", "bob@x.EXAMPLE")`.
//
// Errors: none; what is wrong with an address, is_valid_address() says. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec::mime {

struct Address {
  std::string display_name;  // UTF-8, decoded, on one line; may be empty
  std::string address;       // local@domain as written, without brackets, comments and idle blanks;
      // may be invalid: ask is_valid_address(). UTF-8 on one line in any case

  bool operator==(const Address&) const = default;
};

// All mailboxes of an address header's raw value, members of groups included, in order.
// What is no address at all gives an Address that is_valid_address() refuses.
std::vector<Address> parse_addresses(std::string_view raw_value);

// The same of a field that all readers take alike: a list of "local@domain" or "Name <local@domain>",
// each a plain_address(). Nothing if it is written in another way, or holds no address: with a group,
// a comment, a source route, an element without a domain, marks of the syntax in a name without quotes.
// Where parse_addresses() and a client may differ, whoever chose the words chose what each of them sees.
std::optional<std::vector<Address>> read_plain_addresses(std::string_view raw_value);

// A dot-atom or quoted local part (64 octets at most), "@", and a domain of at least two labels by
// the rules of host names (RFC 5321, 2.3.5), ASCII only: international domains as A-labels, no
// address literals. 254 octets at most.
bool is_valid_address(std::string_view address);

std::string_view domain_of(std::string_view address);      // after the last @; empty if none
std::string_view local_part_of(std::string_view address);  // before the last @

// An address of the SMTP envelope in the one form in which it is looked up, certified and logged:
// "local@domain" in its own case, without needless quotes and backslashes. Nothing if it is written in
// another way, which a mail server may still take for one: with a comment, a source route, a trailing
// dot, blanks, no domain, a quoted domain, or a second @ in its quotes. It need not be valid: a local
// part may be too long for that, and the domain an address literal.
std::optional<std::string> plain_address(std::string_view written);

// An address whose local part has lost its quotes gets them again, where it needs them: Postfix's
// policy service says `a b@x.example` of "a b"@x.example.
std::string with_quotes(std::string_view unquoted);

// The form for comparing and for keys: lower case, needless quotes of the local part removed.
std::string canonical_address(std::string_view address);
bool same_address(std::string_view a, std::string_view b);

}  // namespace pec::mime
