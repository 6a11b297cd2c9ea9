// SPDX-License-Identifier: GPL-2.0-or-later

// Limits what pec-milter handles at once: connections, and octets in memory for them. Anything more
// gets a 451, while there is still memory to say so.
//
//     Load load(load_limits(open_files));
//     auto place = load.connections.take(Party::outside, 1);   // nothing if it is full
//     auto held = *load.octets.take(Party::outside, 0);
//     if (!held.resize(size)) put_off();
//
// A quarter of each is reserved for the mail server's own copies: receipts and notices. Mail from
// outside and submitted mail can each take at most half of the octets. So if one floods, a quarter
// is left for the other. (master.cf limits the connections of each.) A handle gives its share back
// when it goes. Each process counts for itself. Any thread; one thread at a time for a handle.
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
  // A part of the share. Without a share behind it, it has no limit and is not counted.
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
    // False: there is not enough room, and the size stays as it was.
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
// The limits for a process that may have so many files open.
LoadLimits load_limits(std::size_t open_files);
// Tells the administrator that the limit of open files lowers the limit of connections; empty if it
// does not.
std::string too_few_files(std::size_t open_files);

struct Load {
  explicit Load(const LoadLimits& limits)
      : connections({limits.connections, limits.connections}),
        octets({limits.octets, limits.octets / 2}) {}

  Share connections, octets;
};

}  // namespace pec::milter
