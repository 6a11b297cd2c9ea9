// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/sieve_role.hpp"

#include "base/text.hpp"
#include "pec/access_point.hpp"
#include "pec/pec_message.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec::milter {

std::optional<Refusal> admit_from_sieve(const Transaction& transaction,
                                        const std::string& recipient, const Services& services) {
  const auto refused = [&](Reply reply, std::string_view action, std::string_view why) -> Refusal {
    return {std::move(reply),
            fmt::format("role=sieve action={} from=<{}> to=<{}> reason=\"{}\"", action,
                        text::printable(transaction.sender), text::printable(recipient), why)};
  };
  if (services.directory->snapshot()->is_service_address(recipient))
    return refused({"550", "5.7.1", "This address takes receipts of certified mail only"}, "refuse",
                   "an address of a provider's own");
  if (!transaction.recipients.empty())
    return refused({"452", "4.5.3", "Please send to this recipient in another transaction"},
                   "defer", "more than one recipient");
  return std::nullopt;
}

std::optional<Decision> pass_on(const Transaction& transaction, const Services& services) {
  const auto directory = services.directory->snapshot();
  const auto& us = services.identities.main().identity;
  const auto& recipients = transaction.recipients;
  if (std::any_of(recipients.begin(), recipients.end(),
                  [&](const std::string& each) { return is_ours(each, *directory, us); }))
    return std::nullopt;
  Decision decision;
  decision.reason = "Sieve's own mail, to outside";
  decision.pec_id = bare_message_id(transaction.message.header);
  // If a redirected receipt fails, that does not concern the provider that sent it.
  if (directory->is_service_address(transaction.sender)) decision.route = Route{"", recipients};
  return decision;
}

}  // namespace pec::milter
