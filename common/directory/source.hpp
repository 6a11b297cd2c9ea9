// SPDX-License-Identifier: GPL-2.0-or-later

// A source from which the whole providers' directory is read, again and again: a file
// (ldif_source.hpp) or an LDAP server (ldap_source.hpp). Both give the same snapshot, judged by the
// same rules.
//
//     auto source = open_source(options);  // "ldif:/var/lib/pec/directory.ldif"
//     auto reading = (*source)->read("");                      // whole
//     auto again = (*source)->read(reading->version);          // providers: nothing, if unchanged
//
// A source does not remember what it has read. If the caller refuses a reading, it simply reads
// again. One thread at a time.
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
  std::string version;                                  // of the source's state; compare only
  std::shared_ptr<const ProvidersDirectory> providers;  // null: unchanged since `known_version`
  Instant as_of;  // the time for which this speaks: a file's own date; with a server, now
  // For refusing an older one: the time of the signature, or the file's date; none from a server.
  std::optional<Instant> issued = std::nullopt;
};

class Source {
public:
  virtual ~Source() = default;
  // Error: unavailable or bad_input, with a sentence for the administrator that names the source.
  virtual Result<Reading> read(const std::string& known_version,
                               const KnownBefore& before = {}) = 0;
};

// Reads nothing yet. Error: bad_input, with the option that is missing.
Result<std::unique_ptr<Source>> open_source(const DirectoryOptions& options);

}  // namespace pec::directory
