// SPDX-License-Identifier: GPL-2.0-or-later

// Anomaly envelopes: what becomes of mail that is not correct certified mail (RFC 6109, 3.2.2;
// rules, 7).
//
//     Decision decision = wrap_anomaly(message, found, smtp, facts);
//
// A malformed message that a provider has signed always gets one, in closed mailboxes, too. So
// anybody with one genuine message could fill a mailbox with it, by changing its outer header each
// time. Therefore its signed bytes identify such a message, and each recipient gets it once:
//
//   - Its anomaly envelope is named by its identity (message_identity.hpp). So the log has one
//     place for all copies of it.
//   - Each recipient has an internal recipient `anomalia`. It comes back when the mail server has
//     committed the envelope. Only then does the log say that the envelope is kept (kept_anomaly).
//   - A copy for which the log says so is dropped.
//
// Ordinary mail is nobody's evidence, so each copy is wrapped as it comes. Mail from another host
// may bear an address of ours, whose mail is certified only if it is sent through us: then the text
// says that this mail is not. The host's filter may know better. If DMARC passes, that host may
// send for the address. If DMARC fails, the mail is suspected to be spam. Pure functions, any
// thread.
#pragma once

#include "pec/decision.hpp"
#include "pec/incoming_point.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pec {

Decision wrap_anomaly(const mime::Message& message, const Classification& found,
                      const SmtpEnvelope& smtp, const IncomingFacts& facts);

// The identity of the provider's message in this anomaly envelope of ours; empty if there is none.
std::string identity_in_anomaly(const mime::Message& envelope);

// The log's lines that say that each of these recipients has the anomaly envelope. `envelope`: the
// copy that came for these recipients. `sender`: its reverse path. Error `rejected`: no provider's
// message is in it.
struct KeptAnomalyFacts {
  const Authenticator* host_group;
  Identity identity;
  std::shared_ptr<const DirectorySnapshot> directory;
};
Result<LedgerEntries> kept_anomaly(const mime::Message& envelope, const std::string& sender,
                                   const std::vector<InternalRecipient>& internals,
                                   const KeptAnomalyFacts& facts);

}  // namespace pec
