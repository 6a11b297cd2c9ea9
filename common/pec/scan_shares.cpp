// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/scan_shares.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec {

namespace {

using std::chrono::milliseconds;

milliseconds between(ScanShares::Time from, ScanShares::Time to) {
  return std::chrono::duration_cast<milliseconds>(to - from);
}

bool may_be_anybody(const ScanParty& party) {
  return party.kind == ScanKind::submission || party.kind == ScanKind::ordinary;
}

}  // namespace

std::size_t ScanShares::places_of(ScanKind kind) const {
  switch (kind) {
    case ScanKind::submission:
      return limits_.submissions;
    case ScanKind::certified:
      return limits_.certified;
    case ScanKind::ordinary:
      return limits_.ordinary;
    case ScanKind::sieve:
      return limits_.sieve;
    case ScanKind::receipt:
      break;
  }
  return limits_.receipts;
}

// The limit if other parties want places, too.
std::size_t ScanShares::most_at_once(const ScanParty& party) const {
  if (may_be_anybody(party)) return 1;
  const auto places = places_of(party.kind);
  return party.kind == ScanKind::certified ? std::max<std::size_t>(1, places / 2) : places;
}

ScanShares::Spent ScanShares::spent_by(const ScanParty& party, Time now) const {
  const auto known = spent_.find(party);
  auto spent = known == spent_.end() ? Spent{} : known->second;
  for (const auto& [ticket, scan] : running_)
    if (scan.party == party) spent.time += between(scan.since, now);
  return spent;
}

bool ScanShares::is_heavy(const ScanParty& party, Time now) const {
  return may_be_anybody(party) && spent_by(party, now).time > limits_.light_time;
}

// Whether the scans that run now leave a place for it.
bool ScanShares::has_place(const ScanParty& party, Time now) const {
  const auto places = places_of(party.kind);
  std::size_t of_kind = 0, of_party = 0, heavy = 0;
  for (const auto& [ticket, scan] : running_) {
    if (scan.party.kind != party.kind) continue;
    ++of_kind;
    if (scan.party == party) ++of_party;
    if (is_heavy(scan.party, now)) ++heavy;
  }
  if (of_kind >= places || of_party >= most_at_once(party)) return false;
  if (party.kind == ScanKind::certified) return of_party == 0 || of_kind < most_at_once(party);
  return !is_heavy(party, now) || heavy < std::max<std::size_t>(1, places / 2);
}

void ScanShares::forget(Time now) {
  for (; !done_.empty() && done_.front().at + limits_.window < now; done_.pop_front()) {
    const auto spent = spent_.find(done_.front().party);
    spent->second.time -= done_.front().took;
    if (--spent->second.scans == 0) spent_.erase(spent);
  }
}

Result<ScanShares::Ticket> ScanShares::join(const ScanParty& party, Time now) {
  forget(now);
  const auto spent = spent_by(party, now);
  if (may_be_anybody(party) && spent.time > limits_.most_time)
    return unavailable(
        fmt::format("{} s of scanning for one {} in {} s", spent.time.count() / 1000,
                    party.kind == ScanKind::submission ? "login" : "address of a mail server",
                    limits_.window.count()));
  // How long it will wait if its scans take as long as before.
  const auto ahead = static_cast<std::size_t>(
      std::count_if(running_.begin(), running_.end(),
                    [&](const auto& each) { return each.second.party == party; }) +
      std::count_if(waiting_.begin(), waiting_.end(),
                    [&](const auto& each) { return each.second == party; }));
  const auto one = spent.scans == 0 ? spent.time : spent.time / static_cast<long>(spent.scans);
  const auto wait = one * static_cast<long>(ahead / most_at_once(party));
  if (wait > limits_.patience)
    return unavailable(
        fmt::format("its turn to be scanned would come in about {} s", wait.count() / 1000));
  waiting_.emplace(++last_, party);
  give_turns(now);
  return last_;
}

// To those who have had least, while there are places.
void ScanShares::give_turns(Time now) {
  for (;;) {
    auto next = waiting_.end();
    milliseconds least{0};
    for (auto each = waiting_.begin(); each != waiting_.end(); ++each) {
      const auto spent = spent_by(each->second, now).time;
      if ((next != waiting_.end() && spent >= least) || !has_place(each->second, now)) continue;
      next = each;
      least = spent;
    }
    if (next == waiting_.end()) return;
    running_.emplace(next->first, Scan{next->second, now});
    waiting_.erase(next);
  }
}

void ScanShares::leave(Ticket ticket, Time now) {
  waiting_.erase(ticket);
  if (auto ended = running_.extract(ticket)) {
    const auto& [party, since] = ended.mapped();
    const auto took = between(since, now);
    done_.push_back({party, now, took});
    auto& spent = spent_[party];
    spent.time += took;
    ++spent.scans;
  }
  forget(now);
  give_turns(now);
}

}  // namespace pec
