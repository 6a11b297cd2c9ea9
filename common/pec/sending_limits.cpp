// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/sending_limits.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec {

namespace {

using std::chrono::seconds;

bool is_same_series(const std::vector<SentMessage>& series) {
  return std::all_of(series.begin(), series.end(), [&](const SentMessage& each) {
    return each.fingerprint == series.front().fingerprint;
  });
}

// No interval differs from the mean by more than a quarter of it, or by more than two seconds.
// Times in whole seconds, and mail servers, blur regular intervals by that much.
bool is_regular(const std::vector<SentMessage>& series) {
  const auto whole = (series.front().at - series.back().at).count();
  const auto mean = static_cast<double>(whole) / static_cast<double>(series.size() - 1);
  const double leeway = std::max(2.0, mean / 4);
  for (std::size_t i = 1; i < series.size(); ++i) {
    const auto interval = static_cast<double>((series[i - 1].at - series[i].at).count());
    if (interval < mean - leeway || interval > mean + leeway) return false;
  }
  return true;
}

}  // namespace

std::optional<SendingRefusal> refuse_sender(const MailboxStatus& mailbox) {
  if (sends(mailbox.state)) return std::nullopt;
  const bool revoked = !receives(mailbox.state);
  return SendingRefusal{
      "550", "5.7.1",
      revoked ? "Casella revocata: non puo' inviare. This mailbox is revoked: it can't send"
              : "Casella bloccata per motivi di sicurezza: rivolgersi al gestore. This mailbox is "
                "blocked for security: ask your provider",
      fmt::format("{}: {}", revoked ? "revoked" : "blocked", mailbox.reason)};
}

// In whole minutes, rounded up.
SendingRefusal put_off(seconds wait) {
  const auto minutes = (wait.count() + 59) / 60;
  const bool one = minutes == 1;
  return {
      "450", "4.7.1",
      fmt::format("Troppi invii: riprovare tra {0} {1}. Too much was sent: try again in {0} {2}",
                  minutes, one ? "minuto" : "minuti", one ? "minute" : "minutes"),
      fmt::format("over the rate for {} s more", wait.count())};
}

std::uint64_t wanted_for_rate(const SendingLimits& limits) {
  // Each message has at least one recipient, so no more than these count for either rate.
  return std::max(limits.rate_messages, limits.rate_recipients);
}

std::optional<seconds> over_rate(const std::vector<SentMessage>& accepted, std::uint64_t recipients,
                                 Instant now, const SendingLimits& limits) {
  // From the newest to the oldest. If this message is too much together with one of them, it must
  // wait until that one leaves the window.
  std::uint64_t messages = 1, to = recipients;
  for (const auto& each : accepted) {
    const auto leaves = each.at + limits.rate_window;
    if (leaves <= now) return std::nullopt;
    ++messages;
    to += each.recipients;
    if ((limits.rate_messages != 0 && messages > limits.rate_messages) ||
        (limits.rate_recipients != 0 && to > limits.rate_recipients))
      return leaves - now;
  }
  return std::nullopt;
}

std::optional<std::string> stolen_credentials(std::uint64_t spam,
                                              const std::vector<SentMessage>& recent,
                                              const SendingLimits& limits) {
  if (spam > limits.spam_messages) return fmt::format("{} messages of spam in one hour", spam);
  const auto length = limits.series_messages;
  if (length < 3 || recent.size() < length) return std::nullopt;
  const std::vector<SentMessage> series(recent.begin(),
                                        recent.begin() + static_cast<std::ptrdiff_t>(length));
  if (is_same_series(series) && is_regular(series))
    return fmt::format("{} messages in a row that are nearly the same, at regular intervals",
                       length);
  return std::nullopt;
}

std::optional<std::string> too_many_viruses(const InfectedSent& infected,
                                            const SendingLimits& limits) {
  if (infected.messages <= limits.infected_messages && infected.octets <= limits.infected_octets)
    return std::nullopt;
  return fmt::format("{} messages with viruses, of {} octets together, in one day",
                     infected.messages, infected.octets);
}

}  // namespace pec
