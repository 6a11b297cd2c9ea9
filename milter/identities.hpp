// SPDX-License-Identifier: GPL-2.0-or-later

// Our signing identities, each with its key: the provider, and its secondary units, if it has any
// (RFC 6109, 4.5.7). A unit has its own mail domains, signing address and certificate.
//
//     const SigningIdentity& us = identities.of("pec.unit2.example", *directory);
//     us.signer->sign(draft.content, draft.at);
//
// The directory says which domain belongs to whom. Immutable once made; any thread.
#pragma once

#include "pec/compose.hpp"
#include "pec/ports.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pec::milter {

struct SigningIdentity {
  Identity identity;
  std::string unit;  // providerUnit; empty: the provider's main entry
  std::unique_ptr<Signer> signer;
};

class Identities {
public:
  // At least one; the first is the provider's main entry.
  explicit Identities(std::vector<SigningIdentity> all) : all_(std::move(all)) {}

  const SigningIdentity& main() const { return all_.front(); }
  // The identity of this domain; the main one if the domain is not ours.
  const SigningIdentity& of(std::string_view domain, const DirectorySnapshot& directory) const;
  // The identity that signs as this address; the main one if there is none.
  const SigningIdentity& with_address(std::string_view address) const;

private:
  std::vector<SigningIdentity> all_;
};

}  // namespace pec::milter
