// SPDX-License-Identifier: GPL-2.0-or-later

// The way back from set-up. Units stop first, then files and folders go back in the reverse order,
// then the host's own services start again with their old files. Each part is safe to do twice.

#include "base/file.hpp"
#include "base/text.hpp"
#include "mime/digest.hpp"
#include "pecctl/replacement.hpp"
#include "pecctl/setup/host_parts.hpp"
#include "pecctl/setup/record.hpp"
#include "pecctl/setup/tools.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <set>
#include <system_error>
#include <unistd.h>

namespace pec::pecctl {

namespace fs = std::filesystem;

namespace {

// Takes the items one by one from the last to the first. Those that can't be put back stay.
template <class Items, class PutBack>
void put_back_all(Items& items, SetupRecord::Outcome& outcome, const PutBack& put_back) {
  Items left;
  while (!items.empty()) {
    auto item = std::move(items.back());
    items.pop_back();
    auto done = put_back(item);
    if (!done) {
      outcome.problems.push_back(done.error().detail);
      left.insert(left.begin(), std::move(item));
    } else if (!done->empty()) {
      outcome.lines.push_back(std::move(*done));
    }
  }
  items = std::move(left);
}

// Messages in a queue of Postfix; 0 for another folder.
std::size_t mail_in(const fs::path& queue) {
  std::size_t messages = 0;
  for (const auto* name : {"maildrop", "incoming", "active", "deferred", "hold"}) {
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(queue / name, error))
      if (entry.is_regular_file(error)) ++messages;
  }
  return messages;
}

Result<void> remove_file(const fs::path& file) {
  if (unlink(file.c_str()) == 0 || errno == ENOENT) return {};
  return unavailable(fmt::format("can't remove {}: {}", file.string(), errno_text(errno)));
}

// The list of instances may have got others meanwhile: these stay.
Result<std::optional<std::string>> value_to_restore(const std::string& folder,
                                                    const ChangedSetting& setting) {
  if (setting.name != instance_list) return setting.before;
  PEC_TRY(const auto now, output_of({"postconf", "-c", folder, "-hx", setting.name}));
  const auto made = words_in(setting.made), before = words_in(setting.before.value_or(""));
  std::vector<std::string> kept;
  for (const auto& word : words_in(now))
    if (!contains(made, word) || contains(before, word)) kept.push_back(word);
  return kept.empty() ? setting.before : std::optional(text::join(kept, " "));
}

// In a main.cf that somebody has changed since. While another instance is there, what all instances
// need stays.
Result<std::string> undo_settings(const fs::path& main_cf,
                                  const std::vector<ChangedSetting>& settings) {
  const auto folder = main_cf.parent_path().string();
  std::vector<std::string> names;
  bool has_others = false;
  for (const auto& setting : settings) {
    PEC_TRY(const auto value, value_to_restore(folder, setting));
    if (setting.name == instance_list) has_others = value != setting.before;
    if (has_others && setting.name != instance_list && setting.name.starts_with("multi_instance"))
      continue;
    PEC_TRY_VOID(value ? output_of({"postconf", "-c", folder, "-e", setting.name + "=" + *value})
                       : output_of({"postconf", "-c", folder, "-X", setting.name}));
    names.push_back(setting.name);
  }
  return fmt::format("{}: somebody else has changed it since; only {} went back", main_cf.string(),
                     text::join(names, ", "));
}

// With our files it may have failed to start. Then try-restart would leave it so.
bool has_failed(const std::string& unit) {
  return succeeds({"systemctl", "--quiet", "is-failed", unit}).value_or(false);
}

}  // namespace

Result<std::string> SetupRecord::put_back(const SavedUnit& unit) const {
  if (!unit.was_active) {
    PEC_TRY_VOID(output_of({"systemctl", "stop", unit.name}, {}, std::chrono::minutes(3)));
  }
  if (!unit.was_enabled) {
    // A unit of a generator can't be disabled, and goes with its file.
    PEC_TRY(const bool is_enabled, succeeds({"systemctl", "--quiet", "is-enabled", unit.name}));
    if (is_enabled) PEC_TRY_VOID(succeeds({"systemctl", "--quiet", "disable", unit.name}));
  }
  return unit.was_active ? std::string() : unit.name + ": stopped";
}

