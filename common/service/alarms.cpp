// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/alarms.hpp"

#include "base/utc.hpp"

#include <fmt/format.h>
#include <utility>

namespace pec::service {

bool Alarms::tell(const std::vector<std::string>& names) {
  auto state = state_.lock();
  bool is_new = names.empty();
  const auto now = clock_.now();
  std::vector<Told*> silent;
  for (const auto& given : names) {
    const bool fits = state->told.size() < most_alarm_names || state->told.contains(given);
    const auto [place, first] = state->told.try_emplace(fits ? given : "other things", Told{now});
    auto& [name, told] = *place;
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
  if (!is_new)
    for (auto* told : silent) ++told->more;
  return is_new;
}

void Alarms::end(State& state, const std::string& name, const Told& told) {
  if (told.more > 0)
    state.gathered.push_back(fmt::format("alert: {} more of \"{}\" within an hour of {}", told.more,
                                         name, utc_time(told.at)));
}

std::vector<std::string> Alarms::gathered(When when) {
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

}  // namespace pec::service
