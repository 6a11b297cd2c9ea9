// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/provider_dn.hpp"

#include "base/c_handle.hpp"
#include "base/text.hpp"

#include <array>
#include <ldap.h>
#include <new>
#include <tuple>

namespace pec::directory {

namespace {

// libldap takes pointers to non-const text that it does not change.
LDAPAVA value_of(const char* attribute, std::string& value) {
  LDAPAVA ava{};
  ava.la_attr = {std::char_traits<char>::length(attribute), const_cast<char*>(attribute)};
  ava.la_value = {value.size(), value.data()};
  ava.la_flags = LDAP_AVA_STRING;
  return ava;
}

// False: the name has this attribute twice.
bool take_once(std::string& field, const berval& value) {
  if (!field.empty()) return false;
  field = text::trim({value.bv_val, value.bv_len});
  return true;
}

}  // namespace

std::string provider_dn(const std::string& name, const std::string& unit) {
  std::string own_name = name, own_unit = unit, root = "postacert";
  auto unit_value = value_of("providerUnit", own_unit);
  auto name_value = value_of("providerName", own_name);
  auto root_value = value_of("o", root);
  std::array<LDAPAVA*, 2> unit_rdn{&unit_value, nullptr}, name_rdn{&name_value, nullptr},
      root_rdn{&root_value, nullptr};
  std::array<LDAPRDN, 4> dn{unit_rdn.data(), name_rdn.data(), root_rdn.data(), nullptr};
  char* out = nullptr;
  if (ldap_dn2str(unit.empty() ? &dn[1] : dn.data(), &out, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS)
    throw std::bad_alloc();
  return CHandle<char, ldap_memfree>(out).get();
}

std::optional<EntryNames> names_in_dn(std::string_view dn) {
  LDAPDN parsed = nullptr;
  if (ldap_str2dn(std::string(dn).c_str(), &parsed, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS ||
      !parsed)
    return std::nullopt;
  const CHandle<LDAPRDN, ldap_dnfree> handle(parsed);
  EntryNames names;
  for (auto rdn = parsed; *rdn != nullptr; ++rdn)
    for (auto ava = *rdn; *ava != nullptr; ++ava) {
      const auto& [attribute, value] = std::tie((*ava)->la_attr, (*ava)->la_value);
      const std::string_view type(attribute.bv_val, attribute.bv_len);
      if (text::equals_ignoring_case(type, "providerName") && !take_once(names.name, value))
        return std::nullopt;
      if (text::equals_ignoring_case(type, "providerUnit") && !take_once(names.unit, value))
        return std::nullopt;
    }
  if (names.name.empty()) return std::nullopt;
  return names;
}

}  // namespace pec::directory
