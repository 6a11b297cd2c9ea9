// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/kept_home.hpp"

#include "base/text.hpp"
#include "milter/issuing.hpp"
#include "milter/reply.hpp"
#include "mime/address.hpp"

#include <fmt/format.h>

namespace pec::milter {

namespace {

const std::string kept_mark = fmt::format(".kept.{}", internal_domain);

// A mailbox may be renamed only in its first ten days, so nobody has more names than this.
constexpr int most_names = 100;

Result<std::string> kept_home(std::string recipient, const Mailboxes& mailboxes) {
  for (int i = 0; i < most_names; ++i) {
    PEC_TRY(const auto mailbox, mailboxes.mailbox(mime::canonical_address(recipient)));
    if (mailbox.state == MailboxState::revoked) return recipient + kept_mark;
    if (mailbox.state != MailboxState::retired || is_gone(mailbox)) return recipient;
    recipient = mailbox.renamed_to;
  }
  return internal_error(fmt::format("the renamings of {} never end", recipient));
}

}  // namespace

Decision to_kept_homes(Decision decision, const Services& services) {
  if (!decision.route) return decision;
  for (auto& recipient : decision.route->recipients) {
    auto home = kept_home(recipient, *services.mailboxes);
    if (!home) return decision_for(home.error(), decision.pec_id);
    recipient = std::move(*home);
  }
  return decision;
}

std::string without_kept_mark(std::string_view recipient) {
  if (text::ends_with_ignoring_case(recipient, kept_mark))
    recipient.remove_suffix(kept_mark.size());
  return std::string(recipient);
}

}  // namespace pec::milter
