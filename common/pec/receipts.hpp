// SPDX-License-Identifier: GPL-2.0-or-later

// The receipts role: a copy of an envelope, come for an internal recipient, becomes the receipt or
// notice that the internal recipient names (RFC 6109, 3.1.4, 3.2.1, 3.2.3, 3.3.2); a copy of another
// provider's virus detection becomes the notice to our user (3.2.4).
//
// The certified data travel in the copy itself, so no database is needed to make a receipt; the
// ledger adds two things only: the log, and the identity of a receipt that was made before.
//
// Notices of what did not happen (3.1.6, 3.3.3) have no copy to be made of: the certified data come
// from the log's line about the envelope.
//
//     Result<ReceiptPlan> plan = plan_receipt(found, internals, facts);  // what, about whom
//     Result<ReceiptPlan> plan = plan_notice(notice, envelope, failure, facts);     // or so
//     auto claim = ledger.claim_receipt(plan->key, plan->proposed, plan->entries);
//     Decision decision = make_receipt(*plan, *claim->identity, stamp);
//
// Pure functions, any thread.
#pragma once

#include "pec/certified_failure.hpp"
#include "pec/classification.hpp"
#include "pec/decision.hpp"
#include "pec/pec_message.hpp"
#include "pec/ports.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pec {

struct ReceiptFacts {
  const Authenticator* host_group;  // for the receipt's own Message-ID
  Identity identity;
  std::shared_ptr<const DirectorySnapshot> directory;
  // What the scanner finds in the copy; asked for virus_found only.
  std::optional<std::string> virus{};
  Instant now{};  // when the copy is judged; asked for deliveries only
};

struct ReceiptPlan {
  Identity us;  // who issues it
  InternalEvent event{};
  Instant at;              // certified time of the event: the internal recipient's stamp
  CertificationData data;  // of the envelope; for virus_told, of the virus detection
  std::string identity;    // what the copy is (message_identity.hpp); none for notices
  std::optional<mime::Bytes> original;  // postacert.eml of the envelope
  mime::HeaderList original_header;     // of the original: what of To and Cc is signed
  std::vector<std::string> recipients;  // that the receipt is about
  std::string to;                       // who gets it
  ReceiptKey key;
  ReceiptIdentity proposed;
  std::optional<CertifiedFailure> failure;  // of notices, and of virus detections
  std::string description;                  // of that failure, for the text
  LedgerEntries entries;                    // with the proposed identity
};

// Whether nothing is to be made of this delivery: of an envelope that was passed on to somebody whom it
// does not name. Nobody owes him evidence, and nothing is wrong.
bool owes_nothing(const InternalRecipient& internal, const Classification& found);
// Likewise of a failure: the copy was for somebody whom the message does not name (always_bcc).
bool owes_nothing(const InternalRecipient& internal, const LedgerEvent& envelope);

// What to do with a copy. Error `rejected`: no evidence may be made of it, now or ever (the copy is
// to be dropped and the reason logged). Others: try again later.
// `found` is the classification of the copy as of when the message was taken in charge; `internals` are
// the verified internal recipients of this transaction, all of one event.
Result<ReceiptPlan> plan_receipt(const Classification& found,
                                 const std::vector<InternalRecipient>& internals,
                                 const ReceiptFacts& facts);

// Likewise, for non_delivery, early_notice and timeout_notice. `envelope`: what the log says of the
// message. Error `rejected`: the notice is not for this recipient of this message.
Result<ReceiptPlan> plan_notice(const InternalRecipient& notice, const LedgerEvent& envelope,
                                const CertifiedFailure& failure, const ReceiptFacts& facts);

// The receipt under the identity that the ledger gave. `time` is the identity's, as legal time.
Decision make_receipt(const ReceiptPlan& plan, const ReceiptIdentity& identity, const Stamp& stamp);

// No evidence may be made of this copy, now or ever: it is dropped, with an incident for the operator.
Decision give_up(const InternalRecipient& internal, const std::string& pec_id, std::string why,
                 Instant now);

// Of a copy for somebody whom the envelope does not name: it is dropped, and counted. `what` befell it:
// "delivery", "failed copy".
Decision owing_nothing(std::string_view what, std::string_view recipient, std::string pec_id);

// The ledger gave the receipt no identity (dispatch.hpp): it is dropped. `told`: of these recipients another
// receipt tells already.
Decision not_issued(const ReceiptPlan& plan, const std::vector<std::string>& told);

// Which receipt a recipient's delivery gives (3.3.2): the form asked for, if the recipient is a
// primary one (in To, or where that can't be told); concise for one in Cc only.
ReceiptForm form_for_recipient(ReceiptForm requested, const mime::HeaderList& envelope_header,
                               std::string_view recipient);

}  // namespace pec
