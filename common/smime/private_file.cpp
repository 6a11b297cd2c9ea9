#include "smime/private_file.hpp"

#include "base/file.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <sys/stat.h>

namespace pec::smime {

Result<std::string> read_private_file(const std::filesystem::path& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return bad_input(cannot_read(path, errno));
  if ((info.st_mode & 077) != 0)
    return bad_input(
        fmt::format("{0} is open to others than its owner: run \"chmod 600 {0}\"", path.string()));
  return read_file(path);
}

}  // namespace pec::smime
