#include "directory/source.hpp"

#include "directory/ldap_source.hpp"
#include "directory/ldif_source.hpp"
#include "smime/private_file.hpp"

#include <fmt/format.h>

namespace pec::directory {

namespace {

// What an editor leaves at the end is no part of a password.
std::string without_line_end(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

Result<std::unique_ptr<Source>> open_server(const DirectoryOptions& options) {
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
    auto password = smime::read_private_file(options.bind_password_file);
    if (!password) return tl::unexpected(password.error());
    server.bind_dn = options.bind_dn;
    server.bind_password = without_line_end(std::move(*password));
    if (server.bind_password.empty())  // else the server would take it for an anonymous bind
      return bad_input(fmt::format("{}: no password in it: write it there, in one line",
                                   options.bind_password_file.string()));
  }
  return std::make_unique<LdapSource>(std::move(server));
}

}  // namespace

Result<std::unique_ptr<Source>> open_source(const DirectoryOptions& options) {
  if (auto file = ldif_file_of(options.source))
    return std::make_unique<LdifSource>(std::move(*file), options.signer_ca_file);
  return open_server(options);
}

}  // namespace pec::directory
