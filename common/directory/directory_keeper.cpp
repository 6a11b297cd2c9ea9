#include "directory/directory_keeper.hpp"

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

// Frees what no session has any more; true if there was any. Nobody can take a retired snapshot anew,
// so one that is ours alone stays ours alone.
bool free_unused(std::vector<std::shared_ptr<const ProvidersDirectory>>& retired) {
  return std::erase_if(retired, [](const auto& each) { return each.use_count() == 1; }) != 0;
}

}  // namespace

DirectoryKeeper::DirectoryKeeper(std::unique_ptr<Source> source, const DirectoryOptions& options,
                                 const Clock& clock, Check check)
    : options_(options), clock_(clock), check_(std::move(check)) {
  work_.lock()->source = std::move(source);
}

Result<std::unique_ptr<DirectoryKeeper>> DirectoryKeeper::open(const DirectoryOptions& options,
                                                               const Clock& clock, Check check) {
  auto source = open_source(options);
  if (!source) return tl::unexpected(source.error());
  return open(std::move(*source), options, clock, std::move(check));
}

Result<std::unique_ptr<DirectoryKeeper>> DirectoryKeeper::open(std::unique_ptr<Source> source,
                                                               const DirectoryOptions& options,
                                                               const Clock& clock, Check check) {
  std::unique_ptr<DirectoryKeeper> keeper(
      new DirectoryKeeper(std::move(source), options, clock, std::move(check)));
  if (const auto loaded = keeper->refresh(); !loaded) return tl::unexpected(loaded.error());
  return keeper;
}

std::shared_ptr<const ProvidersDirectory> DirectoryKeeper::providers() const {
  return *providers_.lock();
}

DirectoryKeeper::State DirectoryKeeper::state() const {
  return *state_.lock();
}

Result<bool> DirectoryKeeper::refresh() {
  auto work = work_.lock();
  bool released = free_unused(work->retired);
  auto taken = take_up(*work);
  if (providers()) *state_.lock() = judge(*work, taken);
  released = free_unused(work->retired) || released || taken == true;
  // glibc would keep what loading has used for the next time, and that may be a day away.
  if (released) malloc_trim(0);
  return taken;
}

Result<bool> DirectoryKeeper::take_up(Work& work) {
  auto reading = work.source->read(work.version);
  if (!reading) return tl::unexpected(reading.error());
  if (reading->providers != nullptr)
    if (auto checked = check_fresh(*reading->providers); !checked)
      return tl::unexpected(checked.error());
  work.as_of = reading->as_of;
  if (reading->providers == nullptr) return false;

  work.version = std::move(reading->version);
  work.loaded_as_of = reading->as_of;
  auto old = std::exchange(*providers_.lock(), std::move(reading->providers));
  if (old) work.retired.push_back(std::move(old));
  return true;
}

// The program's own check comes first: a restart, which a shrunken directory asks for, would not help
// against what it refuses.
Result<void> DirectoryKeeper::check_fresh(const ProvidersDirectory& fresh) const {
  if (check_)
    if (auto checked = check_(fresh); !checked) {
      checked.error().detail = fmt::format("{}: {}", options_.source, checked.error().detail);
      return checked;
    }
  return check_shrink(fresh);
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

DirectoryKeeper::State DirectoryKeeper::judge(const Work& work, const Result<bool>& taken) const {
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
  return {problem.empty(), problem + in_use};
}

}  // namespace pec::directory
