// SPDX-License-Identifier: GPL-2.0-or-later

// The directory in which sessions look up: the providers' directory, and the earlier owners of
// domains and certificates (domain_history.hpp).
// Immutable; any thread.
#pragma once

#include "directory/domain_history.hpp"
#include "directory/providers_directory.hpp"

#include <memory>
#include <utility>

namespace pec::directory {

class DirectoryInUse final : public DirectorySnapshot {
public:
  DirectoryInUse(std::shared_ptr<const ProvidersDirectory> providers, FormerOwners former)
      : providers_(std::move(providers)), former_(std::move(former)) {}

  const Provider* provider_of_domain(std::string_view domain) const override {
    return providers_->provider_of_domain(domain);
  }
  const Provider* provider_of_certificate(std::string_view certificate_der) const override {
    return providers_->provider_of_certificate(certificate_der);
  }
  const Provider* provider_of_certificate_at(std::string_view certificate_der,
                                             Instant at) const override {
    const auto* provider = providers_->provider_of_certificate(certificate_der);
    return provider ? provider : former_.owner_of_certificate(certificate_der, at);
  }
  bool speaks_for(std::string_view provider, std::string_view domain, Instant at) const override {
    return providers_->speaks_for(provider, domain, at) || former_.has(provider, domain, at);
  }
  bool is_service_address(std::string_view address) const override {
    return providers_->is_service_address(address);
  }

  const ProvidersDirectory& providers() const { return *providers_; }

private:
  std::shared_ptr<const ProvidersDirectory> providers_;
  FormerOwners former_;
};

}  // namespace pec::directory
