// LDIF (RFC 2849), content records only, as the providers' directory is published in. Lines are
// unfolded and values decoded by libldap.
//
//     auto ldif = parse_ldif(text);
//     if (!ldif) return tl::unexpected(ldif.error());      // "line 12: ..."
//     for (const LdifEntryView& entry : ldif->entries) use(entry.dn, entry.attributes);
//
// Values given as URLs (`name:< file:///...`) are refused: a directory never makes us read other
// files. Pure; any thread.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace pec::directory {

// The views are into Ldif::text.
struct LdifAttributeView {
  std::string_view name;   // as written, without options (";binary")
  std::string_view value;  // decoded if it was base64
};

struct LdifEntryView {
  std::string_view dn;
  std::vector<LdifAttributeView> attributes;  // in their order
};

struct Ldif {
  std::unique_ptr<char[]> text;
  std::vector<LdifEntryView> entries;
};

// Error: bad_input, with the number of the line and what is wrong there.
Result<Ldif> parse_ldif(std::string_view text);

}  // namespace pec::directory
