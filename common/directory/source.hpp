// SPDX-License-Identifier: GPL-2.0-or-later

// Where the providers' directory is read from, whole, again and again: a file (ldif_source.hpp) or
// an LDAP server (ldap_source.hpp). Both give the same snapshot, judged by the same rules.
//
//     auto source = open_source(options);                      // "ldif:/var/lib/pec/directory.ldif"
//     auto reading = (*source)->read("");                      // whole
//     auto again = (*source)->read(reading->version);          // providers: nothing, if unchanged
//
// A source keeps no state of what it has read: a reading that somebody refuses is simply read anew.
// One thread at a time.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "directory/directory_options.hpp"
#include "directory/providers_directory.hpp"

#include <memory>
#include <optional>
#include <string>

namespace pec::directory {

struct Reading {
  std::string version;  // tells one state of the source from another
  std::shared_ptr<const ProvidersDirectory> providers;  // nothing: unchanged since `known_version`
  Instant as_of;  // for what time this speaks: a file's own date; with a server, now
  // By which an old one is known: the time of the signature, or the file's date; with a server nothing.
  std::optional<Instant> issued = std::nullopt;
};

class Source {
public:
  virtual ~Source() = default;
  // Error: unavailable or bad_input, with a sentence for the administrator that names the source.
  virtual Result<Reading> read(const std::string& known_version,
                               const KnownBefore& before = {}) = 0;
};

// Reads nothing yet. Error: bad_input, what the options lack.
Result<std::unique_ptr<Source>> open_source(const DirectoryOptions& options);

}  // namespace pec::directory
