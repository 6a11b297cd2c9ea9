// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/difference.hpp"

#include "base/text.hpp"
#include "service/command.hpp"

#include <chrono>
#include <fmt/format.h>

namespace pec::pecctl {

Result<std::string> difference(const std::string& path, const std::optional<std::string>& now,
                               const std::string& wanted) {
  constexpr std::chrono::seconds limit{20};
  PEC_TRY(auto ran, service::ask_command({"/usr/bin/diff", "-u", "--label", path, "--label",
                                          path + " (wanted)", now ? path : "/dev/null", "-"},
                                         wanted, limit));
  constexpr int they_differ = 1;
  if (ran.status != they_differ)
    return unavailable(fmt::format("diff of {} failed: {}", path, text::printable(ran.errors)));
  if (ran.output.ends_with('\n')) ran.output.pop_back();
  return std::move(ran.output);
}

}  // namespace pec::pecctl
