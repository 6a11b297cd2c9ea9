// SPDX-License-Identifier: GPL-2.0-or-later

// What set-up has made on this host, and how it was before. Each change is written down here, and
// is on the disk, before it is made. So after a power cut at any moment set-up can go on, or all
// can be put back.
//
//     PEC_TRY(auto record, SetupRecord::open(SetupRecord::usual_folder));
//     PEC_TRY_VOID(record.put_file({"/etc/postfix/main.cf", text}));
//     PEC_TRY_VOID(record.start("pec-milter.service"));
//     ...
//     for (const auto& line : record.put_back()) tell(line);      // revert.cpp
//
// The first state that was ever seen of a file or unit is what "before" means; a second set-up does
// not change it. The folder belongs to root, and nobody else may write there: what stands in it is
// put back as root.
//
// Errors: unavailable, one sentence; what the call was for has not been made then, or only its
// record. One thread.
#pragma once

#include "base/file.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace pec::pecctl {

// Where the host's own Postfix has the folders of its other instances.
inline constexpr auto instance_list = "multi_instance_directories";

// A setting of the host's own main.cf.
struct ChangedSetting {
  std::string name;
  std::optional<std::string> before;  // nothing: it was not set
  std::string made;
};

// A file as set-up wants it.
struct HostFile {
  std::filesystem::path path;
  std::string content;
  std::string group{};     // not empty: only root and this group may read it
  std::string restarts{};  // the unit that reads it, and must start again when it changes
  // For a main.cf of Postfix that is the host's own. If somebody else changes the file later, these
  // settings alone go back.
  std::vector<ChangedSetting> settings{};
};

class SetupRecord {
public:
  static constexpr auto usual_folder = "/var/lib/pec-setup";
  static constexpr auto record_name = "record.json";

  // Reads what the folder holds, if it is there; the first change makes it. Errors: bad_input, if
  // others may write there; unavailable, also if another set-up is running.
  static Result<SetupRecord> open(std::filesystem::path folder);

  // Before the first change. Error: unavailable, if another set-up runs, or ran since open().
  Result<void> begin();
  // Nothing is done if the file is as wanted. `true`: it was changed. A file that is replaced keeps
  // its owner and mode.
  Result<bool> put_file(const HostFile& file);
  // `with_content`: all in it is a program's own, such as Postfix's queue, and goes when it goes.
  Result<void> make_folder(const std::filesystem::path& folder, const std::string& owner,
                           mode_t mode, bool with_content = false);
  // A file that a program makes from ours, such as a compiled script.
  Result<void> expect(const std::filesystem::path& product);
  // Enables and starts it. `enable`: false for a unit that a generator enables.
  Result<void> start(const std::string& unit, bool enable = true);

  // Nothing was made here, or all was put back.
  bool empty() const;
  // Error: rejected, with the number of messages in the queues that set-up has made.
  Result<void> refuse_while_mail_waits() const;

  // Puts everything back, and forgets what was put back. It goes on after a failure. The lines say
  // what was done; the problems, what could not be done and is still written down.
  struct Outcome {
    std::vector<std::string> lines, problems;
  };
  Outcome put_back();

private:
  struct SavedFile {
    std::filesystem::path path;
    std::optional<std::string>
        copy;                       // of the content before, in our folder; nothing: it was absent
    std::vector<std::string> made;  // the digests of what set-up has written
    std::string restarts;
    std::vector<ChangedSetting> settings;
    bool was_running = false;  // what `restarts` names, before the file was changed
  };
  struct SavedFolder {
    std::filesystem::path path;
    bool with_content = false;
  };
  struct SavedUnit {
    std::string name;
    bool was_enabled = false, was_active = false;
  };

  explicit SetupRecord(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Result<void> take_folder();
  Result<void> load();
  Result<void> save();
  Result<void> remember(const HostFile& file, const std::optional<std::string>& now);
  Result<std::string> keep_copy(const std::filesystem::path& file, const std::string& content);
  SavedFile* find(const std::filesystem::path& file);  // null: set-up has not written it

  Result<std::string> put_back(const SavedFile& file) const;
  Result<std::string> put_back(const SavedFolder& folder) const;
  Result<std::string> put_back(const SavedUnit& unit) const;
  Result<std::string> restore(const SavedFile& file, const std::string& before) const;
  Result<void> forget(const std::vector<SavedFile>& files) const;

  std::filesystem::path folder_;
  FileDescriptor lock_;  // one set-up at a time
  std::vector<SavedFile> files_;
  std::vector<SavedFolder> folders_;
  std::vector<std::filesystem::path> products_;
  std::vector<SavedUnit> units_;
};

}  // namespace pec::pecctl
