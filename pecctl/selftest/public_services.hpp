// SPDX-License-Identifier: GPL-2.0-or-later

// The public services of this host, each at each address where [site] has it.
//
//     for (const auto& server : public_services(config)) connect(server);
//
// If site.addresses is empty, they are at all addresses of the host; then its network is asked. Any
// thread.
#pragma once

#include "config/config.hpp"
#include "pecctl/selftest/tls_session.hpp"

#include <string_view>
#include <vector>

namespace pec::pecctl {

std::vector<TlsServer> public_services(const config::Config& config);

// The first address of one of them: "smtps", "submission", "mx", "imaps", "pop3s".
TlsServer public_service(const config::Config& config, std::string_view name);

}  // namespace pec::pecctl
