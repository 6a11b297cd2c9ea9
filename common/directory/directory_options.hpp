// SPDX-License-Identifier: GPL-2.0-or-later

// Where the providers' directory comes from and how it is kept, as the administrator has set it; the
// options are documented in docs/pec.toml. A plain value; any thread.
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
  std::string signer_subject = {};            // whose signature counts; required if it is signed
  std::filesystem::path ca_file = {};         // of an ldaps server's certificate
  std::string bind_dn = {};                   // who we are to the server; empty: anonymous
  std::filesystem::path bind_password_file = {};  // with bind_dn
  std::uint64_t refresh_seconds = 300;
  std::uint64_t max_shrink_percent = 20;  // of the domains, in one refresh
  std::uint64_t max_age_hours = 72;       // 0: any age
  std::uint64_t former_owner_days = 7;    // how long who had a domain still speaks for it

  // Not options of their own: [provider] says who we are, [trust] where the lists of revoked certificates are.
  std::string our_provider = {};
  std::filesystem::path signer_crl_file = {};
  std::uint64_t signer_crl_grace_hours = 24;
  bool ask_revocation = true;  // false: for who is to fetch those lists

  bool operator==(const DirectoryOptions&) const = default;
};

// PATH of "ldif:/PATH"; nothing if the source is a server.
inline std::optional<std::filesystem::path> ldif_file_of(std::string_view source) {
  constexpr std::string_view scheme = "ldif:";
  if (!source.starts_with(scheme)) return std::nullopt;
  return std::filesystem::path(source.substr(scheme.size()));
}

}  // namespace pec::directory