Result<std::string> SetupRecord::restore(const SavedFile& file, const std::string& before) const {
  PEC_TRY(auto fresh, Replacement::write(end_of_links(file.path), before));
  PEC_TRY_VOID(fresh.take_after(folder_ / *file.copy));  // the copy has the old owner and mode
  PEC_TRY_VOID(fresh.put_in_place());
  return file.path.string() + ": as it was before";
}

Result<std::string> SetupRecord::put_back(const SavedFile& file) const {
  PEC_TRY(const auto now, read_file_if_there(file.path));
  const bool is_ours = now && contains(file.made, mime::sha256_hex(*now));
  if (!file.copy) {
    if (!now) return std::string();
    if (!is_ours)
      return file.path.string() + ": changed by hand since set-up has made it, and stays";
    PEC_TRY_VOID(remove_file(file.path));
    return file.path.string() + ": removed";
  }
  PEC_TRY(const auto before, read_file(folder_ / *file.copy));
  if (now == before) return std::string();
  if (!now || is_ours) return restore(file, before);
  if (!file.settings.empty()) return undo_settings(file.path, file.settings);
  return fmt::format("{}: changed by hand since, and stays; as it was before: {}",
                     file.path.string(), (folder_ / *file.copy).string());
}

Result<std::string> SetupRecord::put_back(const SavedFolder& folder) const {
  std::error_code error;
  if (folder.with_content && mail_in(folder.path) > 0)
    return fail(Fault::rejected, "mail is waiting",
                fmt::format("{} stays: mail came meanwhile", folder.path.string()));
  if (folder.with_content)
    fs::remove_all(folder.path, error);
  else
    fs::remove(folder.path, error);
  if (error == std::errc::directory_not_empty)
    return folder.path.string() + ": stays, since something else is in it";
  if (error)
    return unavailable(fmt::format("can't remove {}: {}", folder.path.string(), error.message()));
  return folder.path.string() + ": removed";
}

Result<void> SetupRecord::refuse_while_mail_waits() const {
  for (const auto& folder : folders_)
    if (const auto messages = folder.with_content ? mail_in(folder.path) : 0; messages > 0)
      return fail(
          Fault::rejected, "mail is waiting",
          fmt::format("messages in {}: {}; it is certified mail, and it would be lost: wait "
                      "until the queue is empty (postqueue -c /etc/postfix-pec -p)",
                      folder.path.string(), messages));
  return {};
}

// Copies go with the record, but for those of files that are not as they were.
Result<void> SetupRecord::forget(const std::vector<SavedFile>& files) const {
  for (const auto& file : files) {
    if (!file.copy) continue;
    PEC_TRY(const auto now, read_file_if_there(file.path));
    PEC_TRY(const auto before, read_file_if_there(folder_ / *file.copy));
    if (now == before) PEC_TRY_VOID(remove_file(folder_ / *file.copy));
  }
  PEC_TRY_VOID(remove_file(folder_ / SetupRecord::record_name));
  if (rmdir(folder_.c_str()) == 0 || errno == ENOTEMPTY || errno == ENOENT) return {};
  return unavailable(fmt::format("can't remove {}: {}", folder_.string(), errno_text(errno)));
}

SetupRecord::Outcome SetupRecord::put_back() {
  Outcome outcome;
  const auto tell = [&](const Result<void>& done) {
    if (!done) outcome.problems.push_back(done.error().detail);
  };
  std::set<std::string> restarts, running;
  put_back_all(units_, outcome, [&](const auto& each) { return put_back(each); });
  if (!outcome.problems.empty()) return outcome;  // they still use the files
  put_back_all(products_, outcome, [](const auto& each) -> Result<std::string> {
    PEC_TRY_VOID(remove_file(each));
    return std::string();
  });
  const auto files = files_;
  put_back_all(files_, outcome, [&](const auto& each) {
    if (!each.restarts.empty()) restarts.insert(each.restarts);
    if (each.was_running) running.insert(each.restarts);
    return put_back(each);
  });
  put_back_all(folders_, outcome, [&](const auto& each) { return put_back(each); });
  const auto run = [&](std::vector<std::string> words) {
    if (auto done = output_of(std::move(words)); !done) tell(tl::unexpected(done.error()));
  };
  if (!restarts.empty()) run({"systemctl", "daemon-reload"});
  for (const auto& unit : restarts)
    run({"systemctl", running.contains(unit) && has_failed(unit) ? "restart" : "try-restart",
         unit});
  tell(empty() ? forget(files) : save());
  return outcome;
}

}  // namespace pec::pecctl
