// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/rooms.hpp"

#include "mime/address.hpp"

#include <algorithm>
#include <utility>

namespace pec::milter {

namespace {

std::uint64_t used_octets(const std::vector<Quota>& quotas) {
  std::uint64_t used = 0;
  for (const auto& quota : quotas)
    if (quota.unit == Quota::Unit::octets) used = std::max(used, quota.used);
  return used;
}

// Makes room in a full map of answers: drops the old ones, or else all.
template <class Entries, class IsOld>
void keep_small(Entries& entries, std::size_t most, IsOld is_old) {
  if (entries.size() < most) return;
  std::erase_if(entries, [&](const auto& each) { return is_old(each.second); });
  if (entries.size() >= most) entries.clear();
}

}  // namespace

Rooms::Rooms(std::unique_ptr<const Quotas> quotas, const Aliases* aliases, const Clock& clock,
             std::size_t most_remembered)
    : quotas_(std::move(quotas)),
      aliases_(aliases),
      clock_(clock),
      most_remembered_(most_remembered) {}

Result<std::vector<std::string>> Rooms::mailboxes_of(const std::string& address) {
  if (!aliases_) return std::vector<std::string>{address};
  const auto now = clock_.now();
  {
    auto state = state_.lock();
    const auto known = state->aliases.find(address);
    if (known != state->aliases.end() && now < known->second.asked + room_known_for)
      return known->second.mailboxes;
  }
  auto mailboxes = aliases_->mailboxes_of(address);
  if (!mailboxes) return mailboxes;
  auto state = state_.lock();
  keep_small(state->aliases, most_remembered_,
             [&](const Alias& alias) { return alias.asked + room_known_for <= now; });
  state->aliases[address] = {now, *mailboxes};
  return mailboxes;
}

bool Rooms::is_known(const std::string& mailbox, Instant now) {
  auto state = state_.lock();
  const auto known = state->mailboxes.find(mailbox);
  return known != state->mailboxes.end() && now < known->second.asked + room_known_for;
}

// Once the store has grown by all that was under way, that has arrived.
Result<void> Rooms::ask(const std::string& mailbox) {
  if (is_known(mailbox, clock_.now())) return {};
  auto no_answer = question_.lock();
  const auto now = clock_.now();
  if (is_known(mailbox, now)) return {};  // somebody has asked meanwhile
  if (*no_answer && now < (*no_answer)->at + no_answer_for)
    return tl::unexpected((*no_answer)->error);
  auto quotas = quotas_->of(mailbox);
  if (!quotas) {
    *no_answer = NoAnswer{clock_.now(), quotas.error()};
    return tl::unexpected(quotas.error());
  }
  auto state = state_.lock();
  keep_small(state->mailboxes, most_remembered_, [&](const Mailbox& each) {
    return each.asked + room_known_for <= now &&
           (each.under_way.messages == 0 || each.under_way.since + longest_under_way <= now);
  });
  auto& known = state->mailboxes[mailbox];
  known.asked = now;
  known.quotas = std::move(*quotas);
  auto& under_way = known.under_way;
  const auto used = used_octets(known.quotas);
  if (used >= under_way.used_before + under_way.octets ||
      under_way.since + longest_under_way <= now)
    under_way = {now, 0, 0, used};
  return {};
}

Result<Rooms::Behind> Rooms::looked_up(const std::vector<std::string>& addresses) {
  Behind behind;
  for (const auto& address : addresses) {
    PEC_TRY(auto mailboxes, mailboxes_of(mime::canonical_address(address)));
    for (const auto& mailbox : mailboxes) PEC_TRY_VOID(ask(mailbox));
    behind.push_back(std::move(mailboxes));
  }
  return behind;
}

bool Rooms::any_has_room(State& state, const std::vector<std::string>& mailboxes,
                         std::uint64_t octets) {
  return mailboxes.empty() ||
         std::any_of(mailboxes.begin(), mailboxes.end(), [&](const std::string& mailbox) {
           const auto& [asked, quotas, under_way] = state.mailboxes[mailbox];
           auto then = quotas;
           const auto arrived =
               used_octets(quotas) - std::min(used_octets(quotas), under_way.used_before);
           for (auto& quota : then)
             quota.used += quota.unit == Quota::Unit::octets
                               ? under_way.octets - std::min(under_way.octets, arrived)
                               : under_way.messages;
           return has_room_for_ordinary(then, octets);
         });
}

void Rooms::enter(State& state, const Behind& behind, std::uint64_t octets) {
  for (const auto& mailboxes : behind)
    for (const auto& mailbox : mailboxes) {
      auto& under_way = state.mailboxes[mailbox].under_way;
      under_way.octets += octets;
      ++under_way.messages;
    }
}

Result<bool> Rooms::has_room(const std::string& address, std::uint64_t octets) {
  PEC_TRY(const auto behind, looked_up({address}));
  auto state = state_.lock();
  return any_has_room(*state, behind.front(), octets);
}

Result<bool> Rooms::take_room(const std::vector<std::string>& addresses, std::uint64_t octets) {
  PEC_TRY(const auto behind, looked_up(addresses));
  auto state = state_.lock();
  for (const auto& mailboxes : behind)
    if (!any_has_room(*state, mailboxes, octets)) return false;
  enter(*state, behind, octets);
  return true;
}

Result<void> Rooms::note_admitted(const std::vector<std::string>& addresses, std::uint64_t octets) {
  PEC_TRY(const auto behind, looked_up(addresses));
  enter(*state_.lock(), behind, octets);
  return {};
}

}  // namespace pec::milter
