// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/own_files.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "pecctl/setup/host_parts.hpp"
#include "pecctl/setup/tools.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>

namespace pec::pecctl {

namespace {

namespace fs = std::filesystem;

constexpr auto main_cf = "/etc/postfix/main.cf";

bool is_v6(const std::string& address) {
  return address.find(':') != std::string::npos;
}

// A folder of the process's own with one file in it.
class Copy {
public:
  static Result<Copy> of(const fs::path& file) {
    std::string name = (fs::temp_directory_path() / "pecctl-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
      return unavailable(fmt::format("can't make a folder like {}", name));
    Copy copy(name);
    std::error_code error;
    fs::copy_file(file, copy.folder_ / file.filename(), error);
    if (error) return unavailable(fmt::format("can't copy {}: {}", file.string(), error.message()));
    return copy;
  }
  Copy(Copy&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}
  Copy& operator=(Copy&&) = delete;
  ~Copy() {
    std::error_code ignored;  // it is in /tmp
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  const fs::path& folder() const { return folder_; }

private:
  explicit Copy(fs::path folder) : folder_(std::move(folder)) {}
  fs::path folder_;
};

// Postfix has words of its own for "no address but loopback".
std::string postfix_list(const std::vector<std::string>& addresses) {
  if (std::all_of(addresses.begin(), addresses.end(),
                  [](const auto& each) { return each == "127.0.0.1" || each == "::1"; }))
    return "loopback-only";
  std::vector<std::string> words;
  words.reserve(addresses.size());
  for (const auto& each : addresses) words.push_back(is_v6(each) ? "[" + each + "]" : each);
  return text::join(words, ", ");
}

Result<std::optional<std::string>> setting_now(const std::string& name) {
  PEC_TRY(const auto said, output_of({"postconf", "-nh", name}));
  if (said.empty()) return std::optional<std::string>();
  return std::optional(std::string(text::trim(said)));
}

// What postmulti's "init" and "create" would set, and the addresses.
Result<std::vector<ChangedSetting>> wanted_settings(const config::Config& config,
                                                    const Facts& facts) {
  auto instances = facts.postfix_instances;
  if (const auto ours = config.site.postfix_dir.string(); !contains(instances, ours))
    instances.push_back(ours);
  std::vector<ChangedSetting> settings{
      {instance_list, {}, text::join(instances, " ")},
      {"multi_instance_wrapper", {}, "${command_directory}/postmulti -p --"},
      {"multi_instance_enable", {}, "yes"},
  };
  if (const auto free = postfix_without_ours(config, facts); free != facts.postfix_interfaces)
    settings.push_back({"inet_interfaces", {}, postfix_list(free)});
  for (auto& setting : settings) {
    PEC_TRY(setting.before, setting_now(setting.name));
  }
  return settings;
}

Result<HostFile> own_main_cf(const config::Config& config, const Facts& facts) {
  PEC_TRY(auto settings, wanted_settings(config, facts));
  PEC_TRY(const auto copy, Copy::of(main_cf));
  for (const auto& setting : settings)
    if (setting.before != setting.made)
      PEC_TRY_VOID(output_of({"postconf", "-c", copy.folder().string(), "-e",
                              fmt::format("{}={}", setting.name, setting.made)}));
  PEC_TRY(auto content, read_file(copy.folder() / "main.cf"));
  return HostFile{main_cf, std::move(content), {}, "postfix@-.service", std::move(settings)};
}

HostFile own_dovecot_file(const std::vector<std::string>& free) {
  return {
      own_dovecot_path,
      fmt::format("# Made by pecctl. The host's other addresses are those of Dovecot's instance "
                  "for certified mail:\n# \"pecctl setup revert\" takes this file away.\nlisten = "
                  "{}\n",
                  text::join(free, ", ")),
      {},
      "dovecot.service"};
}

}  // namespace

std::vector<std::string> interfaces_without(const std::vector<std::string>& now,
                                            const std::vector<std::string>& all,
                                            const std::vector<std::string>& of_host,
                                            const std::vector<std::string>& ours) {
  std::vector<std::string> left;
  const auto add = [&](const std::string& address) {
    if (!contains(ours, address) && !contains(left, address)) left.push_back(address);
  };
  for (const auto& word : now) {
    if (!contains(all, word)) {
      add(word.starts_with('[') ? word.substr(1, word.size() - 2) : word);
      continue;
    }
    // "all" is both families; Dovecot's "*" and "::" are one each.
    for (const auto& address : of_host)
      if (word == "all" || is_v6(word) == is_v6(address)) add(address);
  }
  const bool unchanged = std::none_of(now.begin(), now.end(), [&](const auto& word) {
    return contains(all, word) || contains(ours, word) ||
           std::any_of(ours.begin(), ours.end(),
                       [&](const auto& each) { return word == "[" + each + "]"; });
  });
  return unchanged ? now : left;
}

// A service that is told of an address that is not there, or of a family that it does without, does
// not start.
std::vector<std::string> postfix_without_ours(const config::Config& config, const Facts& facts) {
  std::vector<std::string> of_host;
  for (const auto& list : {facts.loopback, facts.addresses})
    for (const auto& address : list)
      if (!facts.postfix_without_v6 || !is_v6(address)) of_host.push_back(address);
  return interfaces_without(facts.postfix_interfaces, {"all"}, of_host, config.site.addresses);
}

std::vector<std::string> dovecot_without_ours(const config::Config& config, const Facts& facts) {
  auto of_host = facts.loopback;
  of_host.insert(of_host.end(), facts.addresses.begin(), facts.addresses.end());
  return interfaces_without(facts.dovecot_listen, {"*", "::"}, of_host, config.site.addresses);
}

Result<std::vector<HostFile>> own_files(const config::Config& config, const Facts& facts) {
  std::vector<HostFile> files;
  const auto free = dovecot_without_ours(config, facts);
  if (free != facts.dovecot_listen) files.push_back(own_dovecot_file(free));
  if (facts.postfix_interfaces.empty()) return files;
  PEC_TRY(auto postfix, own_main_cf(config, facts));
  files.push_back(std::move(postfix));
  return files;
}

}  // namespace pec::pecctl
