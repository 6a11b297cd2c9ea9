// SPDX-License-Identifier: GPL-2.0-or-later

// The look-up tables that Postfix's settings name.
//
//     // "virtual_alias_maps = texthash:/etc/postfix-pec/pec-alias, ..."
//     for (const auto& table : tables_in(settings, {"texthash", "regexp"})) query(table);
//
// Pure; any thread.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pec::pecctl {

// `settings`: lines of "name = value", as postconf prints them. `types`: those of tables that can
// be asked. Each table once, in the order of the settings; with "proxy:" if the setting has it.
// Caches are left out: Postfix makes them when it needs them.
std::vector<std::string> tables_in(std::string_view settings,
                                   const std::set<std::string, std::less<>>& types);

}  // namespace pec::pecctl
