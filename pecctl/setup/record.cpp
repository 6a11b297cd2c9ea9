// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/record.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "mime/digest.hpp"
#include "pecctl/answer.hpp"
#include "pecctl/replacement.hpp"
#include "pecctl/setup/host_parts.hpp"
#include "pecctl/setup/tools.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace pec::pecctl {

namespace fs = std::filesystem;

namespace {

tl::unexpected<Error> failed(std::string_view what, const fs::path& path) {
  return unavailable(fmt::format("can't {} {}: {}", what, path.string(), errno_text(errno)));
}

Result<void> own(const fs::path& folder, const std::string& owner, mode_t mode) {
  PEC_TRY(const auto ids, ids_of(owner));
  if (chown(folder.c_str(), ids.user, ids.group) != 0 || chmod(folder.c_str(), mode) != 0)
    return failed("set owner and mode of", folder);
  return {};
}

Result<FileDescriptor> lock_of(const fs::path& folder) {
  FileDescriptor lock(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock) return failed("open", folder);
  if (flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return failed("lock", folder);
  return unavailable("another \"pecctl setup\" is running on this host: wait for its end");
}

// systemctl says that a unit failed; the unit's own words say why.
Result<void> start_now(const std::string& unit) {
  const auto started = output_of({"systemctl", "start", unit}, {}, std::chrono::minutes(6));
  if (started) return {};
  const auto said = output_of(
      {"journalctl", "--no-pager", "--quiet", "--output=cat", "--lines=8", "--unit=" + unit});
  return unavailable(said && !said->empty()
                         ? fmt::format("{}; its last words:\n{}", started.error().detail,
                                       text::without_line_end(*said))
                         : started.error().detail);
}

Json json_of(const std::vector<ChangedSetting>& settings) {
  auto array = Json::array();
  for (const auto& [name, before, made] : settings) {
    Json each{{"name", name}, {"made", made}};
    if (before) each["before"] = *before;
    array.push_back(std::move(each));
  }
  return array;
}

std::vector<ChangedSetting> settings_in(const Json& array) {
  std::vector<ChangedSetting> settings;
  for (const auto& each : array) {
    auto& setting = settings.emplace_back();
    setting.name = each.at("name").get<std::string>();
    setting.made = each.at("made").get<std::string>();
    if (each.contains("before")) setting.before = each.at("before").get<std::string>();
  }
  return settings;
}

}  // namespace

Result<SetupRecord> SetupRecord::open(fs::path folder) {
  SetupRecord record(std::move(folder));
  std::error_code error;
  if (!fs::exists(record.folder_, error)) return record;
  PEC_TRY_VOID(record.take_folder());
  PEC_TRY_VOID(record.load());
  return record;
}

Result<void> SetupRecord::take_folder() {
  if (lock_) return {};
  if (mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return failed("make", folder_);
  struct stat status {};
  if (lstat(folder_.c_str(), &status) != 0) return failed("look at", folder_);
  if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 077) != 0)
    return bad_input(
        fmt::format("{0} is not a folder of root's alone, and what stands in it can't be trusted: "
                    "see who made it, and then run \"chown root: {0} && chmod 700 {0}\"",
                    folder_.string()));
  PEC_TRY(lock_, lock_of(folder_));
  return {};
}

Result<void> SetupRecord::begin() {
  PEC_TRY_VOID(take_folder());
  std::error_code error;
  if (!empty() || !fs::exists(folder_ / record_name, error)) return {};
  return unavailable(
      "another \"pecctl setup\" has worked on this host meanwhile: run this one again");
}

Result<void> SetupRecord::load() {
  const auto file = folder_ / record_name;
  PEC_TRY(const auto text, read_file_if_there(file));
  if (!text) return {};
  const auto json = Json::parse(*text, nullptr, false);
  try {
    for (const auto& each : json.at("files")) {
      auto& saved = files_.emplace_back();
      saved.path = each.at("path").get<std::string>();
      if (each.contains("copy")) saved.copy = each.at("copy").get<std::string>();
      saved.made = each.at("made").get<std::vector<std::string>>();
      saved.restarts = each.at("restarts").get<std::string>();
      saved.was_running = each.value("was_running", false);
      saved.settings = settings_in(each.at("settings"));
    }
    for (const auto& each : json.at("folders"))
      folders_.push_back({each.at("path").get<std::string>(), each.at("with_content").get<bool>()});
    for (const auto& each : json.at("products")) products_.emplace_back(each.get<std::string>());
    for (const auto& each : json.at("units"))
      units_.push_back({each.at("name").get<std::string>(), each.at("was_enabled").get<bool>(),
                        each.at("was_active").get<bool>()});
  } catch (const Json::exception& error) {
    return bad_input(fmt::format("{} can't be read ({}): without it nothing can be put back",
                                 file.string(), text::printable(error.what())));
  }
  return {};
}

