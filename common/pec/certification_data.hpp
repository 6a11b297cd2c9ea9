// SPDX-License-Identifier: GPL-2.0-or-later

// Certification data: what a provider certifies about a message, and its XML form, daticert.xml
// (RFC 6109, 4.4; the decree's DTD).
//
//     std::string xml = write_xml(data);
//     Result<CertificationData> data = read_xml(xml);
//
// Writing: UTF-8, LF, four blanks of indent, no DOCTYPE, every attribute written out.
// Reading: valid by the DTD. A DOCTYPE and other layouts are accepted. Only XML's own five entities
// are resolved. Data that were read can be written, and then read the same: text that is not UTF-8
// is an error, and a line break becomes a blank. The input is bounded: a document to
// most_data_octets, a list to most_listed. Error: bad_input, with the element. Pure, any thread.
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
  std::string concerns;                     // <consegna>: the recipient it is about
  std::vector<std::string> taken_in_charge;  // <ricezione>: the recipients it is about
  std::string error_detail;                  // <errore-esteso>

  bool operator==(const CertificationData&) const = default;
};

// certifies(): whether the address is one of the certified recipients. names(): whether it is any
// recipient. Ask names() about a recipient of ours: it is certified even if the sender's provider,
// whose directory may be a day old, marked it otherwise.
bool certifies(const CertificationData& data, std::string_view address);
bool names(const CertificationData& data, std::string_view address);

// The recipients that a correct receipt or notice is about, as it writes them. If it is about the
// message as a whole (an acceptance), the list has one "", as the log has.
std::vector<std::string> recipients_concerned(const CertificationData& data);

// The log's line about a transport envelope, as the data of that envelope; without the time and the
// kind of receipt.
CertificationData certification_of(const LedgerEvent& envelope);

// The message log's line about a message with these data (RFC 6109, 2.3). The caller adds the
// recipient that it is about and the id of the message that was produced.
LedgerEvent log_event(const CertificationData& data, EventKind kind, Direction direction,
                      Instant at);

// The limits of read_xml(). Real documents have 1 to 2 kB. A message may have at most 500
// recipients here.
constexpr std::size_t most_data_octets = std::size_t{1} << 20;
constexpr std::size_t most_listed = 2000;  // <destinatari>; <ricezione>

std::string write_xml(const CertificationData& data);
Result<CertificationData> read_xml(std::string_view xml);

}  // namespace pec
