// How much a login may send, and what shows that somebody else has its password. Pure functions over
// what the ledger has counted.
//
//     if (auto wait = over_rate(recent, recipients, now, limits)) ... 450, come again in *wait
//     if (auto why = stolen_credentials(spam, recent, limits)) ledger.block(login, *why, now);
//     if (auto why = too_many_viruses(infected, limits)) ledger.block(login, *why, now);
//
// `recent`: the login's submissions, newest first: as many as the rule wants, or all there are. Any
// thread.
#pragma once

#include "pec/mailbox.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pec {

struct SendingLimits {
  std::uint64_t recipients = 500;  // in one message

  // In any window of this length; 0: any number.
  std::chrono::minutes rate_window{60};
  std::uint64_t rate_messages = 0;
  std::uint64_t rate_recipients = 0;

  // More spam than this in one hour blocks the mailbox.
  std::uint64_t spam_messages = 180;
  // So do this many messages in a row, nearly the same and at regular intervals; 0: never.
  std::uint64_t series_messages = 0;

  // More infected messages than this in a day, or more octets of them, do it, too: each is kept.
  std::uint64_t infected_messages = 30;
  std::uint64_t infected_octets = 200'000'000;

  bool operator==(const SendingLimits&) const = default;
};

// How many of the newest submissions over_rate() wants; 0: there is no rate.
std::uint64_t wanted_for_rate(const SendingLimits& limits);

// How long to wait before a message to so many recipients keeps within the rates; nothing: it does now.
// One that alone exceeds them waits until nothing else counts, and then passes: it could never be sent.
std::optional<std::chrono::seconds> over_rate(const std::vector<SentMessage>& recent,
                                              std::uint64_t recipients, Instant now,
                                              const SendingLimits& limits);

// Spam counts for this long.
inline constexpr std::chrono::hours spam_window{1};

// Viruses count for this long.
inline constexpr std::chrono::hours infected_window{24};

// Why the mailbox is to be blocked, in English for the administrator; nothing: it isn't. `spam`: how
// many messages of spam there were in the window; `recent`: limits.series_messages of them.
std::optional<std::string> stolen_credentials(std::uint64_t spam,
                                              const std::vector<SentMessage>& recent,
                                              const SendingLimits& limits);

// Likewise, for what its login has submitted in the window with viruses in it.
std::optional<std::string> too_many_viruses(const InfectedSent& infected,
                                            const SendingLimits& limits);

}  // namespace pec
