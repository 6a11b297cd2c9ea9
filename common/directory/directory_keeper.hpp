// SPDX-License-Identifier: GPL-2.0-or-later

// Keeps the providers' directory in use, and replaces it when the source has a newer one.
//
//     // at start: a bad source is an error
//     auto keeper = DirectoryKeeper::open(options, clock, check);
//     auto snapshot = (*keeper)->snapshot();  // sessions, one for each message
//     auto changed = (*keeper)->refresh();                         // from a timer, or a signal
//
// These directories are refused, and the one in use stays:
// - one that can't be read, or is not whole;
// - one that has lost more than max_shrink_percent of the domains: half a download would make
//   certified mail of half the world ordinary. If the loss is right, restart the program; after a
//   start there is nothing to compare with;
// - one that the program's own check refuses, at the start and at each refresh. pec-milter refuses
//   a directory without our own entry (directory/our_entry.hpp says why);
// - one that is older than the one in use, by the time of its signature or the file's date.
//   Somebody has missed an update, or wants old domains and keys back;
// - any, while the history of domains (domain_history.hpp) can't be asked. Otherwise mail of a
//   domain's last owner would count as forged. The old directory and its history go together.
//
// A flaw in one entry does not keep the others from being used (providers_directory.hpp), but
// state() is bad as long as it is there. state() describes the last look. It is bad, too, if the
// directory speaks for a time longer ago than max_age_hours, even if it can be read: nobody renews
// it.
//
// snapshot() only copies a pointer under a lock. The thread that refreshes frees an old directory
// once no session has it any more. Half a million domains take milliseconds to free, and no session
// should have to do that. Any thread; refreshes wait for each other.
#pragma once

#include "base/watch.hpp"
#include "directory/directory_in_use.hpp"
#include "directory/source.hpp"
#include "pec/ports.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pec::directory {

class DirectoryKeeper final : public Directory {
public:
  // A further check of a new directory, called by the thread that refreshes. Error: what is wrong,
  // and how to correct it, in one line.
  using Check = std::function<Result<void>(const ProvidersDirectory&)>;

  // Opens the source and reads it. Error: a sentence for the administrator. `history`: null if
  // nobody asks who speaks for a domain; else it must outlive the keeper.
  static Result<std::unique_ptr<DirectoryKeeper>> open(const DirectoryOptions& options,
                                                       const Clock& clock, Check check = {},
                                                       DomainHistory* history = nullptr);
  static Result<std::unique_ptr<DirectoryKeeper>> open(std::unique_ptr<Source> source,
                                                       const DirectoryOptions& options,
                                                       const Clock& clock, Check check = {},
                                                       DomainHistory* history = nullptr);

  std::shared_ptr<const DirectorySnapshot> snapshot() const override { return in_use(); }
  // The list of all providers in the same directory.
  std::shared_ptr<const ProvidersDirectory> providers() const;

  // True if the snapshot is new, false if the source has not changed. After an error the snapshot
  // stays, and the next call tries again.
  Result<bool> refresh();
  // The same, for a Watch.
  Watch::Seen look() {
    auto renewed = refresh();
    return {state(), std::move(renewed)};
  }

  PartState state() const;  // after the last look at the source

private:
  // Data of the refresh, locked while it runs.
  struct Work {
    std::unique_ptr<Source> source;
    std::string version;  // of the running snapshot
    Instant as_of{};      // when the source was last known to be current
    Instant loaded_as_of{};
    std::optional<Instant> loaded_issued;
    std::vector<std::shared_ptr<const DirectoryInUse>> retired;
  };

  DirectoryKeeper(std::unique_ptr<Source> source, const DirectoryOptions& options,
                  const Clock& clock, Check check, DomainHistory* history);
  std::shared_ptr<const DirectoryInUse> in_use() const { return *in_use_.lock(); }
  Result<bool> take_up(Work& work);
  Result<void> check_fresh(const Work& work, const Reading& fresh) const;
  Result<void> check_age(const Work& work, const Reading& fresh) const;
  Result<void> check_shrink(const ProvidersDirectory& fresh) const;
  Result<FormerOwners> former_owners(const Reading& fresh) const;
  PartState judge(const Work& work, const Result<bool>& taken) const;

  const DirectoryOptions options_;
  const Clock& clock_;
  const Check check_;  // none: every directory is taken
  DomainHistory* const history_;
  Guarded<Work> work_;
  mutable Guarded<PartState> state_;
  mutable Guarded<std::shared_ptr<const DirectoryInUse>> in_use_;
};

}  // namespace pec::directory
