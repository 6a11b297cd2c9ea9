// SPDX-License-Identifier: GPL-2.0-or-later

// LDIF (RFC 2849), content records only, the format in which the providers' directory is published.
// libldap folds and unfolds lines, and encodes and decodes values.
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

// Error: bad_input, with the number of the line and its flaw.
Result<Ldif> parse_ldif(std::string_view text);

// Puts an empty line between records, and writes values in base64 that are not plain ASCII.
std::string format_ldif(const std::vector<EntryView>& entries);

}  // namespace pec::directory
