// SPDX-License-Identifier: GPL-2.0-or-later

// The values of the site in the templates of postfix-conf/ and dovecot-conf/: one for each name
// between @ signs (postfix-conf/README.md, dovecot-conf/README.md). All follow from pec.toml.
//
//     const auto names = site_names(config, passwords);
//     if (!names) return tl::unexpected(names.error());     // "site.host_name is missing; ..."
//     const auto main_cf = render(template_text, *names);
//
// Pure; any thread.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"

#include <map>
#include <string>
#include <string_view>

namespace pec::pecctl {

using Names = std::map<std::string, std::string, std::less<>>;

// Of PostgreSQL's users who only read; empty for a ledger in SQLite.
struct ReaderPasswords {
  std::string postfix, dovecot;
};

// Error: bad_input, a line for each option that is missing, or that Postfix or Dovecot would read
// otherwise than it is meant.
Result<Names> site_names(const config::Config& config, const ReaderPasswords& passwords);

// Of a listener as [site] has it: "465" of "465" and of "192.0.2.1:465".
std::string port_of(std::string_view listener);

// The template with its names filled in. Error: bad_input, the template holds a name that has no
// value.
Result<std::string> render(std::string_view text, const Names& names);

}  // namespace pec::pecctl
