// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/login_memory.hpp"

#include <algorithm>

namespace pec::policyd {

namespace {

// Longer than any account's name: longer invented names take no more memory.
constexpr std::size_t longest_name = 320;

std::string short_name(const LoginAttempt& attempt) {
  return attempt.account.substr(0, longest_name);
}

}  // namespace

LoginsUnderWay LoginMemory::under_way(const LoginAttempt& attempt) {
  forget_old(attempt.at);
  LoginsUnderWay count;
  const auto account = short_name(attempt);
  for (const auto& begun : begun_) {
    const bool same_account = begun.attempt.account == account,
               same_network = begun.attempt.network == attempt.network;
    if (begun.known)
      count.at_known += same_account && same_network ? 1 : 0;
    else {
      count.of_account += same_account ? 1 : 0;
      count.of_network += same_network ? 1 : 0;
    }
  }
  return count;
}

void LoginMemory::begin(const LoginAttempt& attempt, const PasswordMark& mark, bool known) {
  const auto account = short_name(attempt);
  const auto is_the_same = [&](const Begun& each) {
    return each.mark == mark && each.attempt.account == account &&
           each.attempt.network == attempt.network;
  };
  // The same password is one guess, however often it is tried. It is not a new guess if it has been
  // counted.
  if (!mark.empty() &&
      (failed_.contains({account, mark}) || std::any_of(begun_.begin(), begun_.end(), is_the_same)))
    return;
  begun_.push_back({{account, attempt.network, attempt.at}, mark, known});
  if (begun_.size() > most_under_way) begun_.pop_front();
}

void LoginMemory::end(const LoginAttempt& attempt, const PasswordMark& mark) {
  const auto account = short_name(attempt);
  if (!mark.empty()) {
    // From any network: the result of one attempt holds for all with the same password.
    begun_.remove_if(
        [&](const Begun& each) { return each.mark == mark && each.attempt.account == account; });
    return;
  }
  const auto begun = std::find_if(begun_.begin(), begun_.end(), [&](const Begun& each) {
    return each.mark.empty() && each.attempt.account == account &&
           each.attempt.network == attempt.network;
  });
  if (begun != begun_.end()) begun_.erase(begun);
}

bool LoginMemory::is_new_failure(const LoginAttempt& attempt, const PasswordMark& mark) {
  if (mark.empty()) return true;
  forget_old(attempt.at);
  const Failed failed{short_name(attempt), mark};
  if (!failed_.try_emplace(failed, attempt.at).second) return false;
  failed_in_order_.push_back(failed);
  return true;
}

void LoginMemory::forget_failure(const LoginAttempt& attempt, const PasswordMark& mark) {
  const Failed failed{short_name(attempt), mark};
  if (failed_.erase(failed) > 0) failed_in_order_.remove(failed);
}

void LoginMemory::forget_old(Instant now) {
  while (!begun_.empty() && begun_.front().attempt.at + under_way_for <= now) begun_.pop_front();
  while (!failed_in_order_.empty() &&
         (failed_in_order_.size() >= most_failed_marks ||
          failed_.at(failed_in_order_.front()) + login_window <= now)) {
    failed_.erase(failed_in_order_.front());
    failed_in_order_.pop_front();
  }
}

}  // namespace pec::policyd
