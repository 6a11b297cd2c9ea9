// SPDX-License-Identifier: GPL-2.0-or-later

// Mail addresses in header fields and envelopes (RFC 5322, 3.4; RFC 5321, 4.1.2).
//
//     for (const Address& a : parse_addresses(header.find("To")->value)) ...
//
// This is our own reader. GMime's drops what it can't read, so a From field with one address and
// some garbage would count as good. It also changes domains in A-label form (xn--...). Here every
// element of a list gives an address as it was written, valid or not.
//
// Comparison follows the PEC rules (RFC 6109, 3.1.1 as this project reads it): case counts neither
// in the domain nor in the local part. `same_address("Bob@X.example", "bob@x.EXAMPLE")`.
//
// Errors: none; is_valid_address() says whether an address is right. Pure functions, any thread.
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

// All mailboxes of an address header's raw value, members of groups included, in order. Text that
// is not an address gives an Address that is_valid_address() refuses.
std::vector<Address> parse_addresses(std::string_view raw_value);

// The same for a field that all readers take alike: a list of "local@domain" or "Name
// <local@domain>", each a plain_address(). Nothing if it holds no address, or is written otherwise:
// with a group, a comment, a source route, an element without a domain, or syntax marks in an
// unquoted name. If parse_addresses() and a client differed, the author of such a field would
// choose what each of them sees.
std::optional<std::vector<Address>> read_plain_addresses(std::string_view raw_value);

// A local part and a domain with "@" between. The local part is a dot-atom or quoted string of at
// most 64 octets. The domain has at least two labels by the rules of host names (RFC 5321, 2.3.5),
// in ASCII only: international domains as A-labels, no address literals. 254 octets at most.
bool is_valid_address(std::string_view address);

std::string_view domain_of(std::string_view address);      // after the last @; empty if none
std::string_view local_part_of(std::string_view address);  // before the last @

// An address of the SMTP envelope in the one form in which it is looked up, certified and logged:
// "local@domain" in its own case, without needless quotes and backslashes. Nothing if it is written
// otherwise, even if a mail server may accept it: with a comment, a source route, a trailing dot,
// blanks, no domain, a quoted domain, or a second @ in its quotes. It need not be valid: the local
// part may be too long, and the domain may be an address literal.
std::optional<std::string> plain_address(std::string_view written);

// Gives an address the quotes back that its local part needs and has lost. Postfix's policy service
// writes "a b"@x.example as `a b@x.example`.
std::string with_quotes(std::string_view unquoted);

// The form for comparing and for keys: lower case, needless quotes of the local part removed.
std::string canonical_address(std::string_view address);
bool same_address(std::string_view a, std::string_view b);

}  // namespace pec::mime
