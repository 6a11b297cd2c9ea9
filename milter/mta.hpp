// SPDX-License-Identifier: GPL-2.0-or-later

// The mail server as a role sees it: the parts of one message, and the edits of its queue file. In
// the program libmilter stands behind them (the shim), in tests a recorder. One thread at a time.
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
  std::optional<Takes> takes{};  // what all recipients' mailboxes take; known only at incoming
  bool over_tls = true;          // the connection
  std::string client{};          // the client's address, "192.0.2.7"; empty: not known

  // If the host's spam filter has marked it (pec/filter_mark.hpp): the filter's verdict, and the
  // queue file's header with the filter's fields. `message` is the message as it came in.
  SpamLevel spam = SpamLevel::not_spam;
  SenderCheck sender_check = SenderCheck::unknown;
  std::optional<mime::HeaderList> marked_header{};

  std::uint64_t declared_octets = 0;  // its size in MAIL (RFC 1870); 0: not declared
  std::string unknown_room{};         // why nobody could ask for a recipient's room (admission.hpp)

  // The recipients as RCPT had them, without brackets: the queue file knows them only in this form.
  std::vector<std::string> as_written{};

  const mime::HeaderList& queued_header() const {
    return marked_header ? *marked_header : message.header;
  }
};

// Edits of the queue file. They take effect only if the role's reply is "accept". An error means
// that the connection to the mail server is gone.
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
  // In the form that RCPT wrote. Any other form has no effect and gives no error.
  virtual Result<void> delete_recipient(const std::string& as_written) = 0;
  virtual Result<void> add_recipient(const std::string& recipient) = 0;
  // Call it before anything slow: it tells the mail server that work goes on.
  virtual void progress() = 0;
};

}  // namespace pec::milter
