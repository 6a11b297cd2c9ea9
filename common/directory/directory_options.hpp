// SPDX-License-Identifier: GPL-2.0-or-later

// The source of the providers' directory, and how it is kept: the administrator's options,
// documented in common/config/options.cpp. A plain value; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace pec::directory {

struct DirectoryOptions {
  std::string source;  // "ldif:/PATH", "ldaps://HOST[:PORT]" or "ldapi://%2FPATH"
  std::filesystem::path signer_ca_file = {};  // of a signed file; empty: it is not signed
  std::string signer_subject = {};            // the subject of its signer; required if it is signed
  std::filesystem::path ca_file = {};         // of an ldaps server's certificate
  std::string bind_dn = {};                   // our name at the server; empty: anonymous
  std::filesystem::path bind_password_file = {};  // with bind_dn
  std::uint64_t refresh_seconds = 300;
  std::uint64_t max_shrink_percent = 20;  // of the domains, in one refresh
  std::uint64_t max_age_hours = 72;       // 0: any age
  std::uint64_t former_owner_days = 7;    // how long a former owner still speaks for its domain

  // These come from other sections: our name from [provider], the revocation lists from [trust].
  std::string our_provider = {};
  std::filesystem::path signer_crl_file = {};
  std::uint64_t signer_crl_grace_hours = 24;
  bool ask_revocation = true;  // false: for the program that fetches those lists

  bool operator==(const DirectoryOptions&) const = default;
};

// PATH of "ldif:/PATH"; nothing if the source is a server.
inline std::optional<std::filesystem::path> ldif_file_of(std::string_view source) {
  constexpr std::string_view scheme = "ldif:";
  if (!source.starts_with(scheme)) return std::nullopt;
  return std::filesystem::path(source.substr(scheme.size()));
}

}  // namespace pec::directory
