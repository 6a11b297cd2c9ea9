// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/tls_policy.hpp"

#include "base/file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace pec::pecctl {

namespace {

std::string_view index_ending(std::string_view type) {
  if (type == "cdb") return ".cdb";
  return type == "texthash" ? "" : ".db";
}

// postmap says itself what is wrong, on standard error.
Result<void> run_postmap(std::string map) {
  std::string program = "postmap";
  std::array<char*, 3> arguments{program.data(), map.data(), nullptr};
  pid_t child = 0;
  if (const int error =
          posix_spawnp(&child, program.c_str(), nullptr, nullptr, arguments.data(), environ);
      error != 0)
    return unavailable(
        fmt::format("can't start postmap: {}; nothing was changed", errno_text(error)));
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return internal_error("can't wait for postmap: " + errno_text(errno));
  if (status != 0) return unavailable(fmt::format("postmap {} failed; nothing was changed", map));
  return {};
}

}  // namespace

std::string tls_policy(const directory::ProvidersDirectory& directory, TlsPolicy level) {
  std::vector<std::string_view> domains;
  for (const auto& provider : directory.providers())
    domains.insert(domains.end(), provider.managed_domains.begin(), provider.managed_domains.end());
  std::sort(domains.begin(), domains.end());
  domains.erase(std::unique(domains.begin(), domains.end()), domains.end());
  const std::string_view word = level == TlsPolicy::secure ? "secure" : "encrypt";
  std::string text;
  for (const auto domain : domains) text += fmt::format("{} {}\n", domain, word);
  return text;
}

PostfixMap postfix_map_of(std::string_view option) {
  const auto colon = option.find(':');
  return {std::string(option.substr(0, colon)), option.substr(colon + 1)};
}

Result<std::vector<Replacement>> prepare_map(const PostfixMap& map, std::string_view text) {
  PEC_TRY(auto written, Replacement::write(map.file, text));
  std::vector<Replacement> prepared;
  const auto source = written.temporary();
  if (const auto ending = index_ending(map.type); !ending.empty()) {
    // Before the text, or Postfix would complain for a moment that the text is the newer.
    prepared.emplace_back(map.file.string().append(ending), source.string().append(ending));
    PEC_TRY_VOID(run_postmap(map.type + ":" + source.string()));
  }
  prepared.push_back(std::move(written));
  return prepared;
}

Result<std::string> write_tls_policy(const directory::ProvidersDirectory& directory,
                                     const Config::DirectorySync& options,
                                     const std::filesystem::path& file) {
  if (file.empty() && options.tls_policy_map.empty())
    return bad_input("name a file, or a table in directory_sync.tls_policy_map");
  const auto map = file.empty() ? postfix_map_of(options.tls_policy_map)
                                : PostfixMap{"texthash", std::filesystem::absolute(file)};
  PEC_TRY(auto prepared, prepare_map(map, tls_policy(directory, options.tls_policy)));
  for (auto& fresh : prepared) PEC_TRY_VOID(fresh.put_in_place());
  return std::string();
}

}  // namespace pec::pecctl
