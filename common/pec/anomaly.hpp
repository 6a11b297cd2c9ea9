// SPDX-License-Identifier: GPL-2.0-or-later

// Anomaly envelopes: what becomes of mail that is no correct certified mail (RFC 6109, 3.2.2; rules, 7).
//
//     Decision decision = wrap_anomaly(message, found, delivery, facts);
//
// What a provider has signed goes into one however it is formed, to closed mailboxes, too. So whoever
// has one genuine message could fill a mailbox with it, by changing its outer header each time. Therefore
// such a message is told by what is signed, and each recipient gets it once:
//
//   - its anomaly envelope is called by its identity (message_identity.hpp), so that the log has one
//     place for all copies of it;
//   - an internal recipient `anomalia` for each recipient comes back when the mail server has the
//     envelope for sure, and only then the log says that it is kept (kept_anomaly);
//   - what the log says so of is dropped.
//
// Ordinary mail is nobody's evidence: each copy is wrapped, as it comes. From another host it may bear an
// address of ours, which is certified where it is used through us: then the text says that it was not. The
// host's filter may know better: where DMARC passes, that host may send for the address, and where it fails,
// the mail is suspected to be spam. Pure functions, any thread.
#pragma once

#include "pec/decision.hpp"
#include "pec/incoming_point.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pec {

Decision wrap_anomaly(const mime::Message& message, const Classification& found,
                      const Delivery& delivery, const IncomingFacts& facts);

// What the provider's message in this anomaly envelope of ours is; empty if there is none in it.
std::string identity_in_anomaly(const mime::Message& envelope);

// The log's lines that each of these recipients has the anomaly envelope. `envelope` is the copy that
// came for them; `sender` its reverse path. Error `rejected`: no provider's message is in it.
struct KeptAnomalyFacts {
  const Authenticator* host_group;
  Identity identity;
  std::shared_ptr<const DirectorySnapshot> directory;
};
Result<LedgerEntries> kept_anomaly(const mime::Message& envelope, const std::string& sender,
                                   const std::vector<InternalRecipient>& internals,
                                   const KeptAnomalyFacts& facts);

}  // namespace pec
