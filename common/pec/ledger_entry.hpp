// SPDX-License-Identifier: GPL-2.0-or-later

// What is written into the ledger: the message log's events and the progress of dispatches
// (RFC 6109, 2.3; what must hold for each PEC msgid is in docs/architecture.md, "Ledger"). Plain values;
// any thread. Times are seconds, UTC.
#pragma once

#include "base/clock.hpp"
#include "pec/mailbox.hpp"

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pec {

// A recipient with the type that the certification data give it.
struct Recipient {
  std::string address;
  bool certified = false;  // "certificato", otherwise "esterno"

  bool operator==(const Recipient&) const = default;
};

// A message's recipients, in its order. They never change, and copies share them: a message has a line
// in the log for each recipient, and each line names them all. Any thread.
//
//     const Recipients all = {{"bob@b.example", true}, {"eve@ordinaria.example", false}};
//     for (const auto& [address, certified] : all) ...
class Recipients {
public:
  Recipients() = default;
  Recipients(std::vector<Recipient> all)
      : all_(std::make_shared<const std::vector<Recipient>>(std::move(all))) {}
  Recipients(std::initializer_list<Recipient> all) : Recipients(std::vector<Recipient>(all)) {}

  const std::vector<Recipient>& list() const {
    static const std::vector<Recipient> none;
    return all_ ? *all_ : none;
  }
  auto begin() const { return list().begin(); }
  auto end() const { return list().end(); }
  std::size_t size() const { return list().size(); }
  bool empty() const { return list().empty(); }

  // One is a copy of the other: known without a look at them.
  bool shares_with(const Recipients& other) const { return all_ == other.all_; }
  bool operator==(const Recipients& other) const {
    return shares_with(other) || list() == other.list();
  }

private:
  std::shared_ptr<const std::vector<Recipient>> all_;
};

// The event types of the log, by the name that the message of that event carries on the wire. Both
// notices of a timeout have the same one, so the log has names of its own for these two. A refusal has
// none on the wire.
enum class EventKind {
  transport_envelope,  // posta-certificata
  acceptance,          // accettazione
  non_acceptance,      // non-accettazione
  take_charge,         // presa-in-carico
  delivery,            // avvenuta-consegna
  non_delivery,        // errore-consegna
  early_notice,        // preavviso-errore-consegna, after 12 hours
  timeout_notice,      // preavviso-errore-consegna, after 24 hours: ends the dispatch
  virus_detection,     // rilevazione-virus
  anomaly_envelope,    // errore
  refusal,             // rifiuto: signed by a provider, and refused in SMTP; the log's alone
};
std::string_view wire_name(EventKind kind);
// timeout_notice for both of them: which one it is, its <errore-esteso> says.
std::optional<EventKind> event_kind_from_wire(std::string_view name);
std::string_view log_name(EventKind kind);
std::optional<EventKind> event_kind_from_log(std::string_view name);

// Take-charge and virus detection speak from provider to provider: to a service mailbox, never to a user
// (RFC 6109, 3.2.1, 3.2.3).
bool is_between_providers(EventKind kind);

enum class Direction { issued, received };

// One line of the message log. Key: (pec_id, kind, direction, recipient). A receipt that came a second
// time, under another Message-ID, has a further line, up to `most_lines_of_a_receipt`. What somebody
// sends again and again is only counted from there on.
inline constexpr int most_lines_of_a_receipt = 20;
struct LedgerEvent {
  std::string pec_id;
  EventKind kind{};
  Direction direction = Direction::issued;
  std::string recipient;  // the one it is about; empty: the message as a whole
  Instant at;
  std::string msgid;   // the client's own Message-ID, with its brackets; may be empty
  std::string sender;  // reverse path of the original
  Recipients recipients;
  std::string reply_to;      // as certified; empty: not known (anomaly envelopes)
  std::string subject;       // UTF-8
  std::string provider;      // who certified it (gestore-emittente)
  std::string generated_id;  // Message-ID of the message that the event produced, without brackets
  // What that message is (pec/message_identity.hpp); or, of a receipt of ours, what the envelope is that it was
  // made of; or, of a non-acceptance for virus, what the submission is. The virus store calls the message so.
  // Empty: not known.
  std::string identity{};
  std::string error;   // errore, when not "nessuno"
  std::string detail;  // errore-esteso, or the reason

  bool operator==(const LedgerEvent&) const = default;
};

// A step of a dispatch: how far the message has come to one certified recipient. Key: (pec_id,
// recipient, step); the first time a step is reported stands. Which steps are entered is the rule of
// pec/dispatch.hpp.
struct DispatchStep {
  enum class Step {
    accepted,
    taken_in_charge,
    delivered,
    failed,     // a non-delivery notice, ours or the other provider's; a virus
    warned,     // the 12-hour notice
    timed_out,  // the 24-hour notice
  };
  std::string pec_id;
  std::string recipient;  // canonical address
  Step step{};
  Instant at;
  bool is_of_receipt = false;  // made by the receipt that is claimed with it, whose time it has

  bool operator==(const DispatchStep&) const = default;
};

// Something that should have been and is not, or that contradicts what is known: for an operator.
// Key: (what, pec_id, recipient); the first report stands until it is resolved, with the time when the
// same was noticed last. One that was noticed after that opens it again.
struct Incident {
  std::string what;       // "accettazione": the internal event whose receipt is missing; or a word
  std::string pec_id;     // of the message it is about
  std::string recipient;  // that the missing receipt is about, as the internal recipient has it
  Instant at;             // when it was noticed
  Instant event_at;       // the certified time that the receipt would have had
  std::string detail;     // one line: what happened
  std::string copy;       // the message that the receipt is to be made of, whole; empty: not there
  std::optional<Instant> resolved;

  bool operator==(const Incident&) const = default;
};

struct LedgerEntries {
  std::vector<LedgerEvent> events;
  std::vector<DispatchStep> steps;
  std::vector<Incident> incidents{};

  bool empty() const { return events.empty() && steps.empty() && incidents.empty(); }
  bool operator==(const LedgerEntries&) const = default;
};

// Which receipt: one for each event and recipient; a take-charge is one for several recipients.
struct ReceiptKey {
  std::string pec_id;
  EventKind kind{};
  std::vector<std::string> recipients;  // as LedgerEvent::recipient has them; at least one

  bool operator==(const ReceiptKey&) const = default;
};

struct ReceiptIdentity {
  std::string message_id;  // without brackets
  Instant at;              // its certified time

  bool operator==(const ReceiptIdentity&) const = default;
};

// Whether the entries hold the receipt's line for each of the key's recipients. It is known by these that the
// receipt was issued.
bool has_lines_of(const LedgerEntries& entries, const ReceiptKey& key);

// The entries of a receipt, as they are if `actual` is issued in the place of `proposed`.
LedgerEntries under_identity(LedgerEntries entries, const ReceiptIdentity& proposed,
                             const ReceiptIdentity& actual);

// A line of the log about a message that came, as far as a later one is compared with it.
struct LoggedMessage {
  std::string recipient;  // as LedgerEvent::recipient
  std::string identity;   // empty: entered by a program that did not know it
  Instant at;
  std::string message_id{};  // its own, without brackets

  bool operator==(const LoggedMessage&) const = default;
};

// What a claim of a receipt is answered (MessageLog::claim_receipt).
struct ClaimedReceipt {
  std::optional<ReceiptIdentity> identity{};  // nothing: this receipt must not be
  std::vector<std::string> told{};  // of the key's recipients, those of whom another receipt tells

  bool operator==(const ClaimedReceipt&) const = default;
};

// How a part of a node does, as that part reports it: for `pecctl status`. Key: (node, component).
struct ComponentState {
  std::string node;       // host name
  std::string component;  // "antivirus"
  bool good = false;
  std::string text;  // one line for the administrator: what there is, or what is wrong
  Instant at;        // since when it is so

  bool operator==(const ComponentState&) const = default;
};

}  // namespace pec
