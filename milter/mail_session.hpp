// SPDX-License-Identifier: GPL-2.0-or-later

// Collects one SMTP transaction after another from one connection. Knows nothing of libmilter; the
// shim calls it in the order of the protocol:
//
//     session.begin({sender, mail_addr}, login);
//     session.add_recipient({recipient, rcpt_addr, rcpt_mailer}, admit);
//     session.add_header(name, value); session.add_body(chunk);
//     Result<Transaction> transaction = session.finish(queue_id);
//
// What it holds in memory counts in a share of what there is (load.hpp). Where there is no room, header or
// body is put off.
//
// Used by one connection; libmilter may call from a different thread each time, never from two at
// once.
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

// Ten times what the largest header of a certified message needs: 500 recipients, and long traces.
inline constexpr std::size_t most_header_bytes = 1 << 20;

class MailSession {
public:
  // `client`: the address from which the connection comes.
  MailSession(Role role, std::filesystem::path temp_dir, Share::Held held = {},
              std::string client = {});

  // Refused is a sender that this role does not take in that form (envelope_address.hpp).
  // `declared_octets`: the message's size, as the client says.
  std::optional<Refusal> begin(const EnvelopeAddress& sender, std::string_view login,
                               bool over_tls = true, std::uint64_t declared_octets = 0);
  // Likewise; or what `admit` answers, if it refuses the recipient. Then it is not in the transaction.
  using Admission = std::function<std::optional<Refusal>(Transaction&, const std::string&)>;
  std::optional<Refusal> add_recipient(const EnvelopeAddress& recipient, const Admission& admit);
  // `value` as the mail server gives it: leading blank included, folds as "\n". Refused is what
  // makes the header larger than `most_header_bytes`: it is kept in memory, one for each connection.
  std::optional<Refusal> add_header(std::string_view name, std::string_view value);
  // Error: there is no room to keep the body. The transaction can't be finished then.
  Result<void> add_body(std::string_view chunk);
  Result<Transaction> finish(std::string_view queue_id);
  // Room for what is made of the transaction that was finished, and held until that goes. Error: there is
  // none.
  Result<Share::Held> hold_while_handled();
  // The transaction is over or was given up; the connection goes on.
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
