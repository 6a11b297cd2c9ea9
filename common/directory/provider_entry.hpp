// SPDX-License-Identifier: GPL-2.0-or-later

// Reads one entry of the providers' directory by itself: the provider, and the entry's flaw.
// providers_directory.hpp says what an entry must hold.
//
//     ReadEntry read = read_provider(entry, last_good);
//     if (!read.flaw.empty()) warn(read.flaw);
//
// Pure, any thread.
#pragma once

#include "directory/entry.hpp"
#include "directory/provider_dn.hpp"
#include "pec/provider.hpp"

#include <string>
#include <string_view>

namespace pec::directory {

struct ReadEntry {
  EntryNames names{};   // in its DN; empty: it names no provider
  Provider provider{};  // as far as it can be read
  std::string flaw{};   // the first, one line; empty: none
};
// `before`: the last good version of the entry. Certificates that it does not have must be of the
// profile. nullptr: there is none, and no certificate must.
ReadEntry read_provider(const EntryView& entry, const Provider* before);

// Says what is wrong, and with which entry.
std::string flaw_of(std::string_view dn, std::string_view what);

// The first thing that every entry needs and this one lacks. Empty: nothing.
std::string gap(const Provider& provider);

constexpr std::size_t longest_domain = 255;  // RFC 1034, 3.1
bool is_domain(std::string_view lower_case);

}  // namespace pec::directory
