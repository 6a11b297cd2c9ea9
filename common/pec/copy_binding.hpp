// SPDX-License-Identifier: GPL-2.0-or-later

// The mac of an internal recipient is bound to the message from which the copy is made.
//
//     decision.bound_to = binding_of_bounce(notification_id, pec_id);     // when it is written
//     parse_internal_of(copy, address, now, host_group, delivery_point)   // when the copy comes
//
//   - An envelope, a receipt or a request of pecctl: its Message-ID. An envelope's is the PEC
//     msgid.
//   - An anomaly envelope (anomalia): the bytes in it that a provider has signed. Its Message-ID
//     was chosen by a stranger.
//   - A bounce with several failed recipients (errore): the notification, which our own Postfix
//     made, and the PEC msgid of the envelope that came back in it. The msgid says which dispatch
//     the notice ends. Bound to the notification alone, the same one could come again with another
//     envelope in it.
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

// parse_internal() of an address that came with this copy. An `errore` that is bound to the
// notification alone is also good for two days from its stamp. Earlier versions have written such
// addresses, and an upgrade must not lose their notices. Nobody else can make one, and a message is
// in the queue for one day at most.
Result<InternalRecipient> parse_internal_of(const mime::Message& copy, std::string_view address,
                                            Instant now, const Authenticator& host_group,
                                            const Authenticator& delivery_point);

}  // namespace pec
