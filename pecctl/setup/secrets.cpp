// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/secrets.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "pecctl/replacement.hpp"
#include "pecctl/setup/tools.hpp"

#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <string_view>
#include <sys/random.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace pec::pecctl {

std::vector<Secret> secrets_of(const config::Config& config) {
  std::vector<Secret> secrets;
  for (const auto& file : {config.internal.secret_file, config.internal.delivery_secret_file,
                           config.policy.logins_secret_file, config.site.probe_password_file})
    if (!file.empty()) secrets.push_back({file, config.site.user});
  if (!config.policy.logins_listen.empty())
    secrets.push_back({config.site.logins_nonce_file, "root"});
  return secrets;
}

Result<void> make_secret(const Secret& secret) {
  const auto& [file, user] = secret;
  PEC_TRY(const auto ids, ids_of(user));
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  if (error)
    return unavailable(
        fmt::format("can't make {}: {}", file.parent_path().string(), error.message()));
  std::array<char, 32> octets{};
  if (getrandom(octets.data(), octets.size(), 0) != static_cast<ssize_t>(octets.size()))
    return unavailable(fmt::format("the kernel gives no random octets: {}", errno_text(errno)));
  const auto digits = text::hex({octets.data(), octets.size()}) + "\n";
  // The group "root" is for the moment in between: nobody else may read it meanwhile.
  PEC_TRY(auto fresh, Replacement::write(file, digits, "root"));
  const auto path = fresh.temporary();
  if (chmod(path.c_str(), 0400) != 0 || chown(path.c_str(), ids.user, ids.group) != 0)
    return unavailable(
        fmt::format("can't give {} to {}: {}", path.string(), user, errno_text(errno)));
  return fresh.put_in_place();
}

}  // namespace pec::pecctl
