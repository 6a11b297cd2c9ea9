// SPDX-License-Identifier: GPL-2.0-or-later

// What the mac of an internal recipient is bound to, of the message that the copy is made of.
//
//     decision.bound_to = binding_of_bounce(notification_id, pec_id);           // when it is written
//     parse_internal_of(copy, address, now, host_group, delivery_point)         // when the copy comes
//
//   - An envelope, a receipt or a request of pecctl: its Message-ID; an envelope's is the PEC msgid.
//   - An anomaly envelope (anomalia): what a provider has signed in it, for its Message-ID is inherited
//     from a stranger.
//   - A bounce that fails several recipients (errore): the notification, which our own Postfix made,
//     and the envelope that came back in it, whose PEC msgid says which dispatch the notice ends. Under
//     the first alone, the same notification could be shown again with another envelope in it.
//
// Pure functions, any thread.
#pragma once

#include "mime/message.hpp"
#include "pec/internal_recipient.hpp"

#include <string>
#include <string_view>

namespace pec {

// Both without brackets.
std::string binding_of_bounce(std::string_view notification_id, std::string_view pec_id);
std::string binding_of(InternalEvent event, const mime::Message& message);

// parse_internal() of an address that came with this copy. For two days, counted from its stamp, an
// `errore` that is bound to the notification alone is good as well: versions before have written such
// addresses, and the notices that they stand for must not be lost at an upgrade. Nobody else can make
// one, and a message is in the queue for a day at most.
Result<InternalRecipient> parse_internal_of(const mime::Message& copy, std::string_view address,
                                            Instant now, const Authenticator& host_group,
                                            const Authenticator& delivery_point);

}  // namespace pec
