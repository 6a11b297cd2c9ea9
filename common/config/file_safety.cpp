// SPDX-License-Identifier: GPL-2.0-or-later

#include "config/file_safety.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <fmt/format.h>
#include <optional>
#include <pwd.h>
#include <sys/stat.h>
#include <system_error>

namespace pec::config {

namespace fs = std::filesystem;

namespace {

constexpr int most_links = 40;  // as the kernel has it
constexpr mode_t private_to_owner = 077;
constexpr mode_t written_by_others = 022;

std::string name_of(uid_t user) {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer{};
  getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? std::to_string(user) : found->pw_name;
}

std::optional<struct stat> look_at(const fs::path& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return std::nullopt;
  return info;
}

class Walk {
public:
  Walk(const fs::path& path, const FileRule& rule, const std::set<uid_t>& owners,
       std::string_view option)
      : path_(path), rule_(rule), owners_(owners), option_(option) {}

  std::vector<std::string> problems() {
    std::deque<fs::path> left(path_.begin(), path_.end());
    fs::path folder;
    int links = 0;
    while (!left.empty()) {
      const auto name = left.front();
      left.pop_front();
      if (name.empty() || name == ".") continue;
      if (name == "..") {
        folder = folder.parent_path();
        continue;
      }
      const auto here = name.is_absolute() ? name : folder / name;
      const auto info = look_at(here);
      if (!info) break;
      const bool is_last =
          std::all_of(left.begin(), left.end(), [](const fs::path& each) { return each.empty(); });
      if (S_ISLNK(info->st_mode)) {
        check_owner(here, *info, "chown -h");
        std::error_code error;
        const auto target = fs::read_symlink(here, error);
        if (error || ++links > most_links) break;
        left.insert(left.begin(), target.begin(), target.end());
      } else if (!is_last || rule_.is_place) {
        check_folder(here, *info);
        folder = here;
      } else {
        check_file(here, *info);
      }
    }
    return std::move(problems_);
  }

private:
  void complain(std::string_view what, const std::string& command, const fs::path& where) {
    problems_.push_back(text::printable(
        fmt::format("{0} {1}: run \"{2} {0}\" ({3})", where.string(), what, command, option_)));
  }

  void check_owner(const fs::path& where, const struct stat& info, std::string_view command) {
    if (rule_.any_owner || owners_.contains(info.st_uid)) return;
    const auto owner =
        rule_.off == private_to_owner && where == path_ ? *owners_.rbegin() : uid_t{0};
    complain(fmt::format("belongs to {}, neither to root nor to the service's user",
                         name_of(info.st_uid)),
             fmt::format("{} {}", command, name_of(owner)), where);
  }

  void check_folder(const fs::path& where, const struct stat& info) {
    check_owner(where, info, "chown");
    if ((info.st_mode & written_by_others) != 0 && (info.st_mode & S_ISVTX) == 0)
      complain(fmt::format("may be written by others than its owner, who could replace {}",
                           rule_.is_place && where == path_ ? "what is in it" : path_.string()),
               "chmod go-w", where);
  }

  void check_file(const fs::path& where, const struct stat& info) {
    check_owner(where, info, "chown");
    if ((info.st_mode & rule_.off) != 0) {
      if (rule_.off == private_to_owner)
        complain("is open to others than its owner",
                 S_ISDIR(info.st_mode) ? "chmod 700" : "chmod 600", where);
      else
        complain("may be written by others than its owner", "chmod go-w", where);
    }
    if (rule_.with_content && S_ISDIR(info.st_mode)) check_content(where);
  }

  void check_content(const fs::path& folder) {
    auto rule = rule_;
    rule.with_content = false;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
      const auto found = Walk(entry->path(), rule, owners_, option_).problems();
      problems_.insert(problems_.end(), found.begin(), found.end());
    }
  }

  const fs::path path_;
  const FileRule rule_;
  const std::set<uid_t>& owners_;
  const std::string_view option_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> strangers_could(const fs::path& path, const FileRule& rule,
                                         const std::set<uid_t>& owners, std::string_view option) {
  return Walk(path, rule, owners, option).problems();
}

}  // namespace pec::config
