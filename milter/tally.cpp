#include "tally.hpp"

#include "base/utc.hpp"
#include "scanning.hpp"

#include <fmt/format.h>
#include <utility>

namespace pec::milter {

namespace {

std::string_view name_of(ErrorSource source) {
  switch (source) {
    case ErrorSource::ledger:
      return "ledger";
    case ErrorSource::scanner:
      return "scanner";
    case ErrorSource::scan:
      return "scan";
    case ErrorSource::signing:
      return "signing";
    case ErrorSource::revocation:
      return "revocation";
    case ErrorSource::disk:
      return "disk";
    case ErrorSource::load:
      return "load";
    case ErrorSource::aliases:
      return "aliases";
    case ErrorSource::mail_server:
      return "mail server";
    case ErrorSource::message:
      return "message";
    case ErrorSource::internal:
      return "internal";
    case ErrorSource::unnamed:
      break;
  }
  return "other";
}

}  // namespace

bool Tally::count(const std::vector<std::string>& names, bool is_alert) {
  auto state = state_.lock();
  bool is_new = names.empty();
  const auto now = clock_.now();
  std::vector<Told*> silent;
  for (const auto& name : names) {
    ++state->counts[name];
    if (!is_alert) continue;
    const auto [place, first] = state->told.try_emplace(name, Told{now});
    auto& told = place->second;
    const bool over = told.at + alert_silence <= now;
    if (over) {
      end(*state, name, told);
      told = Told{now};
    }
    if (first || over)
      is_new = true;
    else
      silent.push_back(&told);
  }
  if (is_alert && !is_new)
    for (auto* told : silent) ++told->more;
  return is_alert && is_new;
}

bool Tally::alert_of_waiting(std::string_view role, ErrorSource source) {
  return count(
      {source == ErrorSource::scan ? std::string(not_scanned)
                                   : fmt::format("tempfail, {}, {}", role, name_of(source))},
      true);
}

void Tally::end(State& state, const std::string& name, const Told& told) {
  if (told.more > 0)
    state.gathered.push_back(fmt::format("alert: {} more of \"{}\" within an hour of {}", told.more,
                                         name, utc_time(told.at)));
}

std::vector<std::string> Tally::gathered(When when) {
  auto state = state_.lock();
  const auto now = clock_.now();
  std::erase_if(state->told, [&](const auto& each) {
    const auto& [name, told] = each;
    if (when == When::is_over && told.at + alert_silence > now) return false;
    end(*state, name, told);
    return true;
  });
  return std::exchange(state->gathered, {});
}

Result<void> Tally::store(Ledger& ledger, const std::string& node) {
  const auto counts = std::exchange(state_.lock()->counts, {});
  auto stored = ledger.add_counts(node, counts);
  if (stored) return stored;
  auto state = state_.lock();
  for (const auto& [name, count] : counts) state->counts[name] += count;
  return stored;
}

}  // namespace pec::milter
