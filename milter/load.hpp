// SPDX-License-Identifier: GPL-2.0-or-later

// What pec-milter bears at once: connections, and octets that it holds in memory for them. What is beyond
// is told to come again (451), while there is still memory to say so.
//
//     Load load(load_limits(open_files));
//     auto place = load.connections.take(Party::outside, 1);   // nothing: there is no room
//     auto held = *load.octets.take(Party::outside, 0);
//     if (!held.resize(size)) put_off();
//
// A quarter of each is for the mail server's own copies alone: receipts and notices. Of the octets, neither what
// comes from outside nor what is submitted can take more than half, so a flood of the one leaves a quarter for the
// other. (Of connections, master.cf says how many each may have.) What was taken is given back when its handle
// goes. Counted by each process for itself. Any thread; a handle by one at a time.
#pragma once

#include "base/guarded.hpp"
#include "milter/role.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace pec::milter {

enum class Party {
  outside,     // other hosts, and Sieve
  submission,  // our users
  inside,      // the mail server's own copies
};
Party party_of(Role role);

struct Taken {
  std::size_t by_outside = 0, by_submission = 0, by_inside = 0;
};
struct Limit {
  std::size_t all = 0;
  std::size_t by_one = 0;  // by outside, or by submission
};
bool fits(const Taken& taken, Party party, std::size_t more, const Limit& limit);

class Share {
public:
  // A part of it. Without a share behind it, it has no limit and counts for nothing.
  class Held {
  public:
    Held() = default;
    Held(Held&& other) noexcept
        : share_(other.share_), party_(other.party_), size_(std::exchange(other.size_, 0)) {}
    Held& operator=(Held&&) = delete;
    ~Held() {
      if (share_) share_->give(party_, size_);
    }

    std::size_t size() const { return size_; }
    // False: there is no room, and it stays as it was.
    bool resize(std::size_t size);

  private:
    friend class Share;
    Held(Share& share, Party party, std::size_t size)
        : share_(&share), party_(party), size_(size) {}

    Share* share_ = nullptr;
    Party party_ = Party::outside;
    std::size_t size_ = 0;
  };

  explicit Share(const Limit& limit) : limit_(limit) {}

  std::optional<Held> take(Party party, std::size_t size);
  std::size_t limit() const { return limit_.all; }

private:
  bool grow(Party party, std::size_t more);
  void give(Party party, std::size_t less);

  const Limit limit_;
  Guarded<Taken> taken_;
};

struct LoadLimits {
  std::size_t connections = 0;
  std::size_t octets = 0;
};
// Of so many files that the process may have open.
LoadLimits load_limits(std::size_t open_files);
// That these are fewer than it would bear otherwise, for the administrator; empty: they are not.
std::string too_few_files(std::size_t open_files);

struct Load {
  explicit Load(const LoadLimits& limits)
      : connections({limits.connections, limits.connections}),
        octets({limits.octets, limits.octets / 2}) {}

  Share connections, octets;
};

}  // namespace pec::milter
