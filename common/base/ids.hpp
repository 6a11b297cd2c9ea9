// SPDX-License-Identifier: GPL-2.0-or-later

// Identifiers of envelopes, and of notices that are made at the access point (RFC 6109, 2.2.1):
// alphanumerics and dots, unique for ever and on every node, because 128 random bits go into each. (A
// receipt's follows from what it is about: receipt_name() in pec/message_identity.hpp.)
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

// Draws from the kernel's generator; throws std::system_error if that fails (it does not, after
// boot), since an id that might repeat must never be given out.
class RandomIdSource final : public IdSource {
public:
  std::string next(Instant now) override;
};

}  // namespace pec
