// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger's entries: the message log's events, and the progress of dispatches (RFC 6109, 2.3).
// docs/architecture.md, "Ledger", has the rules that hold for each PEC msgid. Plain values; any
// thread. Times are seconds, UTC.
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

// A recipient with its type in the certification data.
struct Recipient {
  std::string address;
  bool certified = false;  // "certificato", otherwise "esterno"

  bool operator==(const Recipient&) const = default;
};

// A message's recipients, in its order. They never change, and copies share them: the log has a
// line for each recipient, and each line names them all. Any thread.
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

  // One is a copy of the other; takes no comparison of addresses.
  bool shares_with(const Recipients& other) const { return all_ == other.all_; }
  bool operator==(const Recipients& other) const {
    return shares_with(other) || list() == other.list();
  }

private:
  std::shared_ptr<const std::vector<Recipient>> all_;
};

// The event types of the log, by their messages' names on the wire. Both notices of a timeout have
// the same name there, so the log has its own names for these two. A refusal is only in the log.
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
  refusal,             // rifiuto: signed by a provider, but refused in SMTP
};
std::string_view wire_name(EventKind kind);
// timeout_notice for both notices: the <errore-esteso> says which one it is.
std::optional<EventKind> event_kind_from_wire(std::string_view name);
std::string_view log_name(EventKind kind);
std::optional<EventKind> event_kind_from_log(std::string_view name);

// A take-charge or virus detection goes from provider to provider: to a service mailbox, never to a
// user (RFC 6109, 3.2.1, 3.2.3).
bool is_between_providers(EventKind kind);

enum class Direction { issued, received };

// One line of the message log. Key: (pec_id, kind, direction, recipient). A receipt that comes
// again under another Message-ID has a further line, up to `most_lines_of_a_receipt`. From there on
// it is only counted.
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
  std::string provider;      // the one who certified it (gestore-emittente)
  std::string generated_id;  // Message-ID of the message that the event produced, without brackets
  // The identity (pec/message_identity.hpp) of that message. For a receipt of ours it is the
  // identity of the envelope from which it was made; for a non-acceptance for virus, that of the
  // submission. It is also the name in the virus store. Empty: not known.
  std::string identity{};
  std::string error;   // errore, when not "nessuno"
  std::string detail;  // errore-esteso, or the reason

  bool operator==(const LedgerEvent&) const = default;
};

// A step of a dispatch: how far the message has come to one certified recipient. Key: (pec_id,
// recipient, step). The first report of a step stands. pec/dispatch.hpp says which steps are
// entered.
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
  bool is_of_receipt = false;  // made by the receipt that is claimed with it; has its time

  bool operator==(const DispatchStep&) const = default;
};

// A missing thing, or a contradiction of what is known: for an operator. Key: (what, pec_id,
// recipient). The first report stands until it is resolved, and the time of the last report is
// kept. A report from after the resolution opens the incident again.
struct Incident {
  std::string what;       // the internal event of a missing receipt ("accettazione"), or a word
  std::string pec_id;     // of the message it is about
  std::string recipient;  // of the missing receipt, as the internal recipient has it
  Instant at;             // when it was noticed
  Instant event_at;       // the certified time that the receipt would have had
  std::string detail;     // one line: what happened
  std::string copy;       // the whole message from which to make the receipt; empty: none
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

// Names a receipt. Each event and recipient has one; a take-charge is one for several recipients.
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

// Whether the entries hold the receipt's line for each of the key's recipients. These lines are the
// record that the receipt was issued.
bool has_lines_of(const LedgerEntries& entries, const ReceiptKey& key);

// The entries of a receipt if `actual` is issued in the place of `proposed`.
LedgerEntries under_identity(LedgerEntries entries, const ReceiptIdentity& proposed,
                             const ReceiptIdentity& actual);

// The fields of a log line about a received message that later messages are compared with.
struct LoggedMessage {
  std::string recipient;  // as LedgerEvent::recipient
  std::string identity;   // empty: an earlier program, which did not know it, entered the line
  Instant at;
  std::string message_id{};  // its own, without brackets

  bool operator==(const LoggedMessage&) const = default;
};

// The answer to the claim of a receipt (MessageLog::claim_receipt).
struct ClaimedReceipt {
  std::optional<ReceiptIdentity> identity{};  // nothing: this receipt must not be issued
  std::vector<std::string> told{};            // the key's recipients whom another receipt covers

  bool operator==(const ClaimedReceipt&) const = default;
};

// The state of a part of a node, as it reports it: for `pecctl status`. Key: (node, component).
struct ComponentState {
  std::string node;       // host name
  std::string component;  // "antivirus"
  bool good = false;
  std::string text;  // one line for the administrator: the version, or what is wrong
  Instant at;        // since when

  bool operator==(const ComponentState&) const = default;
};

}  // namespace pec
