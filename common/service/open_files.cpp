// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/open_files.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/resource.h>
#include <system_error>

namespace pec::service {

std::size_t raise_open_files(std::size_t wanted) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0)
    throw std::system_error(errno, std::generic_category(), "getrlimit");
  files.rlim_cur = std::max(files.rlim_cur, std::min<rlim_t>(files.rlim_max, wanted));
  if (setrlimit(RLIMIT_NOFILE, &files) != 0)
    throw std::system_error(errno, std::generic_category(), "setrlimit");
  return files.rlim_cur;
}

}  // namespace pec::service
