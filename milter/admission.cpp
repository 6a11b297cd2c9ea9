// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/admission.hpp"

#include "base/text.hpp"
#include "milter/sieve_role.hpp"
#include "mime/address.hpp"

#include <fmt/format.h>
#include <utility>

namespace pec::milter {

namespace {

Takes with_room(const Result<bool>& room, std::string& unknown_room) {
  if (!room) unknown_room = room.error().detail;
  return room.value_or(true) ? Takes::all_mail : Takes::no_ordinary_mail;
}

// Finds what a further recipient's mailboxes take. At the second recipient, it also asks for the
// first one's room.
Takes among_several(Transaction& transaction, const std::string& recipient, Takes takes,
                    const Services& services) {
  const auto ask = [&](const std::string& whom) {
    return with_room(services.rooms->has_room(whom, transaction.declared_octets),
                     transaction.unknown_room);
  };
  if (transaction.recipients.size() == 1 && transaction.takes == Takes::all_mail)
    transaction.takes = ask(transaction.recipients.front());
  return takes == Takes::all_mail ? ask(recipient) : takes;
}

}  // namespace

std::optional<Refusal> admit(Transaction& transaction, const std::string& recipient,
                             const Services& services) {
  const bool from_sieve = transaction.role == Role::sieve;
  if (!from_sieve && transaction.role != Role::incoming) return std::nullopt;
  if (from_sieve)
    if (auto refusal = admit_from_sieve(transaction, recipient, services)) return refusal;
  const auto refused = [&](Reply reply, std::string_view why,
                           std::optional<ErrorSource> waits_for = {}) -> Refusal {
    return {std::move(reply),
            fmt::format("role={} action=defer from=<{}> to=<{}> reason=\"{}\"",
                        name_of(transaction.role), text::printable(transaction.sender),
                        text::printable(recipient), text::printable(why)),
            waits_for};
  };
  const auto mailbox = services.mailboxes->mailbox(mime::canonical_address(recipient));
  if (!mailbox)
    return refused(reply_for(mailbox.error()), mailbox.error().detail, source_of(mailbox.error()));
  auto takes = services.directory->snapshot()->is_service_address(recipient)
                   ? Takes::service
                   : what_it_takes(*mailbox);
  if (services.rooms && !transaction.recipients.empty())
    takes = among_several(transaction, recipient, takes, services);
  if (!admit_recipient(transaction.takes, takes))
    return refused({"452", "4.5.3", "Please send to this recipient in another transaction"},
                   "mailboxes that take different things in one transaction");
  transaction.takes = takes;
  return std::nullopt;
}

AllTake what_all_take(const Transaction& transaction, IncomingClass what,
                      const Services& services) {
  AllTake all{transaction.takes.value_or(Takes::all_mail), transaction.unknown_room};
  if (what != IncomingClass::ordinary || all.takes != Takes::all_mail || !services.rooms)
    return all;
  const auto& recipients = transaction.recipients;
  const auto octets = transaction.message.size();
  const bool asked_at_rcpt = recipients.size() > 1 && octets <= transaction.declared_octets;
  if (!asked_at_rcpt) {
    all.takes = with_room(services.rooms->take_room(recipients, octets), all.unknown_room);
  } else if (const auto noted = services.rooms->note_admitted(recipients, octets); !noted) {
    all.unknown_room = noted.error().detail;
  }
  return all;
}

}  // namespace pec::milter
