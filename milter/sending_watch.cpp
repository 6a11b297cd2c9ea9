// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/sending_watch.hpp"

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
  sent.accepted = !decision.follow_ups.empty();  // a notice owes no acceptance
  if (infected) sent.infected_octets = transaction.message.size();
  decision.submission = std::move(sent);
}

Result<std::optional<SendingRefusal>> refused_sender(const Transaction& transaction,
                                                     const Services& services) {
  const auto refused = [&](const std::string& address) {
    return services.mailboxes->mailbox(address).map(refuse_sender);
  };
  const auto login = mime::canonical_address(transaction.login),
             sender = mime::canonical_address(transaction.sender);
  auto of_login = refused(login);
  if (!of_login || *of_login || login == sender) return of_login;
  return refused(sender);
}

std::string alarm_of(const SentMessage& submission, const SubmissionVerdict& verdict) {
  if (!verdict.blocked) return {};
  return fmt::format("sending-watch: action=block login=<{}> pecid=<{}> reason=\"{}\"",
                     text::printable(submission.login), text::printable(submission.pec_id),
                     *verdict.blocked);
}

}  // namespace pec::milter
