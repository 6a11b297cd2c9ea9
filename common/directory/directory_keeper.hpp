// SPDX-License-Identifier: GPL-2.0-or-later

// Keeps the providers' directory that everybody looks up in, and puts a newer one in its place when
// the source has one.
//
//     auto keeper = DirectoryKeeper::open(options, clock, check);  // at start: a bad source is an error
//     auto snapshot = (*keeper)->snapshot();                       // sessions, one for each message
//     auto changed = (*keeper)->refresh();                         // from a timer, or a signal
//
// What protects the running directory:
//   - a source that can't be read, or that holds anything but a whole directory, changes nothing;
//   - nor does one in which more than max_shrink_percent of the domains are gone: half a download
//     would make certified mail of half the world ordinary. Whoever has seen that it is right starts
//     the program anew, for there is nothing to compare with then;
//   - nor does one that the program's own check refuses, at the start and at each refresh alike. For
//     pec-milter that is a directory without ourselves (directory/our_entry.hpp says why).
//   - nor does one that is older than the one in use, by the time of its signature, or the file's date:
//     who puts it there has missed something, or wants domains and keys back that are gone;
//   - nor does one while the history of domains (domain_history.hpp) can't be asked: the mail of who
//     had a domain until then would count as forged. The old directory and its history go together.
// What is wrong with one entry keeps nothing else from being taken up (providers_directory.hpp), and
// state() is bad as long as it is so. After each look state() says how it went. A directory that speaks
// for a time longer ago than max_age_hours is in a bad state, too, even if it can be read: nobody renews
// it.
//
// snapshot() touches memory alone, under a lock held for the copying of one pointer. An old
// directory is freed by the thread that refreshes, once no session has it any more: half a million
// domains are milliseconds of work, which no session should do because it happened to be the last.
// Any thread; refreshes wait for each other.
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
  // What else a directory must hold. Error: what is missing, and how to mend it, in one line. Called
  // by whoever refreshes.
  using Check = std::function<Result<void>(const ProvidersDirectory&)>;

  // Opens the source and reads it. Error: a sentence for the administrator.
  // `history`: none where nobody asks who speaks for a domain; else it outlives the keeper.
  static Result<std::unique_ptr<DirectoryKeeper>> open(const DirectoryOptions& options,
                                                       const Clock& clock, Check check = {},
                                                       DomainHistory* history = nullptr);
  static Result<std::unique_ptr<DirectoryKeeper>> open(std::unique_ptr<Source> source,
                                                       const DirectoryOptions& options,
                                                       const Clock& clock, Check check = {},
                                                       DomainHistory* history = nullptr);

  std::shared_ptr<const DirectorySnapshot> snapshot() const override { return in_use(); }
  // The same, with the list of all providers.
  std::shared_ptr<const ProvidersDirectory> providers() const;

  // True if what the source holds is now the snapshot, false if it has not changed. On error the
  // running snapshot stays, and the next call tries again.
  Result<bool> refresh();
  // The same, for a Watch.
  Watch::Seen look() {
    auto renewed = refresh();
    return {state(), std::move(renewed)};
  }

  PartState state() const;  // after the last look at the source

private:
  // What belongs to refreshing; held while that is done.
  struct Work {
    std::unique_ptr<Source> source;
    std::string version;  // of the running snapshot
    Instant as_of{};      // the last that was heard of the source
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
  const Check check_;  // none: all are taken
  DomainHistory* const history_;
  Guarded<Work> work_;
  mutable Guarded<PartState> state_;
  mutable Guarded<std::shared_ptr<const DirectoryInUse>> in_use_;
};

}  // namespace pec::directory
