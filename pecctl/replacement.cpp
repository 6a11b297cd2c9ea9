// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/replacement.hpp"

#include "base/file.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace pec::pecctl {

namespace {

tl::unexpected<Error> file_error(std::string_view what, const std::filesystem::path& path) {
  return unavailable(
      fmt::format("can't {} {}: {}; nothing was changed", what, path.string(), errno_text(errno)));
}

}  // namespace

Result<Replacement> Replacement::write(std::filesystem::path target, std::string_view content) {
  constexpr mode_t for_everybody = 0644;
  std::string name = target.string() + ".new-XXXXXX";
  const FileDescriptor file(mkostemp(name.data(), O_CLOEXEC));
  if (!file) return file_error("write beside", target);
  Replacement made(std::move(target), name);
  if (write_all(file.get(), content) != 0 || fchmod(file.get(), for_everybody) != 0 ||
      fsync(file.get()) != 0)
    return file_error("write", made.temporary_);
  return made;
}

Replacement::~Replacement() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
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
