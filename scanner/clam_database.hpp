// SPDX-License-Identifier: GPL-2.0-or-later

// A virus database in libclamav's memory: loaded, compiled, ready to scan. It never changes, so any
// number of threads may scan with it. The last of them frees it.
//
//     const auto folder = DatabaseFolder::look_at("/var/lib/clamav");
//     auto database = ClamDatabase::load(options, *folder);   // seconds, hundreds of megabytes
//     if (DatabaseFolder::look_at(...) != *folder) ...        // freshclam brought something
//
// Errors: a sentence for the administrator. Any thread.
#pragma once

#include "base/c_handle.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "scanner/clam_options.hpp"

#include <clamav.h>
#include <map>
#include <memory>
#include <string>
#include <sys/types.h>

namespace pec::scanner {

// The state of the database folder, for comparison with a later one. (cl_statchkdir compares whole
// seconds only and does not notice a deleted file.)
struct DatabaseFolder {
  struct File {
    ino_t inode = 0;
    off_t size = 0;
    long long modified_ns = 0;

    bool operator==(const File&) const = default;
  };
  std::map<std::string, File> files;  // by name

  // Error: unavailable, if the folder can't be read.
  static Result<DatabaseFolder> look_at(const std::filesystem::path& folder);
  Instant newest() const;

  bool operator==(const DatabaseFolder&) const = default;
};

// A scan's context (the last argument of cl_scanmap_callback). The first file of each scan is the
// message itself; this says whether libclamav has looked at it, and taken it for mail.
struct FirstFile {
  bool seen = false;
  bool is_mail = false;
};

class ClamDatabase {
public:
  // `folder`: its state before the load, so that the next look notices a change during the load.
  // Error: unavailable or bad_input; also if the folder holds no signature.
  static Result<std::shared_ptr<const ClamDatabase>> load(const ClamOptions& options,
                                                          const DatabaseFolder& folder);

  const cl_engine* engine() const { return engine_.get(); }
  // The time in the header of the official daily database; without that, the newest file's time.
  Instant made() const { return made_; }
  std::string description() const;  // "120 signatures, database of 2026-11-22 10:00 UTC, loaded …"

private:
  ClamDatabase() = default;

  CHandle<cl_engine, cl_engine_free> engine_;
  unsigned signatures_ = 0;
  Instant made_{};
  Instant loaded_{};
};

}  // namespace pec::scanner
