// SPDX-License-Identifier: GPL-2.0-or-later

// The providers' directory in memory, immutable (RFC 6109, 4.5): the managers of domains, and the
// owners of certificates.
//
//     auto directory = ProvidersDirectory::from_ldif(text);
//     (*directory)->provider_of_domain("pec.alfa.example")    // const Provider*, or nullptr
//
// Made for a few dozen providers and hundreds of thousands of domains: each look-up is one in a
// hash table. Any thread.
//
// An entry must hold providerName, mailReceipt, managedDomains and at least one full
// providerCertificate. Every providerCertificateHash must be that of a certificate of the same
// entry. No other entry may have its domains. A certificate that is new in it must be of the
// profile (certificate_profile.hpp). Secondary units are entries of their own.
//
// A flaw concerns its entry alone (rules, 8.4). The last good version of a flawed entry stays in
// use. If there is none, the readable rest of the entry is used; flaws() says so. If a domain is in
// two entries, the one that did not have it before is flawed. If both or neither had it, both are.
// The DN names the provider and unit of an entry: the directory's keeper decides where an entry
// stands, and its provider the rest. The addresses in an entry are the provider's own
// (is_service_address), unless another provider manages their domain. Flaws of the whole are
// errors: its syntax, an entry that is not below o=postacert, no usable entry.
//
// A unit may sign with the certificate of its provider's main entry; such a certificate is the main
// entry's.
#pragma once

#include "base/result.hpp"
#include "directory/domain_history.hpp"
#include "directory/provider_entry.hpp"
#include "pec/ports.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pec::directory {

// The flaw of one entry, and what is in use in its place.
struct EntryFlaw {
  // all_but_address: one of its addresses is another provider's; the rest stands as it came.
  enum class InUse { last_good, what_can_be_read, all_but_address, nothing };
  std::string dn{};
  std::string provider{};  // its name, as far as it is known
  std::string what{};      // one line: which entry, and what is wrong in it
  InUse in_use = InUse::nothing;

  bool keeps_entry_out() const { return in_use != InUse::all_but_address; }
  std::string text() const;  // one line: all of it
};

class ProvidersDirectory;

// The owners that are known before a directory is read.
struct KnownBefore {
  const ProvidersDirectory* last_good = nullptr;  // the one in use until now, if any
  std::string our_provider{};  // ours by pec.toml, which a restart doesn't forget; empty: nobody's

  const Provider* provider_at(std::string_view dn) const;  // the last good version of that entry
  bool is_ours(std::string_view provider) const;
};

class ProvidersDirectory final : public DirectorySnapshot {
public:
  // Error: bad_input, with the line or the dn, and what is wrong there.
  static Result<std::shared_ptr<const ProvidersDirectory>> from_ldif(
      std::string_view ldif, const KnownBefore& before = {});
  // The same from entries of any source. Ignores the entry of o=postacert itself.
  static Result<std::shared_ptr<const ProvidersDirectory>> from_entries(
      const std::vector<EntryView>& entries, const KnownBefore& before = {});

  const Provider* provider_of_domain(std::string_view domain) const override;
  const Provider* provider_of_certificate(std::string_view certificate_der) const override;
  // As now: this directory knows no past.
  const Provider* provider_of_certificate_at(std::string_view certificate_der,
                                             Instant) const override {
    return provider_of_certificate(certificate_der);
  }
  // As now: this directory knows no past.
  bool speaks_for(std::string_view provider, std::string_view domain, Instant at) const override;

  bool is_service_address(std::string_view address) const override;

  const std::vector<Provider>& providers() const { return providers_; }
  const std::vector<EntryFlaw>& flaws() const { return flaws_; }
  // The provider of that entry (name of the entry in any case); nullptr: none.
  const Provider* provider_at(std::string_view dn) const;
  std::size_t domain_count() const;  // of all providers
  Owned owned() const;

private:
  // A hash table with open addressing, half full at most. A look-up costs as much as its cache
  // misses, and this table has fewer of them than std::unordered_map.
  struct DomainSlot {
    std::string_view domain;  // the provider's
    const Provider* provider = nullptr;
  };
  std::size_t slot_of(std::string_view domain) const;  // where it is, or where it would be

  struct KnownCertificate {
    const Provider* provider;
    std::string_view der;  // the provider's
  };

  // The domain of a mailReceipt or of a certificate's address, if nobody manages it.
  struct AddressDomain {
    std::string domain;  // lower case
    const Provider* provider;
  };

  // A claim of two entries; indexes of providers_.
  struct Conflict {
    std::size_t first, second;
    std::string domain{};       // or
    std::string certificate{};  // its hash
  };

  ProvidersDirectory() = default;
  Result<void> resolve(std::vector<ReadEntry>& read, const KnownBefore& known);
  // Whether the entry at `i` already had it.
  bool had(std::size_t i, const Conflict& conflict, const KnownBefore& known) const;
  std::vector<Conflict> index();
  void index_domains(std::vector<Conflict>& conflicts);
  void index_certificates(std::vector<Conflict>& conflicts);
  Result<void> note_addresses();
  void note_foreign_address(const Provider& provider, std::string_view address,
                            const Provider& manager);
  std::string two_entries(const Conflict& conflict) const;
  std::size_t place_of(const Provider& provider) const;

  std::vector<Provider> providers_;  // never changed once indexed: the indexes point into it
  std::vector<std::string> dns_;     // of the providers, in the same order
  std::vector<EntryFlaw> flaws_;
  std::vector<DomainSlot> by_domain_;  // its size is a power of two
  std::unordered_map<std::string_view, KnownCertificate> by_hash_;
  std::vector<AddressDomain> address_domains_;  // one or two for each provider
  std::vector<std::string> service_addresses_;  // likewise
};

// The loss from the directory in use to a new one. A source that has lost many domains at once is
// probably broken.
struct DomainLoss {
  std::size_t gone = 0, all = 0;
  std::string first{};  // one that is gone
  bool exceeds(std::uint64_t percent) const { return gone * 100 > all * percent; }
};
// `provider`: count only its domains, its units' included. Empty: everybody's.
DomainLoss domains_lost(const ProvidersDirectory& in_use, const ProvidersDirectory& fresh,
                        std::string_view provider = {});

}  // namespace pec::directory
