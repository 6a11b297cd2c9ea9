// SPDX-License-Identifier: GPL-2.0-or-later

// A virus database as libclamav has it in memory: loaded, compiled, ready to scan. Immutable, so
// that any number of threads may scan with it; freed when the last of them lets go.
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

// What tells one state of the folder from another. (cl_statchkdir looks at whole seconds only and
// doesn't see that a file went.)
struct DatabaseFolder {
  struct File {
    ino_t inode = 0;
    off_t size = 0;
    long long modified_ns = 0;

    bool operator==(const File&) const = default;
  };
  std::map<std::string, File> files;  // by name

  // Error: unavailable, if it can't be read.
  static Result<DatabaseFolder> look_at(const std::filesystem::path& folder);
  Instant newest() const;

  bool operator==(const DatabaseFolder&) const = default;
};

// A scan's context (the last argument of cl_scanmap_callback): whether libclamav came to look at the
// message, which is the first file of each scan, and took it for mail.
struct FirstFile {
  bool seen = false;
  bool is_mail = false;
};

class ClamDatabase {
public:
  // `folder`: its state from before the load, so that what changes meanwhile is noticed next time.
  // Error: unavailable or bad_input; also if the folder holds no signature at all.
  static Result<std::shared_ptr<const ClamDatabase>> load(const ClamOptions& options,
                                                          const DatabaseFolder& folder);

  const cl_engine* engine() const { return engine_.get(); }
  // When it was made: by the header of the official daily database, else the newest file's time.
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
