// SPDX-License-Identifier: GPL-2.0-or-later

// Addresses (common/mime/address.hpp): sender and recipients decide whether a message is certified.
//
// Input: the raw value of an address field.
// - Read text is UTF-8 on one line. A valid address holds nothing but an address: in brackets or
//   bare, it reads as itself.
// - Comparison is an equality: an address equals its canonical form, and has no other one.
// - Of the envelope's forms of an address only one is accepted, and it is plain itself.
// - An element that can't be read is not dropped: with a good address behind it, the list is
//   longer.
#include "fuzz/property.hpp"
#include "mime/address.hpp"
#include "mime/encoded_word.hpp"

#include <string>

using namespace pec::mime;
using pec::fuzz::must_hold;
using pec::fuzz::on_one_line;

namespace {

void check_valid(const std::string& address) {
  for (const std::string& form : {address, "<" + address + ">", "Name <" + address + ">"}) {
    const auto again = parse_addresses(form);
    must_hold(again.size() == 1 && again.front().address == address,
              "a valid address reads as itself");
  }
  must_hold(address.find_first_of("\r\n") == std::string::npos && address.size() <= 254,
            "a valid address is short and on one line");
  must_hold(std::string(local_part_of(address)) + "@" + std::string(domain_of(address)) == address,
            "an address is its local part and its domain");

  const std::string canonical = canonical_address(address);
  must_hold(is_valid_address(canonical), "the canonical form of a valid address is valid");
  must_hold(canonical_address(canonical) == canonical, "the canonical form has no other");
  must_hold(same_address(address, canonical), "the canonical form is the same address");
}

void check_plain(const std::string& written) {
  const auto plain = plain_address(written);
  if (!plain) return;
  must_hold(plain_address(*plain) == plain, "a plain address is plain");
  must_hold(same_address(*plain, written), "the plain form is the same address");
  must_hold(plain->find_first_of(" \t\r\n(),;<>", plain->rfind('@')) == std::string::npos,
            "a plain domain is nothing but a domain");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string value(pec::fuzz::text_of(data, size));
  check_plain(value);
  const auto addresses = parse_addresses(value);
  for (const Address& each : addresses) {
    check_plain(each.address);
    must_hold(is_utf8(each.address) && on_one_line(each.address),
              "an address is UTF-8 on one line");
    must_hold(is_utf8(each.display_name) && on_one_line(each.display_name),
              "a display name is UTF-8 on one line");
    if (is_valid_address(each.address)) check_valid(each.address);
  }

  const Address last{"", "bruno@pec.beta.example"};
  if (value.find_first_of("\"(<\\") != std::string::npos) return 0;  // may reach to the end
  auto expected = addresses;
  expected.push_back(last);
  must_hold(parse_addresses(value + ", " + last.address) == expected,
            "an address behind a list is one more, and changes none");
  return 0;
}
