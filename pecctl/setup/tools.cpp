// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/tools.hpp"

#include "base/text.hpp"
#include "service/command.hpp"

#include <array>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

namespace pec::pecctl {

namespace {

constexpr std::size_t most_told = 2000;  // octets of what a program says

// Empty: there is no such program.
std::string path_of(const std::string& name) {
  if (name.starts_with('/')) return name;
  for (const std::string folder : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"})
    if (access((folder + name).c_str(), X_OK) == 0) return folder + name;
  return {};
}

Result<service::CommandAnswer> ask(std::vector<std::string>& words, std::string_view input,
                                   std::chrono::seconds limit) {
  const auto path = path_of(words.front());
  if (path.empty()) return unavailable(fmt::format("this host has no program {}", words.front()));
  words.front() = path;
  return service::ask_command(words, input, limit);
}

std::string one_line(std::string_view said) {
  return text::printable(
      text::replace_all(std::string(text::trim(said.substr(0, most_told))), "\n", "; "));
}

}  // namespace

Result<UserIds> ids_of(const std::string& user) {
  const auto* entry = getpwnam(user.c_str());
  if (entry != nullptr) return UserIds{entry->pw_uid, entry->pw_gid};
  return bad_input(
      fmt::format("there is no user {}: install the package that makes it", text::printable(user)));
}

Result<std::string> output_of(std::vector<std::string> words, std::string_view input,
                              std::chrono::seconds limit) {
  PEC_TRY(auto ran, ask(words, input, limit));
  if (ran.status == 0) return std::move(ran.output);
  const auto said = ran.errors.empty() ? ran.output : ran.errors;
  return unavailable(fmt::format("{} failed: {}", text::join(words, " "), one_line(said)));
}

Result<bool> succeeds(std::vector<std::string> words) {
  PEC_TRY(const auto ran, ask(words, {}, std::chrono::seconds(60)));
  return ran.status == 0;
}

}  // namespace pec::pecctl
