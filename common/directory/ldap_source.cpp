// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/ldap_source.hpp"

#include "base/file.hpp"
#include "directory/ldap_connection.hpp"

#include <fmt/format.h>
#include <functional>

namespace pec::directory {

namespace {

const std::string base(base_dn);
constexpr int most_attempts = 3;

// Removes the line end that an editor leaves after the password.
std::string without_line_end(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

// No protection against forgery. It only saves work, and a false "unchanged" lasts until the next
// change.
std::string digest_of(const std::vector<EntryView>& entries) {
  std::size_t digest = 0;
  const auto add = [&](std::string_view piece) {
    digest = digest * 1099511628211U + std::hash<std::string_view>()(piece);
  };
  for (const auto& entry : entries) {
    add(entry.dn);
    for (const auto& [name, value] : entry.attributes) {
      add(name);
      add(value);
    }
  }
  return fmt::format("digest {:016x}", digest);
}

// Identifies the server's state; empty if it keeps no contextCSN. contextCSN alone is not enough: a
// server killed right after a change may keep the change, but lose the new contextCSN. So each
// entryCSN counts, too.
Result<std::string> state_of(LdapConnection& connection) {
  auto csn = connection.context_csn(base);
  if (!csn || csn->empty()) return csn;
  PEC_TRY(const auto entries, connection.search(base, "provider", {"entryCSN"}));
  return fmt::format("contextCSN {}, {}", *csn, digest_of(entries.views));
}

// The entries and their version.
Result<std::pair<std::string, LdapEntries>> read_steady(LdapConnection& connection,
                                                        std::string state,
                                                        const LdapServer& server) {
  for (int attempt = 1; attempt <= most_attempts; ++attempt) {
    PEC_TRY(auto entries,
            connection.search(base, "provider",
                              {"providerName", "providerUnit", "providerCertificate;binary",
                               "providerCertificateHash", "mailReceipt", "managedDomains"}));
    PEC_TRY(auto after, state_of(connection));
    if (after == state) {
      auto version = state.empty() ? digest_of(entries.views) : std::move(state);
      return std::pair(std::move(version), std::move(entries));
    }
    state = std::move(after);
  }
  return unavailable(
      fmt::format("{}: changed again and again while it was read; try again when "
                  "its update has ended",
                  server.url));
}

}  // namespace

Result<LdapServer> ldap_server_of(const DirectoryOptions& options) {
  LdapServer server;
  server.url = options.source;
  server.ca_file = options.ca_file;
  if (server.url.starts_with("ldaps://") && server.ca_file.empty())
    return bad_input(
        fmt::format("{}: name a PEM file with the authority of the server's certificate "
                    "(directory.ca_file)",
                    server.url));
  if (options.bind_dn.empty() != options.bind_password_file.empty())
    return bad_input(
        "directory.bind_dn and directory.bind_password_file go together: set both, or neither");
  if (!options.bind_dn.empty()) {
    PEC_TRY(auto password, read_file(options.bind_password_file));
    server.bind_dn = options.bind_dn;
    server.bind_password = without_line_end(std::move(password));
    if (server.bind_password.empty())  // the server would take an empty one for an anonymous bind
      return bad_input(fmt::format("{}: no password in it: write it there, in one line",
                                   options.bind_password_file.string()));
  }
  return server;
}

Result<Reading> LdapSource::read(const std::string& known_version, const KnownBefore& before) {
  PEC_TRY(auto connection, LdapConnection::open(server_));
  PEC_TRY(auto state, state_of(connection));
  const auto now = SystemClock().now();
  if (!state.empty() && state == known_version) return Reading{known_version, nullptr, now};

  PEC_TRY(auto steady, read_steady(connection, std::move(state), server_));
  auto& [version, entries] = steady;
  if (version == known_version) return Reading{known_version, nullptr, now};
  auto providers = ProvidersDirectory::from_entries(entries.views, before);
  if (!providers) return bad_input(fmt::format("{}: {}", server_.url, providers.error().detail));
  return Reading{std::move(version), std::move(*providers), now};
}

}  // namespace pec::directory
