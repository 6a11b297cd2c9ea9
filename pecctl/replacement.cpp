// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/replacement.hpp"

#include "base/file.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace pec::pecctl {

namespace {

tl::unexpected<Error> file_error(std::string_view what, const std::filesystem::path& path) {
  return unavailable(
      fmt::format("can't {} {}: {}; nothing was changed", what, path.string(), errno_text(errno)));
}

}  // namespace

Result<std::optional<std::string>> read_file_if_there(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error) && !error) return std::optional<std::string>();
  PEC_TRY(auto content, read_file(file));
  return std::optional(std::move(content));
}

std::filesystem::path end_of_links(const std::filesystem::path& file) {
  std::error_code error;
  auto end = std::filesystem::canonical(file, error);
  return error ? file : end;
}

Result<Replacement> Replacement::write(std::filesystem::path target, std::string_view content,
                                       const std::string& group) {
  constexpr mode_t for_everybody = 0644, for_group = 0640;
  const auto* entry = group.empty() ? nullptr : getgrnam(group.c_str());
  if (!group.empty() && entry == nullptr)
    return bad_input(fmt::format("there is no group {}: install the package that makes it", group));
  std::string name = target.string() + ".new-XXXXXX";
  const FileDescriptor file(mkostemp(name.data(), O_CLOEXEC));
  if (!file) return file_error("write beside", target);
  Replacement made(std::move(target), name);
  const bool is_for_group =
      entry == nullptr || fchown(file.get(), static_cast<uid_t>(-1), entry->gr_gid) == 0;
  if (!is_for_group || write_all(file.get(), content) != 0 ||
      fchmod(file.get(), entry == nullptr ? for_everybody : for_group) != 0 ||
      fsync(file.get()) != 0)
    return file_error("write", made.temporary_);
  return made;
}

Replacement::~Replacement() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Result<void> Replacement::take_after(const std::filesystem::path& model) {
  struct stat status {};
  if (stat(model.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return file_error("look at", model);
  }
  if (chown(temporary_.c_str(), status.st_uid, status.st_gid) == 0 &&
      chmod(temporary_.c_str(), status.st_mode & 07777) == 0)
    return {};
  return file_error("give the owner and mode of the old file to", temporary_);
}

Result<void> Replacement::put_in_place() {
  if (rename(temporary_.c_str(), target_.c_str()) != 0) return file_error("replace", target_);
  temporary_.clear();
  const FileDescriptor folder(open(target_.parent_path().c_str(), O_RDONLY | O_CLOEXEC));
  if (!folder || fsync(folder.get()) != 0)
    return unavailable(fmt::format("{} is in place, but its folder is perhaps not on the disk: {}",
                                   target_.string(), errno_text(errno)));
  return {};
}

}  // namespace pec::pecctl
