// SPDX-License-Identifier: GPL-2.0-or-later

// One certified message on its way into one mailbox: what to do next, and what to remember. It
// knows no Dovecot; pec_plugin.c asks for the next step, does it, and reports how it went.
//
//     auto delivery = Delivery::begin(request, clock);      // the journal has `pending` now
//     while (delivery->step() != DeliveryStep::finished) ...
//     delivery->stored();                                   // step() is hand_off now
//
// Errors are for the log and mean: answer Postfix with 451. It comes again, and begin() finds where
// this attempt has got to. One thread for each object.
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
  // Of an envelope, as the header has it; brackets and blanks around do not count. The internal
  // recipient is bound to it.
  std::string message_id;
  std::string recipient;  // that the receipt speaks of: as the sender wrote it, where that is known
  std::string mailbox;    // the address that the recipient, where it is an alias, has led to
  bool receipt_is_owed = false;  // a transport envelope; else whatever comes once (RFC 6109, 3.3)
  // What the version before this one knew the message by: Message-ID, or boundary of an anomaly
  // envelope; empty if there is none (old_journal.hpp).
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

  // After look_up. `at` is when the store says that it took the message.
  Result<void> found(Instant at);
  void not_found();

  // After store: the message is committed. Now is the certified time of its delivery.
  Result<void> stored();

  // For hand_off: whom the receipts smtpd is to get the copy for. The same at every attempt.
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
