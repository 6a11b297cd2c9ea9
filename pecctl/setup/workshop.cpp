// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/workshop.hpp"

#include "base/file.hpp"
#include "pecctl/setup/tools.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace pec::pecctl {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view work_prefix = ".new-";

tl::unexpected<Error> cannot(std::string_view what, const fs::path& path, int error = errno) {
  return unavailable(fmt::format("can't {} {}: {}", what, path.string(), errno_text(error)));
}

// Of runs that were killed.
void remove_old_work(const fs::path& folder) {
  std::vector<fs::path> old;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().filename().string().starts_with(work_prefix)) old.push_back(entry->path());
  for (const auto& each : old) fs::remove_all(each, error);
}

Result<void> give_to(const FileDescriptor& file, const fs::path& path, const std::string& owner) {
  if (owner.empty() || geteuid() != 0) return {};
  PEC_TRY(const auto ids, ids_of(owner));
  if (fchown(file.get(), ids.user, ids.group) == 0) return {};
  return cannot("give to " + owner, path);
}

Result<void> put_on_disk(const fs::path& folder) {
  const FileDescriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || fsync(opened.get()) != 0) return cannot("write to disk", folder);
  return {};
}

}  // namespace

Result<void> make_folder(const fs::path& folder) {
  constexpr mode_t open_to_all = 0755;
  if (mkdir(folder.c_str(), open_to_all) != 0) {
    if (errno == EEXIST) return {};
    return cannot("make", folder);
  }
  if (chmod(folder.c_str(), open_to_all) != 0) return cannot("make", folder);
  return {};
}

Result<void> write_text(const fs::path& into, std::string_view content) {
  const FileDescriptor file(
      ::open(into.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return cannot("make", into);
  if (const int error = write_all(file.get(), content); error != 0)
    return cannot("write", into, error);
  return {};
}

Result<Workshop> Workshop::open(const fs::path& folder) {
  PEC_TRY_VOID(make_folder(folder));
  remove_old_work(folder);
  auto work = (folder / work_prefix).string() + "XXXXXX";
  if (mkdtemp(work.data()) == nullptr) return cannot("write in", folder);
  return Workshop(folder, work);
}

Workshop::~Workshop() {
  std::error_code ignored;  // the next open() tries again
  if (!work_.empty()) fs::remove_all(work_, ignored);
}

bool Workshop::has(const fs::path& file) const {
  const auto place = file.lexically_normal(), ours = folder_.lexically_normal();
  return !file.empty() &&
         std::mismatch(ours.begin(), ours.end(), place.begin(), place.end()).first == ours.end();
}

bool Workshop::is_there(const fs::path& file) {
  struct stat status {};
  return lstat(file.c_str(), &status) == 0;
}

Result<bool> Workshop::make(const fs::path& file, const FileKind& kind,
                            const std::function<Result<void>(const fs::path& into)>& how) {
  if (is_there(file)) return false;
  const auto into = work_ / file.filename();
  PEC_TRY_VOID(how(into));
  const FileDescriptor made(::open(into.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!made || fchmod(made.get(), kind.mode) != 0) return cannot("make", into);
  PEC_TRY_VOID(give_to(made, into, kind.owner));
  if (fsync(made.get()) != 0 || rename(into.c_str(), file.c_str()) != 0)
    return cannot("make", file);
  PEC_TRY_VOID(put_on_disk(file.parent_path()));
  return true;
}

}  // namespace pec::pecctl
