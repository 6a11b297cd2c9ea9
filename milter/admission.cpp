#include "admission.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "sieve_role.hpp"

#include <fmt/format.h>
#include <utility>

namespace pec::milter {

namespace {

// An alias has room while one of its mailboxes has.
Result<bool> has_room(const std::string& recipient, std::uint64_t octets,
                      const Services& services) {
  const auto address = mime::canonical_address(recipient);
  const auto mailboxes = services.aliases ? services.aliases->mailboxes_of(address)
                                          : Result<std::vector<std::string>>({address});
  if (!mailboxes) return tl::unexpected(mailboxes.error());
  for (const auto& mailbox : *mailboxes) {
    const auto quotas = services.quotas->of(mailbox);
    if (!quotas) return tl::unexpected(quotas.error());
    if (has_room_for_ordinary(*quotas, octets)) return true;
  }
  return mailboxes->empty();
}

Takes with_room(const std::string& recipient, std::uint64_t octets, std::string& unknown_room,
                const Services& services) {
  if (!services.quotas) return Takes::all_mail;
  const auto room = has_room(recipient, octets, services);
  if (!room) unknown_room = room.error().detail;
  return room.value_or(true) ? Takes::all_mail : Takes::no_ordinary_mail;
}

// Of a further recipient, and with the second one of the first.
Takes among_several(Transaction& transaction, const std::string& recipient, Takes takes,
                    const Services& services) {
  const auto ask = [&](const std::string& whom) {
    return with_room(whom, transaction.declared_octets, transaction.unknown_room, services);
  };
  if (transaction.recipients.size() == 1 && transaction.takes == Takes::all_mail)
    transaction.takes = ask(transaction.recipients.front());
  return takes == Takes::all_mail ? ask(recipient) : takes;
}

}  // namespace

std::optional<Refusal> admit(Transaction& transaction, const std::string& recipient,
                             const Services& services) {
  const bool from_sieve = transaction.daemon_name == "pec-sieve";
  if (!from_sieve && transaction.daemon_name != "pec-incoming") return std::nullopt;
  if (from_sieve)
    if (auto refusal = admit_from_sieve(transaction, recipient, services)) return refusal;
  const auto refused = [&](Reply reply, std::string_view why,
                           std::optional<ErrorSource> waits_for = {}) -> Refusal {
    return {std::move(reply),
            fmt::format("role={} action=defer from=<{}> to=<{}> reason=\"{}\"",
                        from_sieve ? "sieve" : "incoming", text::printable(transaction.sender),
                        text::printable(recipient), text::printable(why)),
            waits_for};
  };
  const auto mailbox = services.mailboxes->mailbox(mime::canonical_address(recipient));
  if (!mailbox)
    return refused(reply_for(mailbox.error()), mailbox.error().detail, source_of(mailbox.error()));
  auto takes = services.directory->snapshot()->is_service_address(recipient)
                   ? Takes::service
                   : what_it_takes(*mailbox);
  if (!transaction.recipients.empty())
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
  if (what == IncomingClass::ordinary && all.takes == Takes::all_mail &&
      transaction.recipients.size() == 1)
    all.takes = with_room(transaction.recipients.front(), transaction.message.size(),
                          all.unknown_room, services);
  return all;
}

}  // namespace pec::milter
