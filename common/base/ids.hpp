// SPDX-License-Identifier: GPL-2.0-or-later

// Identifiers of envelopes, and of notices that are made at the access point (RFC 6109, 2.2.1):
// alphanumerics and dots. Each has 128 random bits, so it is unique for ever and on every node.
// (The id of a receipt follows from what the receipt is about: receipt_name() in
// pec/message_identity.hpp.)
//
//     ids.next(now)  ->  "20261122051122.h4x0c2k7v3m9q1b5t8z6n2r4w0"
#pragma once

#include "base/clock.hpp"

#include <string>

namespace pec {

class IdSource {
public:
  virtual ~IdSource() = default;
  // The part before the @; the caller adds the provider's mail domain. Any thread.
  virtual std::string next(Instant now) = 0;
};

// Draws from the kernel's generator. If that fails (it does not, after boot), it throws
// std::system_error: no id may ever come twice.
class RandomIdSource final : public IdSource {
public:
  std::string next(Instant now) override;
};

}  // namespace pec
