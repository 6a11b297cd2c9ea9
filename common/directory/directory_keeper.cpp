// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/directory_keeper.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <chrono>
#include <date/date.h>
#include <fmt/format.h>
#include <malloc.h>
#include <utility>

namespace pec::directory {

namespace {

std::string utc(Instant at) {
  return date::format("%F %T UTC", at);
}

// Frees what no session uses any more; true if there was any. Nobody can get a retired snapshot any
// more, so a count of one stays one.
bool free_unused(std::vector<std::shared_ptr<const DirectoryInUse>>& retired) {
  return std::erase_if(retired, [](const auto& each) { return each.use_count() == 1; }) != 0;
}

}  // namespace

DirectoryKeeper::DirectoryKeeper(std::unique_ptr<Source> source, const DirectoryOptions& options,
                                 const Clock& clock, Check check, DomainHistory* history)
    : options_(options), clock_(clock), check_(std::move(check)), history_(history) {
  work_.lock()->source = std::move(source);
}

Result<std::unique_ptr<DirectoryKeeper>> DirectoryKeeper::open(const DirectoryOptions& options,
                                                               const Clock& clock, Check check,
                                                               DomainHistory* history) {
  PEC_TRY(auto source, open_source(options));
  return open(std::move(source), options, clock, std::move(check), history);
}

Result<std::unique_ptr<DirectoryKeeper>> DirectoryKeeper::open(std::unique_ptr<Source> source,
                                                               const DirectoryOptions& options,
                                                               const Clock& clock, Check check,
                                                               DomainHistory* history) {
  std::unique_ptr<DirectoryKeeper> keeper(
      new DirectoryKeeper(std::move(source), options, clock, std::move(check), history));
  PEC_TRY_VOID(keeper->refresh());
  return keeper;
}

std::shared_ptr<const ProvidersDirectory> DirectoryKeeper::providers() const {
  const auto current = in_use();
  if (!current) return nullptr;
  return {current, &current->providers()};
}

PartState DirectoryKeeper::state() const {
  return *state_.lock();
}

Result<bool> DirectoryKeeper::refresh() {
  auto work = work_.lock();
  bool released = free_unused(work->retired);
  auto taken = take_up(*work);
  if (providers()) *state_.lock() = judge(*work, taken);
  released = free_unused(work->retired) || released || taken == true;
  // glibc would keep this memory for the next load, which may be a day away.
  if (released) malloc_trim(0);
  return taken;
}

Result<bool> DirectoryKeeper::take_up(Work& work) {
  PEC_TRY(auto reading,
          work.source->read(work.version, {providers().get(), options_.our_provider}));
  if (reading.providers == nullptr) {
    work.as_of = reading.as_of;
    return false;
  }
  PEC_TRY_VOID(check_fresh(work, reading));
  PEC_TRY(auto former, former_owners(reading));

  work.version = std::move(reading.version);
  work.as_of = work.loaded_as_of = reading.as_of;
  work.loaded_issued = reading.issued;
  auto fresh =
      std::make_shared<const DirectoryInUse>(std::move(reading.providers), std::move(former));
  auto old = std::exchange(*in_use_.lock(), std::move(fresh));
  if (old) work.retired.push_back(std::move(old));
  return true;
}

// The program's own check comes first. The message about a shrunken directory asks for a restart,
// but that would not help if this check fails.
Result<void> DirectoryKeeper::check_fresh(const Work& work, const Reading& fresh) const {
  if (check_)
    if (auto checked = check_(*fresh.providers); !checked) {
      checked.error().detail = fmt::format("{}: {}", options_.source, checked.error().detail);
      return checked;
    }
  if (auto checked = check_age(work, fresh); !checked) return checked;
  return check_shrink(*fresh.providers);
}

Result<void> DirectoryKeeper::check_age(const Work& work, const Reading& fresh) const {
  if (!work.loaded_issued || !fresh.issued || *fresh.issued >= *work.loaded_issued) return {};
  return fail(
      Fault::rejected, "invalid input",
      fmt::format("{}: it is of {}, older than the directory in use, which is of {}; put the "
                  "current one there, or, if that is right, restart the program, which then "
                  "takes it as it is",
                  options_.source, utc(*fresh.issued), utc(*work.loaded_issued)));
}

Result<FormerOwners> DirectoryKeeper::former_owners(const Reading& fresh) const {
  if (history_ == nullptr) return FormerOwners();
  const auto now = clock_.now();
  const std::chrono::days days(options_.former_owner_days);
  // A date in the future would make all later directories old.
  const auto as_of = std::min(fresh.issued.value_or(fresh.as_of), now);
  PEC_TRY(auto former, history_->take_up(fresh.providers->owned(), as_of, now, days));
  return FormerOwners(std::move(former), days);
}

Result<void> DirectoryKeeper::check_shrink(const ProvidersDirectory& fresh) const {
  const auto running = providers();
  if (!running) return {};
  const auto loss = domains_lost(*running, fresh);
  if (!loss.exceeds(options_.max_shrink_percent)) return {};
  return fail(
      Fault::rejected, "invalid input",
      fmt::format("{}: {} of {} domains would go, and directory.max_shrink_percent lets {}% go at "
                  "once; if that is right, restart the program, which then takes it as it is",
                  options_.source, loss.gone, loss.all, options_.max_shrink_percent));
}

PartState DirectoryKeeper::judge(const Work& work, const Result<bool>& taken) const {
  const auto running = providers();
  const auto in_use = fmt::format("{} providers, {} domains, as of {}", running->providers().size(),
                                  running->domain_count(), utc(work.loaded_as_of));
  std::string problem;
  if (!taken) problem = taken.error().detail + "; still in use: ";
  const auto limit = std::chrono::hours(options_.max_age_hours);
  if (limit.count() != 0 && clock_.now() - work.as_of > limit)
    problem += fmt::format(
        "{} has not been renewed since {}, longer than directory.max_age_hours "
        "({}) allows; find out why; in use: ",
        options_.source, utc(work.as_of), options_.max_age_hours);
  if (problem.empty() && !running->flaws().empty()) {
    std::vector<std::string> flaws;
    for (const auto& flaw : running->flaws()) flaws.push_back(flaw.text());
    return {false,
            fmt::format("{}: {}; in use: {}", options_.source, text::join(flaws, "; "), in_use)};
  }
  return {problem.empty(), problem + in_use};
}

}  // namespace pec::directory
