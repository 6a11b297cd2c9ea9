// SPDX-License-Identifier: GPL-2.0-or-later

// The functions of the table of checks (checks.hpp), each with a limit of time of its own within
// that of its row.
//
//     const auto finding = look_at_clock(host);     // an error is bad, and says what was found
//
// Each runs in a process of its own, so it may change its user. One thread.
#pragma once

#include "pecctl/selftest/checks.hpp"

namespace pec::pecctl {

// files.cpp
Result<Finding> look_at_files(const Host& host);    // strangers' rights on what pec.toml names
Result<Finding> look_at_signing(const Host& host);  // certificates and keys, days left
Result<Finding> look_at_tls_certificate(const Host& host);
Result<Finding> look_at_disk(const Host& host);

// parts.cpp: what pec-milter works with
Result<Finding> look_at_directory(const Host& host);
Result<Finding> look_at_revocation(const Host& host);
Result<Finding> look_at_antivirus(const Host& host);
Result<Finding> look_at_clock(const Host& host);
Result<Finding> look_at_ledger(const Host& host);

// postfix.cpp
Result<Finding> look_at_postfix(const Host& host);
Result<Finding> look_at_tables(const Host& host);
Result<Finding> look_at_milter(const Host& host);
Result<Finding> look_at_policy(const Host& host);

// dovecot.cpp
Result<Finding> look_at_dovecot(const Host& host);
Result<Finding> look_at_plugins(const Host& host);
Result<Finding> look_at_quota(const Host& host);

Result<Finding> look_at_ports(const Host& host);    // ports.cpp
Result<Finding> look_at_message(const Host& host);  // round_trip.cpp

}  // namespace pec::pecctl
