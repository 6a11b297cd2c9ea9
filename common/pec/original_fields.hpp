// SPDX-License-Identifier: GPL-2.0-or-later

// The header of a submitted message, for the formal checks and the certification data. It is read
// in one pass over the fields, so that no check needs a pass of its own.
//
//     const OriginalFields fields = read_original(message.header);
//     check_from(fields); check_recipients(fields, submission.recipients); ...
//
// A plain value; any thread.
#pragma once

#include "mime/address.hpp"
#include "mime/header.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pec {

// More fields than any mail program writes. To replace a message, the mail server must delete its
// fields one by one. The time for this grows with the square of their number: half a second for
// these, minutes for 50,000. So a message with more fields is refused in SMTP.
constexpr std::size_t most_fields = 2000;

// Postfix silently cuts a field at 60,000 bytes, at the last line end before. A field with fewer
// octets than this is surely whole.
constexpr std::size_t surely_whole = 50'000;

// The longest subject, in UTF-8, that a field of ours holds whole with any prefix. Encoding makes
// up to 7 octets out of 4.
constexpr std::size_t most_subject_octets = 24'000;

struct OriginalFields {
  // The addresses of all fields of the name, in order, valid or not.
  std::vector<mime::Address> from, to, cc, reply_to;
  // Of the first field of the name, on one line; nothing if there is no such field.
  std::optional<std::string> date, message_id;
  std::string subject;  // of the first, decoded (UTF-8)
  bool has_bcc_value = false;

  // Names as they stand in the message (printable), each once; after the twentieth, "...".
  std::vector<std::string> repeated;   // fields that may occur once (RFC 5322, 3.6) but occur again
  std::vector<std::string> unclean;    // with octets that RFC 5322, 2.2 does not allow
  std::vector<std::string> oversized;  // so long that the mail server may have cut them off
};

OriginalFields read_original(const mime::HeaderList& header);

// The id in a Message-ID field's value, with its brackets, but without the blanks and comments that
// RFC 5322, 3.6.4 allows around it. Any other value stays as it is.
std::string_view message_id_in(std::string_view unfolded);

// The client's own Message-ID on one line, with its brackets; empty if the message has none, or one
// that can't be repeated as it is (is_message_id() says no).
std::string client_message_id(const mime::HeaderList& header);

// "<...>" of printable ASCII without blanks, short enough to be repeated on one line (RFC 5322,
// 2.1.1, 3.6.4).
bool is_message_id(std::string_view value);

}  // namespace pec
