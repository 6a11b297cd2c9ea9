// SPDX-License-Identifier: GPL-2.0-or-later

// A folder of files that are made whole or not at all, each in a folder for work beside them.
//
//     PEC_TRY(auto workshop, Workshop::open("/etc/pec/trial"));
//     PEC_TRY(const bool made, workshop.make("/etc/pec/trial/tls.key", {.mode = 0400}, make_key));
//
// A file that is there stays. After a kill, the next open() removes the work that was not done.
// Errors: unavailable, one sentence for the administrator. One thread, and one process for a
// folder.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>

namespace pec::pecctl {

struct FileKind {
  mode_t mode = 0600;
  // A user, and this user's group; empty: ourselves. Counts only if we are root.
  std::string owner{};
};
inline const FileKind for_everybody{.mode = 0644};

class Workshop {
public:
  // Makes the folder, if it is not there: for everybody to read, ours to write.
  static Result<Workshop> open(const std::filesystem::path& folder);
  Workshop(Workshop&& other) noexcept
      : folder_(std::move(other.folder_)), work_(std::exchange(other.work_, {})) {}
  Workshop& operator=(Workshop&&) = delete;
  ~Workshop();

  const std::filesystem::path& folder() const { return folder_; }
  bool has(const std::filesystem::path& file) const;  // its place is in the folder
  static bool is_there(const std::filesystem::path& file);

  // `how` writes the file into the path that it is given. Returns false, if the file was there.
  Result<bool> make(const std::filesystem::path& file, const FileKind& kind,
                    const std::function<Result<void>(const std::filesystem::path& into)>& how);

private:
  Workshop(std::filesystem::path folder, std::filesystem::path work)
      : folder_(std::move(folder)), work_(std::move(work)) {}

  std::filesystem::path folder_, work_;
};

Result<void> write_text(const std::filesystem::path& into, std::string_view content);
Result<void> make_folder(const std::filesystem::path& folder);  // with mode 0755; it may be there

}  // namespace pec::pecctl
