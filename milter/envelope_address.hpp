// SPDX-License-Identifier: GPL-2.0-or-later

// Takes the address in MAIL or RCPT in one form, and refuses all other forms.
//
//     const auto recipient = recipient_address(Role::incoming, {"<\"fabio\"@d.example>",
//                                                               "fabio@d.example", "lmtp"});
//     // "fabio@d.example"
//
// Postfix delivers fabio@d.example also where a client wrote fabio@d.example. or
// @x.example:fabio@d.example or, for myorigin, fabio. If we looked up, signed or logged such a
// form, it would be another mailbox's. Also, a recipient can be taken out of a queue file only as
// the client wrote it. So we take only local@domain, quoted or not, in any case, and only if
// Postfix resolves it to the same address. All else gets 553 5.1.3, or 5.1.7, in the dialogue (RFC
// 5321, 4.1.2; rules, 4).
//
// At the access point, this holds for the sender, too: the certified sender is that of the login.
// At the incoming point, the sender proves nothing and is taken as it is. At the receipts service,
// the macs protect all addresses. For bounces, Postfix gives only the bare address.
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
  // {rcpt_mailer}: "error" if delivery will fail. It is also "error" if Postfix has refused the
  // recipient; then {rcpt_addr} is a text, not an address.
  std::string_view mailer{};
};

// The address, without needless quotes, in its own case; empty for the null sender.
tl::expected<std::string, Refusal> sender_address(Role role, const EnvelopeAddress& sender);
tl::expected<std::string, Refusal> recipient_address(Role role, const EnvelopeAddress& recipient);

}  // namespace pec::milter
