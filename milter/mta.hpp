// SPDX-License-Identifier: GPL-2.0-or-later

// The mail server as a role sees it: what it collected of one message, and how its queue file can
// be edited. The shim stands behind these with libmilter; tests stand behind them with a recorder.
// One thread at a time.
#pragma once

#include "base/result.hpp"
#include "milter/role.hpp"
#include "mime/message.hpp"
#include "pec/filter_mark.hpp"
#include "pec/mailbox.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec::milter {

// One SMTP transaction, complete.
struct Transaction {
  Role role{};
  std::string queue_id;
  std::string login;                    // authenticated user; empty if none
  std::string sender;                   // reverse path, without brackets; empty for <>
  std::vector<std::string> recipients;  // forward paths, in the one form (envelope_address.hpp)
  mime::Message message;
  std::optional<Takes> takes{};  // the recipients' mailboxes, all alike; known at incoming only
  bool over_tls = true;          // the connection
  std::string client{};          // its other end: an address, "192.0.2.7"; empty: not known

  // Where the host's spam filter has marked it (pec/filter_mark.hpp): what it says, and the header
  // with its fields, as the queue file has it. `message` is what came in.
  SpamLevel spam = SpamLevel::not_spam;
  SenderCheck sender_check = SenderCheck::unknown;
  std::optional<mime::HeaderList> marked_header{};

  std::uint64_t declared_octets = 0;  // its size as MAIL has it (RFC 1870); 0: not declared
  std::string unknown_room{};  // why a recipient's room could not be asked for (admission.hpp)

  // The recipients as RCPT had them, without brackets: the queue file knows them by nothing else.
  std::vector<std::string> as_written{};

  const mime::HeaderList& queued_header() const {
    return marked_header ? *marked_header : message.header;
  }
};

// Edits of the queue file. Nothing takes effect unless the role's reply is "accept"; any error
// means that the connection to the mail server is gone.
class QueueFile {
public:
  virtual ~QueueFile() = default;
  // `index` counts the fields of that name from 1.
  virtual Result<void> delete_header(const std::string& name, int index) = 0;
  // At the end of the header; the value is raw (mime/header.hpp).
  virtual Result<void> append_header(const std::string& name, const std::string& raw_value) = 0;
  // The first call replaces the body; further ones append to it.
  virtual Result<void> replace_body(std::string_view chunk) = 0;
  virtual Result<void> change_sender(const std::string& sender) = 0;
  // As RCPT wrote it: in any other form nothing happens, and nobody says so.
  virtual Result<void> delete_recipient(const std::string& as_written) = 0;
  virtual Result<void> add_recipient(const std::string& recipient) = 0;
  // Tells the mail server that work goes on, before anything slow.
  virtual void progress() = 0;
};

}  // namespace pec::milter
