// SPDX-License-Identifier: GPL-2.0-or-later

// The only changes to the host's own Postfix and Dovecot: they let go of the addresses that are for
// certified mail, and Postfix gets to know the second instance.
//
//     PEC_TRY(const auto files, own_files(config, facts));
//     for (const auto& file : files) PEC_TRY_VOID(record.put_file(file));
//
// Errors: unavailable, one of the host's programs failed. One thread.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"
#include "pecctl/setup/facts.hpp"
#include "pecctl/setup/record.hpp"

#include <string>
#include <vector>

namespace pec::pecctl {

// Named in such a way that Dovecot reads it after all files of Debian's in this folder.
inline constexpr auto own_dovecot_path = "/etc/dovecot/conf.d/95-certified-mail.conf";

// /etc/postfix/main.cf and a file of /etc/dovecot/conf.d, as they must be; without those that need
// no change, or belong to a program that is not there.
Result<std::vector<HostFile>> own_files(const config::Config& config, const Facts& facts);

// Where a service listens once it has left `ours` to certified mail. `all`: its words for every
// address of its host, such as "*"; `of_host`: these, loopback included. Pure.
std::vector<std::string> interfaces_without(const std::vector<std::string>& now,
                                            const std::vector<std::string>& all,
                                            const std::vector<std::string>& of_host,
                                            const std::vector<std::string>& ours);
std::vector<std::string> postfix_without_ours(const config::Config& config, const Facts& facts);
std::vector<std::string> dovecot_without_ours(const config::Config& config, const Facts& facts);

}  // namespace pec::pecctl
