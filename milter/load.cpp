// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/load.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec::milter {

namespace {

constexpr std::size_t files_of_a_connection =
    3;  // its socket, a body, and the same opened for reading
constexpr std::size_t files_for_the_rest = 128;  // ledger, directory, log, the scanner's
// Postfix opens one for each of its clients, also idle ones. Three quarters of this number exceed
// the 6,800 processes of master.cf's public services (maxproc), so a flood stops there. An idle one
// costs a kilobyte.
constexpr std::size_t most_connections = 10'000;
// With these connections and the directory, the process stays below 300 MB.
constexpr std::size_t most_octets = 160'000'000;

}  // namespace

namespace {

std::size_t& of(Taken& taken, Party party) {
  switch (party) {
    case Party::outside:
      return taken.by_outside;
    case Party::submission:
      return taken.by_submission;
    case Party::inside:
      break;
  }
  return taken.by_inside;
}

}  // namespace

Party party_of(Role role) {
  switch (role) {
    case Role::access:
      return Party::submission;
    case Role::incoming:
    case Role::sieve:
      return Party::outside;
    case Role::receipts:
    case Role::bounces:
      break;
  }
  return Party::inside;
}

bool fits(const Taken& taken, Party party, std::size_t more, const Limit& limit) {
  const auto has_room = [more](std::size_t there, std::size_t most) {
    return there <= most && more <= most - there;
  };
  const auto by_others = taken.by_outside + taken.by_submission;
  if (!has_room(by_others + taken.by_inside, limit.all)) return false;
  if (party == Party::inside) return true;
  const auto own = party == Party::outside ? taken.by_outside : taken.by_submission;
  return has_room(by_others, limit.all - limit.all / 4) && has_room(own, limit.by_one);
}

bool Share::grow(Party party, std::size_t more) {
  auto taken = taken_.lock();
  if (!fits(*taken, party, more, limit_)) return false;
  of(*taken, party) += more;
  return true;
}

void Share::give(Party party, std::size_t less) {
  auto taken = taken_.lock();
  of(*taken, party) -= less;
}

std::optional<Share::Held> Share::take(Party party, std::size_t size) {
  if (!grow(party, size)) return std::nullopt;
  return Held(*this, party, size);
}

bool Share::Held::resize(std::size_t size) {
  if (share_ && size > size_ && !share_->grow(party_, size - size_)) return false;
  if (share_ && size < size_) share_->give(party_, size_ - size);
  size_ = size;
  return true;
}

LoadLimits load_limits(std::size_t open_files) {
  const auto left = open_files - std::min(open_files, files_for_the_rest);
  return {std::clamp<std::size_t>(left / files_of_a_connection, 4, most_connections), most_octets};
}

std::string too_few_files(std::size_t open_files) {
  const auto connections = load_limits(open_files).connections;
  if (connections == most_connections) return {};
  return fmt::format(
      "{} files may be open, so it takes no more than {} connections at once, not {}: let the "
      "service have {} "
      "files (LimitNOFILE)",
      open_files, connections, most_connections,
      most_connections * files_of_a_connection + files_for_the_rest);
}

}  // namespace pec::milter
