// SPDX-License-Identifier: GPL-2.0-or-later

// The name of a provider's entry in the providers' directory (RFC 6109, 4.5.7), escaped by the
// rules for names of LDAP entries (RFC 4514).
//
//     provider_dn("PEC Alfa, S.p.A.", "")        // "providerName=PEC Alfa\, S.p.A.,o=postacert"
//     provider_dn("PEC Alfa", "Unit 2")          // "providerUnit=Unit 2,providerName=PEC Alfa,..."
//     names_in_dn("providerName=PEC Alfa,o=postacert")->name    // "PEC Alfa"
//
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pec::directory {

// `unit`: empty for the main entry.
std::string provider_dn(const std::string& name, const std::string& unit);

struct EntryNames {
  std::string name;
  std::string unit;  // empty: a main entry
};

// Nothing, if this is not the name of a provider's entry, or names a provider or unit twice.
std::optional<EntryNames> names_in_dn(std::string_view dn);

}  // namespace pec::directory
