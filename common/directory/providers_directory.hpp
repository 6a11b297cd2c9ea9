// SPDX-License-Identifier: GPL-2.0-or-later

// The providers' directory in memory, immutable (RFC 6109, 4.5): who manages a domain, whose a
// certificate is.
//
//     auto directory = ProvidersDirectory::from_ldif(text);
//     (*directory)->provider_of_domain("pec.alfa.example")    // const Provider*, or nullptr
//
// Made for a few dozen providers and hundreds of thousands of domains: each look-up is one in a
// hash table. Any thread.
//
// What an entry must hold: providerName, mailReceipt, managedDomains and at least one full
// providerCertificate; every providerCertificateHash is that of a certificate of the same entry;
// its domains are in no other entry; a certificate that is new in it is of the profile
// (certificate_profile.hpp). Secondary units are entries of their own.
//
// What is wrong with an entry concerns that one alone (rules, 8.4): of a flawed one its last good
// version stays in use; where nobody has one, what can be read of it; flaws() says so. A domain in
// two entries makes that one flawed which had it not before; if neither had it, both. An entry is
// about the provider and unit that its DN names: whoever keeps the directory says where an entry
// stands, and its provider the rest. Its addresses are a provider's own (is_service_address) unless
// another one manages their domain. What is wrong with the whole is an error: its syntax, an entry
// that is not below o=postacert, no entry that is of use.
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

// What is wrong with one entry, and what is in use in its place.
struct EntryFlaw {
  // all_but_address: one that it calls its own is another's; for the rest it stands as it came.
  enum class InUse { last_good, what_can_be_read, all_but_address, nothing };
  std::string dn{};
  std::string provider{};  // its name, as far as it is known
  std::string what{};      // one line: which entry, and what is wrong in it
  InUse in_use = InUse::nothing;

  bool keeps_entry_out() const { return in_use != InUse::all_but_address; }
  std::string text() const;  // one line: all of it
};

class ProvidersDirectory;

// Who is known to have had what, before a directory is read.
struct KnownBefore {
  const ProvidersDirectory* last_good = nullptr;  // what is in use until now, if anything is
  std::string our_provider{};  // ours by pec.toml, which a restart doesn't forget; empty: nobody's

  const Provider* provider_at(std::string_view dn) const;  // the last good version of that entry
  bool is_ours(std::string_view provider) const;
};

class ProvidersDirectory final : public DirectorySnapshot {
public:
  // Error: bad_input, with the line or the dn, and what is wrong there.
  static Result<std::shared_ptr<const ProvidersDirectory>> from_ldif(
      std::string_view ldif, const KnownBefore& before = {});
  // The same from entries, wherever they come from; that of o=postacert itself is passed over.
  static Result<std::shared_ptr<const ProvidersDirectory>> from_entries(
      const std::vector<EntryView>& entries, const KnownBefore& before = {});

  const Provider* provider_of_domain(std::string_view domain) const override;
  const Provider* provider_of_certificate(std::string_view certificate_der) const override;
  // By this directory itself: it knows no past.
  const Provider* provider_of_certificate_at(std::string_view certificate_der,
                                             Instant) const override {
    return provider_of_certificate(certificate_der);
  }
  // Whom this directory itself says so of: it knows no past.
  bool speaks_for(std::string_view provider, std::string_view domain, Instant at) const override;

  bool is_service_address(std::string_view address) const override;

  const std::vector<Provider>& providers() const { return providers_; }
  const std::vector<EntryFlaw>& flaws() const { return flaws_; }
  // The provider of that entry (name of the entry in any case); nullptr: none.
  const Provider* provider_at(std::string_view dn) const;
  std::size_t domain_count() const;  // of all providers
  Owned owned() const;

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

  // What two entries claim; indexes of providers_.
  struct Conflict {
    std::size_t first, second;
    std::string domain{};       // or
    std::string certificate{};  // its hash
  };

  ProvidersDirectory() = default;
  Result<void> resolve(std::vector<ReadEntry>& read, const KnownBefore& known);
  // Whether it was already the entry's at `i`.
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

// What a new directory would take from the one in use: a source that has lost many domains at once
// is broken, rather than right.
struct DomainLoss {
  std::size_t gone = 0, all = 0;
  std::string first{};  // of those that are gone
  bool exceeds(std::uint64_t percent) const { return gone * 100 > all * percent; }
};
// `provider`: whose domains count, its units' included; empty: everybody's.
DomainLoss domains_lost(const ProvidersDirectory& in_use, const ProvidersDirectory& fresh,
                        std::string_view provider = {});

}  // namespace pec::directory
