#include "sending_watch.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/fingerprint.hpp"

#include <fmt/format.h>

namespace pec::milter {

namespace {

bool is_wanted(SpamLevel level, const SendingLimits& limits) {
  return level != SpamLevel::not_spam || limits.series_messages != 0 ||
         wanted_for_rate(limits) != 0;
}

Result<std::optional<std::string>> why_blocked(const SentMessage& sent, const Services& services) {
  const auto& limits = services.sending;
  if (sent.infected_octets != 0) {
    const auto infected = services.mailboxes->infected_since(sent.login, sent.at - infected_window);
    if (!infected) return tl::unexpected(infected.error());
    if (auto why = too_many_viruses(*infected, limits)) return why;
  }
  const auto spam = services.mailboxes->spam_since(sent.login, sent.at - spam_window);
  if (!spam) return tl::unexpected(spam.error());
  if (limits.series_messages == 0) return stolen_credentials(*spam, {}, limits);
  const auto recent = services.mailboxes->recent_submissions(sent.login, limits.series_messages);
  if (!recent) return tl::unexpected(recent.error());
  return stolen_credentials(*spam, *recent, limits);
}

std::string unable(const std::string& login, const Error& error) {
  return fmt::format("sending-watch: it can't be told whether {} is to be blocked: {}",
                     text::printable(login), text::printable(error.detail));
}

}  // namespace

void note_submission(Decision& decision, const Transaction& transaction, bool infected,
                     const Services& services) {
  const auto* made = std::get_if<Replace>(&decision.action);
  if (!made || !(infected || is_wanted(transaction.spam, services.sending))) return;
  SentMessage sent;
  sent.pec_id = decision.pec_id;
  sent.login = mime::canonical_address(transaction.login);
  sent.at = made->draft.at;
  sent.recipients = transaction.recipients.size();
  sent.level = transaction.spam;
  if (services.sending.series_messages != 0) sent.fingerprint = fingerprint(transaction.message);
  if (infected) sent.infected_octets = transaction.message.size();
  decision.entries.submissions.push_back(std::move(sent));
}

std::string block_if_misused(const std::vector<SentMessage>& noted, const Services& services) {
  if (noted.empty()) return {};
  const auto& sent = noted.back();
  const auto why = why_blocked(sent, services);
  if (!why) return unable(sent.login, why.error());
  if (!*why) return {};
  const auto blocked = services.mailboxes->block(sent.login, **why, sent.at);
  if (!blocked) return unable(sent.login, blocked.error());
  if (!*blocked) return {};
  return fmt::format("sending-watch: action=block login=<{}> pecid=<{}> reason=\"{}\"",
                     text::printable(sent.login), text::printable(sent.pec_id), **why);
}

}  // namespace pec::milter
