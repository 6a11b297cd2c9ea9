// SPDX-License-Identifier: GPL-2.0-or-later

// Collects the SMTP transactions of one connection, one after another. It does not know libmilter;
// the shim calls it in the order of the protocol:
//
//     session.begin({sender, mail_addr}, login);
//     session.add_recipient({recipient, rcpt_addr, rcpt_mailer}, admit);
//     session.add_header(name, value); session.add_body(chunk);
//     Result<Transaction> transaction = session.finish(queue_id);
//
// Its memory counts in a share of all that is available (load.hpp). If the share is full, header or
// body is put off.
//
// Belongs to one connection. libmilter may call it from a different thread each time, but never
// from two at once.
#pragma once

#include "milter/envelope_address.hpp"
#include "milter/load.hpp"
#include "milter/mta.hpp"
#include "milter/reply.hpp"
#include "mime/body_spool.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pec::milter {

// Ten times the largest header of a certified message: 500 recipients, and long traces.
inline constexpr std::size_t most_header_bytes = 1 << 20;

class MailSession {
public:
  // `client`: the address of the connection's other end.
  MailSession(Role role, std::filesystem::path temp_dir, Share::Held held = {},
              std::string client = {});

  // Refuses a sender in a form that this role does not take (envelope_address.hpp).
  // `declared_octets`: the message's size, as the client says.
  std::optional<Refusal> begin(const EnvelopeAddress& sender, std::string_view login,
                               bool over_tls = true, std::uint64_t declared_octets = 0);
  // Likewise. Or refuses what `admit` refuses. A refused recipient is not in the transaction.
  using Admission = std::function<std::optional<Refusal>(Transaction&, const std::string&)>;
  std::optional<Refusal> add_recipient(const EnvelopeAddress& recipient, const Admission& admit);
  // `value` as the mail server gives it: with its leading blank, and folds as "\n". Refuses a field
  // that makes the header larger than `most_header_bytes`, since each connection keeps one header
  // in memory.
  std::optional<Refusal> add_header(std::string_view name, std::string_view value);
  // Error: the body can't be kept. Then the transaction can't be finished.
  Result<void> add_body(std::string_view chunk);
  Result<Transaction> finish(std::string_view queue_id);
  // Memory for handling the finished transaction, until the handle goes. Error: there is not
  // enough.
  Result<Share::Held> hold_while_handled();
  // Call it when the transaction is over or was given up; the connection goes on.
  void reset();

private:
  std::size_t header_octets() const;  // that it takes in memory
  Result<void> hold();

  Role role_;
  std::string client_;
  Transaction transaction_;
  std::size_t header_bytes_ = 0;
  std::size_t fields_ = 0;
  Share::Held held_;
  mime::BodySpool spool_;
  std::filesystem::path temp_dir_;
};

}  // namespace pec::milter
