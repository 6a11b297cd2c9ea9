// The providers' directory in memory, immutable (RFC 6109, 4.5): who manages a domain, whose a
// certificate is.
//
//     auto directory = ProvidersDirectory::from_ldif(text);
//     (*directory)->provider_of_domain("pec.alfa.example")    // const Provider*, or nullptr
//
// Made for a few dozen providers and hundreds of thousands of domains: each look-up is one in a
// hash table. Any thread.
//
// What it must hold, else the whole is refused, for half a directory is worse than yesterday's:
// entries below o=postacert, each with providerName, mailReceipt, managedDomains and at least one
// full providerCertificate; every providerCertificateHash is that of a certificate of the same
// entry; no domain in two entries. Secondary units are entries of their own.
//
// A unit may sign with the certificate of its provider's main entry; such a certificate is the main
// entry's.
#pragma once

#include "base/result.hpp"
#include "directory/domain_history.hpp"
#include "directory/entry.hpp"
#include "pec/ports.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pec::directory {

class ProvidersDirectory final : public DirectorySnapshot {
public:
  // Error: bad_input, with the line or the dn, and what is wrong there.
  static Result<std::shared_ptr<const ProvidersDirectory>> from_ldif(std::string_view ldif);
  // The same from entries, wherever they come from; that of o=postacert itself is passed over.
  static Result<std::shared_ptr<const ProvidersDirectory>> from_entries(
      const std::vector<EntryView>& entries);

  const Provider* provider_of_domain(std::string_view domain) const override;
  const Provider* provider_of_certificate(std::string_view certificate_der) const override;
  // Whom this directory itself says so of: it knows no past.
  bool speaks_for(std::string_view provider, std::string_view domain, Instant at) const override;

  bool is_service_address(std::string_view address) const override;

  const std::vector<Provider>& providers() const { return providers_; }
  std::size_t domain_count() const;  // of all providers
  OwnedDomains owned_domains() const;

private:
  // A hash table of open addressing, half full at most. A look-up costs what its cache misses cost,
  // and here it has fewer of them than in std::unordered_map.
  struct DomainSlot {
    std::string_view domain;  // the provider's
    const Provider* provider = nullptr;
  };
  std::size_t slot_of(std::string_view domain) const;  // where it is, or where it would be

  struct KnownCertificate {
    const Provider* provider;
    std::string_view der;  // the provider's
  };

  // Of mailReceipt, or of the address in a certificate; managed by nobody.
  struct AddressDomain {
    std::string domain;  // lower case
    const Provider* provider;
  };

  ProvidersDirectory() = default;
  // `dns`: of the providers, in the same order, for sentences.
  Result<void> index_domains(const std::vector<std::string_view>& dns);
  Result<void> note_addresses();
  Result<void> index_certificates(const std::vector<std::string_view>& dns);
  std::string two_entries(std::string_view what, const Provider& first, const Provider& second,
                          const std::vector<std::string_view>& dns) const;

  std::vector<Provider> providers_;    // never changed once indexed: the indexes point into it
  std::vector<DomainSlot> by_domain_;  // its size is a power of two
  std::unordered_map<std::string_view, KnownCertificate> by_hash_;
  std::vector<AddressDomain> address_domains_;  // one or two for each provider
  std::vector<std::string> service_addresses_;  // likewise
};

// What a new directory would take from the one in use: a source that has lost many domains at once is
// broken, rather than right.
struct DomainLoss {
  std::size_t gone = 0, all = 0;
  std::string first{};  // of those that are gone
  bool exceeds(std::uint64_t percent) const { return gone * 100 > all * percent; }
};
// `provider`: whose domains count, its units' included; empty: everybody's.
DomainLoss domains_lost(const ProvidersDirectory& in_use, const ProvidersDirectory& fresh,
                        std::string_view provider = {});

}  // namespace pec::directory