Result<void> SetupRecord::save() {
  PEC_TRY_VOID(take_folder());
  Json json{{"files", Json::array()},
            {"folders", Json::array()},
            {"products", Json::array()},
            {"units", Json::array()}};
  for (const auto& file : files_) {
    Json each{{"path", file.path.string()},
              {"made", file.made},
              {"restarts", file.restarts},
              {"was_running", file.was_running},
              {"settings", json_of(file.settings)}};
    if (file.copy) each["copy"] = *file.copy;
    json["files"].push_back(std::move(each));
  }
  for (const auto& folder : folders_)
    json["folders"].push_back(
        {{"path", folder.path.string()}, {"with_content", folder.with_content}});
  for (const auto& product : products_) json["products"].push_back(product.string());
  for (const auto& unit : units_)
    json["units"].push_back(
        {{"name", unit.name}, {"was_enabled", unit.was_enabled}, {"was_active", unit.was_active}});
  PEC_TRY(auto file, Replacement::write(folder_ / record_name, json_text(json) + "\n"));
  return file.put_in_place();
}

SetupRecord::SavedFile* SetupRecord::find(const fs::path& file) {
  const auto found = std::find_if(files_.begin(), files_.end(),
                                  [&](const auto& each) { return each.path == file; });
  return found == files_.end() ? nullptr : &*found;
}

// The name of the copy, with the owner and mode of the file.
Result<std::string> SetupRecord::keep_copy(const fs::path& file, const std::string& content) {
  const auto name = fmt::format("before-{}", mime::sha256_hex(file.string()).substr(0, 16));
  PEC_TRY(auto copy, Replacement::write(folder_ / name, content));
  PEC_TRY_VOID(copy.take_after(file));
  PEC_TRY_VOID(copy.put_in_place());
  return name;
}

Result<void> SetupRecord::remember(const HostFile& file, const std::optional<std::string>& now) {
  if (find(file.path) == nullptr) {
    SavedFile saved{file.path, {}, {}, file.restarts, file.settings, false};
    if (!file.restarts.empty()) {
      PEC_TRY(saved.was_running, succeeds({"systemctl", "--quiet", "is-active", file.restarts}));
    }
    if (now) {
      PEC_TRY_VOID(take_folder());
      PEC_TRY(saved.copy, keep_copy(file.path, *now));
    }
    files_.push_back(std::move(saved));
  }
  auto& made = find(file.path)->made;
  const auto digest = mime::sha256_hex(file.content);
  if (!contains(made, digest)) made.push_back(digest);
  return save();
}

Result<bool> SetupRecord::put_file(const HostFile& file) {
  PEC_TRY(const auto now, read_file_if_there(file.path));
  if (now == file.content) return false;
  PEC_TRY_VOID(remember(file, now));
  PEC_TRY(auto fresh, Replacement::write(end_of_links(file.path), file.content, file.group));
  if (file.group.empty()) PEC_TRY_VOID(fresh.take_after(file.path));
  PEC_TRY_VOID(fresh.put_in_place());
  return true;
}

Result<void> SetupRecord::make_folder(const fs::path& folder, const std::string& owner, mode_t mode,
                                      bool with_content) {
  std::error_code error;
  if (fs::exists(folder, error)) return {};
  folders_.push_back({folder, with_content});
  PEC_TRY_VOID(save());
  if (mkdir(folder.c_str(), mode) != 0) return failed("make", folder);
  return own(folder, owner, mode);
}

Result<void> SetupRecord::expect(const fs::path& product) {
  if (std::find(products_.begin(), products_.end(), product) != products_.end()) return {};
  products_.push_back(product);
  return save();
}

Result<void> SetupRecord::start(const std::string& unit, bool enable) {
  PEC_TRY(const bool is_enabled, succeeds({"systemctl", "--quiet", "is-enabled", unit}));
  PEC_TRY(const bool is_active, succeeds({"systemctl", "--quiet", "is-active", unit}));
  const auto known = std::find_if(units_.begin(), units_.end(),
                                  [&](const auto& each) { return each.name == unit; });
  if (known == units_.end()) {
    units_.push_back({unit, is_enabled, is_active});
    PEC_TRY_VOID(save());
  }
  if (enable && !is_enabled) PEC_TRY_VOID(output_of({"systemctl", "--quiet", "enable", unit}));
  return is_active ? Result<void>() : start_now(unit);
}

bool SetupRecord::empty() const {
  return files_.empty() && folders_.empty() && products_.empty() && units_.empty();
}

}  // namespace pec::pecctl
