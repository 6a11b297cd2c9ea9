// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/role.hpp"

#include "base/name_table.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

namespace pec::milter {

namespace {

constexpr std::string_view prefix = "pec-";

constexpr NameTable<Role, 5> daemon_names{{
    {Role::access, "pec-access"},
    {Role::incoming, "pec-incoming"},
    {Role::sieve, "pec-sieve"},
    {Role::receipts, "pec-receipts"},
    {Role::bounces, "pec-bounces"},
}};

}  // namespace

Result<Role> role_of(std::string_view daemon_name) {
  if (const auto role = value_in(daemon_names, daemon_name)) return *role;
  return internal_error(
      fmt::format("unknown daemon name \"{}\": set milter_macro_daemon_name in master.cf to "
                  "pec-access, pec-incoming, pec-sieve, pec-receipts or pec-bounces",
                  text::printable(daemon_name)));
}

std::string_view daemon_name_of(Role role) {
  return name_in(daemon_names, role);
}

std::string_view name_of(Role role) {
  return daemon_name_of(role).substr(prefix.size());
}

}  // namespace pec::milter
