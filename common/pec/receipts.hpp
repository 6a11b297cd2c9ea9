// SPDX-License-Identifier: GPL-2.0-or-later

// The receipts role. A copy of an envelope comes for an internal recipient, and becomes the receipt
// or notice that this names (RFC 6109, 3.1.4, 3.2.1, 3.2.3, 3.3.2). A copy of another provider's
// virus detection becomes the notice to our user (3.2.4).
//
// The copy itself carries the certified data, so making a receipt needs no database. The ledger
// adds only two things: the log, and the identity of a receipt that was made before.
//
// Notices of what did not happen (3.1.6, 3.3.3) have no copy. Their certified data come from the
// log's line about the envelope.
//
//     Result<ReceiptPlan> plan = plan_receipt(found, internals, facts);  // what, about whom
//     Result<ReceiptPlan> plan = plan_notice(notice, envelope, failure, facts);     // or this
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
  // The virus that the scanner finds in the copy; needed for virus_found only.
  std::optional<std::string> virus{};
  Instant now{};  // when the copy is judged; needed for deliveries only
};

struct ReceiptPlan {
  Identity us;  // the issuer
  InternalEvent event{};
  Instant at;              // certified time of the event: the internal recipient's stamp
  CertificationData data;  // of the envelope; for virus_told, of the virus detection
  std::string identity;    // of the copy (message_identity.hpp); none for notices
  std::optional<mime::Bytes> original;  // postacert.eml of the envelope
  mime::HeaderList original_header;     // of the original: the signed To and Cc
  std::vector<std::string> recipients;  // the receipt is about these
  std::string to;                       // the address that gets it
  ReceiptKey key;
  ReceiptIdentity proposed;
  std::optional<CertifiedFailure> failure;  // of notices, and of virus detections
  std::string description;                  // of that failure, for the text
  LedgerEntries entries;                    // with the proposed identity
};

// Whether this delivery needs no receipt: the envelope was passed on to somebody whom it does not
// name. Nobody owes him evidence, and nothing is wrong.
bool owes_nothing(const InternalRecipient& internal, const Classification& found);
// The same for a failure: the copy was for somebody whom the message does not name (always_bcc).
bool owes_nothing(const InternalRecipient& internal, const LedgerEvent& envelope);

// The plan for a copy. Error `rejected`: no evidence may be made from it, now or ever (drop the
// copy and log the reason). Other errors: try again later.
// `found`: the classification of the copy as of when its message was taken in charge. `internals`:
// the verified internal recipients of this transaction, all of one event.
Result<ReceiptPlan> plan_receipt(const Classification& found,
                                 const std::vector<InternalRecipient>& internals,
                                 const ReceiptFacts& facts);

// The same for non_delivery, early_notice and timeout_notice. `envelope`: the log's line about the
// message. Error `rejected`: the notice is not for this recipient of this message.
Result<ReceiptPlan> plan_notice(const InternalRecipient& notice, const LedgerEvent& envelope,
                                const CertifiedFailure& failure, const ReceiptFacts& facts);

// The receipt under the identity that the ledger gave. `stamp`: the identity's time, as legal time.
Decision make_receipt(const ReceiptPlan& plan, const ReceiptIdentity& identity, const Stamp& stamp);

// No evidence may be made from this copy, now or ever. It is dropped, with an incident.
Decision give_up(const InternalRecipient& internal, const std::string& pec_id, std::string why,
                 Instant now);

// For a copy to somebody whom the envelope does not name: it is dropped, and counted. `what`:
// "delivery" or "failed copy".
Decision owing_nothing(std::string_view what, std::string_view recipient, std::string pec_id);

// The ledger gave the receipt no identity (dispatch.hpp): it is dropped. `told`: recipients whom
// another receipt covers already.
Decision not_issued(const ReceiptPlan& plan, const std::vector<std::string>& told);

// The form of a recipient's delivery receipt (3.3.2). A primary recipient (in To, or if that can't
// be told) has the form that was asked for. One in Cc only has the concise form.
ReceiptForm form_for_recipient(ReceiptForm requested, const mime::HeaderList& envelope_header,
                               std::string_view recipient);

}  // namespace pec
