// SPDX-License-Identifier: GPL-2.0-or-later

// Certification data: what a provider certifies about a message, and its XML form, daticert.xml
// (RFC 6109, 4.4; the decree's DTD).
//
//     std::string xml = write_xml(data);
//     Result<CertificationData> data = read_xml(xml);
//
// Writing: UTF-8, LF, four blanks of indent, no DOCTYPE, every attribute written out.
// Reading: valid by the DTD; a DOCTYPE and other layouts are accepted, entities beyond XML's own five
// are never resolved. What was read can be written and reads the same: text that is no UTF-8 is an
// error, and a line break in it becomes a blank. What is read is bounded: a document of
// most_data_octets, lists of most_listed. Error: bad_input, and which element. Pure, any thread.
#pragma once

#include "base/result.hpp"
#include "pec/ledger_entry.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec {

// The delivery receipt that the sender asks for (3.3.2): X-TipoRicevuta and <ricevuta tipo>.
enum class ReceiptForm { complete, brief, concise };
std::string_view wire_name(ReceiptForm form);  // completa | breve | sintetica
std::optional<ReceiptForm> receipt_form_from_wire(std::string_view name);

enum class CertifiedError { none, no_recipient, no_domain, virus, other };
std::string_view wire_name(CertifiedError error);  // nessuno | no-dest | no-dominio | virus | altro

struct CertificationData {
  EventKind kind{};  // any but anomaly_envelope, which carries no certification data
  CertifiedError error = CertifiedError::none;
  std::string sender;                       // reverse path of the original
  Recipients recipients;                    // forward paths, all, in order
  std::string reply_to;                     // Reply-To, or the sender; never empty
  std::string subject;                      // UTF-8
  std::string provider;                     // who certifies
  std::string date, time, zone;             // legal time: "22/11/2026", "05:11:22", "+0100"
  std::string pec_id;                       // of the transport envelope, without brackets
  std::string msgid;                        // the client's own, with brackets; empty if it had none
  std::optional<ReceiptForm> receipt_form;  // envelopes and delivery receipts
  std::string delivery;                     // <consegna>: the recipient it is about
  std::vector<std::string> taken_in_charge;  // <ricezione>: the recipients it is about
  std::string error_detail;                  // <errore-esteso>

  bool operator==(const CertificationData&) const = default;
};

// Whether the address is one of the certified recipients; whether it is one of them at all. A recipient
// of ours is certified however the sender's provider marked it: its directory may be a day old.
bool certifies(const CertificationData& data, std::string_view address);
bool names(const CertificationData& data, std::string_view address);

// The recipients whom a correct receipt or notice is about, as it writes them. One about the message as a
// whole (an acceptance) has "" here, as the log has.
std::vector<std::string> recipients_told_of(const CertificationData& data);

// What the log's line about a transport envelope says, as data of that envelope; without the time
// and the kind of receipt.
CertificationData certification_of(const LedgerEvent& envelope);

// The message log's line about a message with these data: all but the recipient it is about and the
// id of what it produced (RFC 6109, 2.3).
LedgerEvent log_event(const CertificationData& data, EventKind kind, Direction direction,
                      Instant at);

// What read_xml() takes. Real ones have 1 to 2 kB; 500 recipients are the most that a message may have
// here.
constexpr std::size_t most_data_octets = std::size_t{1} << 20;
constexpr std::size_t most_listed = 2000;  // <destinatari>; <ricezione>

std::string write_xml(const CertificationData& data);
Result<CertificationData> read_xml(std::string_view xml);

}  // namespace pec
