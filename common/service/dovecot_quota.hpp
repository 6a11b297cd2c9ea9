// SPDX-License-Identifier: GPL-2.0-or-later

// Asks Dovecot how full mailboxes are, through the socket of its service pec-quota (dovecot-conf/).
//
//     const DovecotQuotas quotas("/run/dovecot-pec/pec-quota", 2s);
//     quotas.of("anna@pec.alfa.example")   // {{octets, 216064, 1048576}, {messages, 1, 50000}}
//
// Each question takes one connection. It speaks version 1 of doveadm's protocol, as Dovecot 2.3 and
// 2.4 do. The service answers nothing but `quota`.
//
// Errors: unavailable, with the socket and what is wrong; also if the answer is not complete in
// time. Any thread; a call waits for Dovecot (some milliseconds).
#pragma once

#include "pec/ports.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec::service {

// The limits in the table that doveadm prints on one line. Nothing if the text is another.
std::optional<std::vector<Quota>> quotas_in(std::string_view table);

class DovecotQuotas final : public Quotas {
public:
  // Throws std::runtime_error if the path is too long for a socket.
  DovecotQuotas(std::filesystem::path socket, std::chrono::milliseconds limit);

  Result<std::vector<Quota>> of(const std::string& address) const override;

private:
  const std::filesystem::path socket_;
  const std::chrono::milliseconds limit_;
};

}  // namespace pec::service
