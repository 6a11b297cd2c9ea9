// SPDX-License-Identifier: GPL-2.0-or-later

// Reads what the host's programs print. Pure; any thread.
#pragma once

#include "pecctl/setup/facts.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pec::pecctl {

// What `ss -Hltnp` prints. A line that can't be read is left out.
std::vector<Listener> listeners_in(std::string_view text);

// "debian 12" of /etc/os-release.
std::string distribution_in(std::string_view os_release);

// The words of a list as Postfix and Dovecot write it: with commas or blanks between them.
std::vector<std::string> words_in(std::string_view list);

bool contains(const std::vector<std::string>& words, const std::string& word);

// Whether somebody who listens at `listener` takes connections to `address`.
bool covers(const std::string& listener, const std::string& address);

// A file of Dovecot's that sets where all of its services listen, outside of any block.
bool sets_listen(std::string_view dovecot_conf);

}  // namespace pec::pecctl
