// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/service_user.hpp"

#include "base/file.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <grp.h>
#include <unistd.h>

namespace pec::pecctl {

Result<void> become_owner(const struct stat& status, const std::string& what) {
  if (geteuid() != 0) return {};
  if (setgroups(0, nullptr) != 0 || setgid(status.st_gid) != 0 || setuid(status.st_uid) != 0)
    return unavailable(
        fmt::format("can't act as the owner of {}: {}; run this as the "
                    "service's user",
                    what, errno_text(errno)));
  return {};
}

Result<void> become_service_user(const Config& config) {
  if (geteuid() != 0) return {};
  const auto& secret = config.internal.secret_file;
  struct stat status {};
  if (stat(secret.c_str(), &status) != 0)
    return unavailable(
        fmt::format("{}: {}; run this as the service's user", secret.string(), errno_text(errno)));
  return become_owner(status, secret.string());
}

}  // namespace pec::pecctl
