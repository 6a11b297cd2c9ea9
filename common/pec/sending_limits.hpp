// SPDX-License-Identifier: GPL-2.0-or-later

// How much a login may send, and the signs that somebody else has its password. Pure functions over
// the ledger's counts.
//
//     if (auto refused = refuse_sender(mailbox)) ... 550, blocked or revoked
//     if (auto wait = over_rate(accepted, recipients, now, limits)) ... put_off(*wait): 450
//     if (auto why = stolen_credentials(spam, recent, limits)) ... block the mailbox
//     if (auto why = too_many_viruses(infected, limits)) ... the same
//
// They are asked twice about a message. pec-policyd asks at DATA, so that a client learns of a
// refusal before it sends anything. The ledger asks at the end of data, in the transaction that
// enters the message (Submissions::record_submission). So the limits hold exactly, with any number
// of sessions and nodes.
//
// `accepted`, `recent`: the login's submissions, newest first, as many as the rule needs or all
// that exist. Any thread.
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

  // So do more infected messages than this in a day, or more octets of them, since each one is
  // kept.
  std::uint64_t infected_messages = 30;
  std::uint64_t infected_octets = 200'000'000;

  bool operator==(const SendingLimits&) const = default;
};

// The SMTP reply to a message that the login may not send, now or ever.
struct SendingRefusal {
  std::string code;      // "450"
  std::string enhanced;  // "4.7.1"
  std::string text;      // one line, ASCII
  std::string reason;    // for the log, English

  bool operator==(const SendingRefusal&) const = default;
};

// Nothing: this mailbox may send.
std::optional<SendingRefusal> refuse_sender(const MailboxStatus& mailbox);
SendingRefusal put_off(std::chrono::seconds wait);

// How many of the newest submissions over_rate() needs; 0: there is no rate.
std::uint64_t wanted_for_rate(const SendingLimits& limits);

// How long to wait until a message to so many recipients keeps within the rates; nothing: it does
// now. A message that alone exceeds them waits until no other counts, and then passes: otherwise it
// could never be sent. Submissions that were refused by a notice don't count.
std::optional<std::chrono::seconds> over_rate(const std::vector<SentMessage>& accepted,
                                              std::uint64_t recipients, Instant now,
                                              const SendingLimits& limits);

// Spam counts for this long.
inline constexpr std::chrono::hours spam_window{1};

// Viruses count for this long.
inline constexpr std::chrono::hours infected_window{24};

// Why the mailbox must be blocked, in English for the administrator; nothing: it need not. `spam`:
// the number of spam messages in the window. `recent`: limits.series_messages of the newest.
std::optional<std::string> stolen_credentials(std::uint64_t spam,
                                              const std::vector<SentMessage>& recent,
                                              const SendingLimits& limits);

// The same for the infected messages that its login has submitted in the window.
std::optional<std::string> too_many_viruses(const InfectedSent& infected,
                                            const SendingLimits& limits);

// The answer to a submission (Submissions::record_submission).
struct SubmissionVerdict {
  std::optional<SendingRefusal> refused{};  // if set, nothing was entered
  std::optional<std::string> blocked{};     // why the mailbox was blocked because of it

  bool operator==(const SubmissionVerdict&) const = default;
};

}  // namespace pec
