// SPDX-License-Identifier: GPL-2.0-or-later

// LDIF (common/directory/ldif.hpp) and the providers' directory made of it.
//
// Input: LDIF.
// - Entries point into the text that was kept, and printed they read the same.
// - A directory finds each of its domains with the provider that names it.
#include "directory/ldif.hpp"
#include "directory/providers_directory.hpp"
#include "fuzz/property.hpp"

#include <algorithm>
#include <string>

using namespace pec::directory;
using pec::fuzz::must_hold;

namespace {

bool same(const EntryView& a, const EntryView& b) {
  return a.dn == b.dn &&
         std::equal(a.attributes.begin(), a.attributes.end(), b.attributes.begin(),
                    b.attributes.end(), [](const AttributeView& x, const AttributeView& y) {
                      return x.name == y.name && x.value == y.value;
                    });
}

void check_directory(std::string_view ldif) {
  const auto directory = ProvidersDirectory::from_ldif(ldif);
  if (!directory) return;
  std::size_t domains = 0;
  for (const auto& provider : (*directory)->providers())
    for (const auto& domain : provider.managed_domains) {
      ++domains;
      must_hold((*directory)->provider_of_domain(domain) == &provider,
                "a domain is found with its provider");
    }
  must_hold((*directory)->domain_count() == domains, "all domains are counted");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = pec::fuzz::text_of(data, size);
  const auto read = parse_ldif(text);
  if (!read) return 0;
  const std::string printed = format_ldif(read->entries);
  const auto again = parse_ldif(printed);
  must_hold(again.has_value(), "what was printed can be read");
  must_hold(std::equal(read->entries.begin(), read->entries.end(), again->entries.begin(),
                       again->entries.end(), same),
            "printed, the entries read the same");
  must_hold(format_ldif(again->entries) == printed, "printed again, they are the same bytes");
  check_directory(text);
  return 0;
}
