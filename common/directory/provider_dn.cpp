#include "directory/provider_dn.hpp"

#include "base/c_handle.hpp"

#include <array>
#include <ldap.h>
#include <new>

namespace pec::directory {

namespace {

// libldap takes pointers to what it doesn't change.
LDAPAVA value_of(const char* attribute, std::string& value) {
  LDAPAVA ava{};
  ava.la_attr = {std::char_traits<char>::length(attribute), const_cast<char*>(attribute)};
  ava.la_value = {value.size(), value.data()};
  ava.la_flags = LDAP_AVA_STRING;
  return ava;
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

}  // namespace pec::directory
