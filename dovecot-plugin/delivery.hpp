// SPDX-License-Identifier: GPL-2.0-or-later

// One certified message on its way into one mailbox: the next step, and what the journal must
// remember. This class does not know Dovecot: pec_plugin.c asks for the next step, does it, and
// reports the result.
//
//     auto delivery = Delivery::begin(request, clock);      // the journal has `pending` now
//     while (delivery->step() != DeliveryStep::finished) ...
//     delivery->stored();                                   // step() is hand_off now
//
// Errors are for the log and mean: answer Postfix with 451. Postfix tries again later, and begin()
// continues where this attempt stopped. One thread for each object.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "dovecot-plugin/delivery_journal.hpp"
#include "pec/ports.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace pec::delivery {

struct DeliveryRequest {
  std::filesystem::path home;  // of the mailbox's user; exists
  std::string identity;        // what the message is (dovecot-plugin/identify.hpp)
  // The Message-ID of an envelope as in the header, with or without brackets and blanks around it.
  // The internal recipient is bound to it.
  std::string message_id;
  std::string recipient;         // for the receipt: as the sender wrote it, if that is known
  std::string mailbox;           // the mail goes here; it differs if the recipient is an alias
  bool receipt_is_owed = false;  // for transport envelopes only (RFC 6109, 3.3)
  // The name of the message in the old journal (old_journal.hpp): its Message-ID, or the boundary
  // of an anomaly envelope. Empty if there is none.
  std::string old_identity = {};
};

enum class DeliveryStep {
  look_up,   // an earlier attempt died half way: is the message in a mailbox?
  store,     // bring it into a mailbox
  hand_off,  // it is there: ask for its receipt
  finished,  // nothing is left to do
};

class Delivery {
public:
  static Result<Delivery> begin(const DeliveryRequest& request, const Clock& clock);

  DeliveryStep step() const { return step_; }
  const DeliveryRecord& record() const { return *journal_.record(); }

  // After look_up. `at`: when the store took the message, according to the store.
  Result<void> found(Instant at);
  void not_found();

  // After store: the message is committed. The present time becomes the certified time of delivery.
  Result<void> stored();

  // For hand_off: the address to which the receipts smtpd gets the copy. The same at every attempt.
  Result<std::string> internal_recipient(const Authenticator& delivery_secret) const;
  Result<void> handed_off();

  // For the log (delivery_journal.hpp).
  const std::vector<std::string>& remarks() const { return journal_.remarks(); }

private:
  Delivery(DeliveryRequest request, const Clock& clock, DeliveryJournal journal);
  Result<void> remember(Instant at);

  DeliveryRequest request_;
  const Clock* clock_;
  DeliveryJournal journal_;
  DeliveryStep step_ = DeliveryStep::store;
};

}  // namespace pec::delivery
