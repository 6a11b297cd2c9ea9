// SPDX-License-Identifier: GPL-2.0-or-later

// The address in MAIL or RCPT: taken in one form, refused in all others.
//
//     const auto recipient = recipient_address(Role::incoming, {"<\"fabio\"@d.example>",
//                                                               "fabio@d.example", "lmtp"});
//     // "fabio@d.example"
//
// Postfix delivers fabio@d.example also where a client wrote fabio@d.example. or @x.example:fabio@d.example
// or, for myorigin, fabio. What was looked up, signed or logged under such a form would be another
// mailbox's; and recipients can be taken out of a queue file only as they were written. So what is
// taken is local@domain and nothing else, quoted or not, in any case, and only if it is what Postfix
// resolves it to. The rest gets 553 5.1.3, or 5.1.7, in the dialogue (RFC 5321, 4.1.2; rules, 4).
//
// At the access point that is so for the sender, too: the certified sender is that of the login. At the
// incoming point a sender is evidence of nothing, and is taken as it is. At the receipts service the
// macs speak for all addresses; and of bounces Postfix tells no more than the bare address.
//
// Pure functions, any thread.
#pragma once

#include "milter/reply.hpp"
#include "milter/role.hpp"

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace pec::milter {

struct EnvelopeAddress {
  std::string_view written;   // by the client, in its brackets
  std::string_view resolved;  // Postfix's {mail_addr} or {rcpt_addr}
  // {rcpt_mailer}: "error" where delivery will fail; or Postfix has refused it, and then {rcpt_addr} is
  // a text and no address.
  std::string_view mailer{};
};

// The address, without needless quotes, in its own case; empty for the null sender.
tl::expected<std::string, Refusal> sender_address(Role role, const EnvelopeAddress& sender);
tl::expected<std::string, Refusal> recipient_address(Role role, const EnvelopeAddress& recipient);

}  // namespace pec::milter
