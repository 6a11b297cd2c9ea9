// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/tls_policy.hpp"

#include "pecctl/commands.hpp"
#include "service/command.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <memory>

namespace pec::pecctl {

namespace {

// It indexes half a million domains in seconds.
constexpr std::chrono::minutes postmap_limit{10};

// A Postfix table, "TYPE:/PATH". texthash is the text alone: Postfix reads it when it starts or
// reloads. postmap(1) indexes hash, btree and cdb: Postfix sees their changes by itself.
struct PostfixMap {
  std::string type;
  std::filesystem::path file;
};

// `option`: directory_sync.tls_policy_map, not empty.
PostfixMap postfix_map_of(std::string_view option) {
  const auto colon = option.find(':');
  return {std::string(option.substr(0, colon)), option.substr(colon + 1)};
}

std::string_view index_ending(std::string_view type) {
  if (type == "cdb") return ".cdb";
  return type == "texthash" ? "" : ".db";
}

// postmap itself reports errors, on standard error. It is found as a shell finds it.
Result<void> run_postmap(const std::string& map) {
  if (const auto ran = service::run_command({"/usr/bin/env", "postmap", map}, postmap_limit); !ran)
    return unavailable(
        fmt::format("postmap {} failed: {}; nothing was changed", map, ran.error().detail));
  return {};
}

// Lines "DOMAIN encrypt", sorted.
std::string tls_policy(const directory::ProvidersDirectory& directory, config::TlsPolicy level) {
  std::vector<std::string_view> domains;
  for (const auto& provider : directory.providers())
    domains.insert(domains.end(), provider.managed_domains.begin(), provider.managed_domains.end());
  std::sort(domains.begin(), domains.end());
  domains.erase(std::unique(domains.begin(), domains.end()), domains.end());
  const std::string_view word = level == config::TlsPolicy::secure ? "secure" : "encrypt";
  std::string text;
  for (const auto domain : domains) text += fmt::format("{} {}\n", domain, word);
  return text;
}

Result<std::vector<Replacement>> prepare(const PostfixMap& map,
                                         const directory::ProvidersDirectory& directory,
                                         config::TlsPolicy level) {
  PEC_TRY(auto written, Replacement::write(map.file, tls_policy(directory, level)));
  std::vector<Replacement> prepared;
  const auto source = written.temporary();
  if (const auto ending = index_ending(map.type); !ending.empty()) {
    // The index comes before the text. Otherwise Postfix would complain for a moment that the text
    // is newer.
    prepared.emplace_back(map.file.string().append(ending), source.string().append(ending));
    PEC_TRY_VOID(run_postmap(map.type + ":" + source.string()));
  }
  prepared.push_back(std::move(written));
  return prepared;
}

// Writes text into `file`; if it is empty, writes the configured table.
Result<Answer> write_tls_policy(const Context& context, const std::string& file) {
  PEC_TRY(const auto config,
          context.load_config({config::FileUse::trust, config::FileUse::fetching}));
  // A file that root names may be in a place where the service's user can't write.
  if (file.empty()) PEC_TRY_VOID(context.become_service_user(config));
  PEC_TRY(const auto directory, context.open_directory(config));
  const auto& options = config.directory_sync;
  if (file.empty() && options.tls_policy_map.empty())
    return bad_input("name a file, or a table in directory_sync.tls_policy_map");
  PEC_TRY(auto prepared, file.empty() ? prepare_tls_policy(*directory, options)
                                      : prepare({"texthash", std::filesystem::absolute(file)},
                                                *directory, options.tls_policy));
  for (auto& fresh : prepared) PEC_TRY_VOID(fresh.put_in_place());
  return Answer{};
}

}  // namespace

Result<std::vector<Replacement>> prepare_tls_policy(const directory::ProvidersDirectory& directory,
                                                    const config::Config::DirectorySync& options) {
  if (options.tls_policy_map.empty()) return {};
  return prepare(postfix_map_of(options.tls_policy_map), directory, options.tls_policy);
}

void add_tls_policy(CLI::App& group, Command& chosen) {
  const auto file = std::make_shared<std::string>();
  add_command(group, chosen, "tls-policy",
              "Write the table of certified domains for Postfix's smtp_tls_policy_maps",
              [file](const Context& context) { return write_tls_policy(context, *file); })
      .add_option("FILE", *file,
                  "Write its text there; left out: directory_sync.tls_policy_map, with its index");
}

}  // namespace pec::pecctl
