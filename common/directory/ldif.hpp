// SPDX-License-Identifier: GPL-2.0-or-later

// LDIF (RFC 2849), content records only, as the providers' directory is published in. Lines are
// folded and unfolded, and values encoded and decoded, by libldap.
//
//     auto ldif = parse_ldif(text);
//     if (!ldif) return tl::unexpected(ldif.error());      // "line 12: ..."
//     for (const EntryView& entry : ldif->entries) use(entry.dn, entry.attributes);
//     auto same = parse_ldif(format_ldif(ldif->entries));
//
// Values given as URLs (`name:< file:///...`) are refused: a directory never makes us read other
// files. Pure; any thread.
#pragma once

#include "base/result.hpp"
#include "directory/entry.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pec::directory {

struct Ldif {
  std::unique_ptr<char[]> text;
  std::vector<EntryView> entries;  // views into `text`
};

// Error: bad_input, with the number of the line and what is wrong there.
Result<Ldif> parse_ldif(std::string_view text);

// An empty line between records; base64 for what isn't plain ASCII.
std::string format_ldif(const std::vector<EntryView>& entries);

}  // namespace pec::directory
