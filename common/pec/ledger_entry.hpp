// What is written into the ledger: the message log's events and the progress of dispatches
// (RFC 6109, 2.3; what must hold for each PEC msgid is in docs/architecture.md, "Ledger").
#pragma once

#include "base/clock.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec {

// A recipient with the type that the certification data give it.
struct Recipient {
  std::string address;
  bool certified = false;  // "certificato", otherwise "esterno"

  bool operator==(const Recipient&) const = default;
};

// The event types of the log, by the name that the message of that event carries on the wire.
enum class EventKind {
  transport_envelope,  // posta-certificata
  acceptance,          // accettazione
  non_acceptance,      // non-accettazione
  take_charge,         // presa-in-carico
  delivery,            // avvenuta-consegna
  non_delivery,        // errore-consegna
  timeout_notice,      // preavviso-errore-consegna
  virus_detection,     // rilevazione-virus
  anomaly_envelope,    // errore
};
std::string_view wire_name(EventKind kind);
std::optional<EventKind> event_kind_from_wire(std::string_view name);

enum class Direction { issued, received };

// One line of the message log. Key: (pec_id, kind, direction, recipient).
struct LedgerEvent {
  std::string pec_id;
  EventKind kind{};
  Direction direction = Direction::issued;
  std::string recipient;  // the one it is about; empty: the message as a whole
  Instant at;
  std::string msgid;   // the client's own Message-ID, with its brackets; may be empty
  std::string sender;  // reverse path of the original
  std::vector<Recipient> recipients;
  std::string subject;       // UTF-8
  std::string provider;      // who certified it (gestore-emittente)
  std::string generated_id;  // Message-ID of the message that the event produced, without brackets
  std::string error;         // errore, when not "nessuno"
  std::string detail;        // errore-esteso, or the reason

  bool operator==(const LedgerEvent&) const = default;
};

// A step in the life of one certified recipient's copy. Key: (pec_id, recipient, step); the first
// time a step is reported stands.
struct DispatchStep {
  enum class Step { accepted, taken_in_charge, delivered, failed };
  std::string pec_id;
  std::string recipient;  // canonical address
  Step step{};
  Instant at;

  bool operator==(const DispatchStep&) const = default;
};

struct LedgerEntries {
  std::vector<LedgerEvent> events;
  std::vector<DispatchStep> steps;

  bool empty() const { return events.empty() && steps.empty(); }
  bool operator==(const LedgerEntries&) const = default;
};

// Which receipt: one for each event and recipient; a take-charge is one for several recipients.
struct ReceiptKey {
  std::string pec_id;
  EventKind kind{};
  std::vector<std::string> recipients;  // canonical; at least one (acceptance: the sender)

  bool operator==(const ReceiptKey&) const = default;
};

struct ReceiptIdentity {
  std::string message_id;  // without brackets
  Instant at;              // its certified time

  bool operator==(const ReceiptIdentity&) const = default;
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
