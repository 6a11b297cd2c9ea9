// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/selftest/checks.hpp"

#include "base/text.hpp"
#include "pecctl/selftest/own_process.hpp"
#include "pecctl/selftest/rows.hpp"

#include <array>
#include <unistd.h>

namespace pec::pecctl {

namespace {

using namespace std::chrono_literals;

constexpr bool root = true;
constexpr bool anybody = false;  // the service's user will do

// What a row needs stands above it, so that the first bad row is often the cause of the others.
constexpr std::array table{
    Check{"files", "\"pecctl config check\" names all of them, and the commands.", 20s, anybody,
          look_at_files},
    Check{"signing", "Have the certificate renewed, or give its key (\"pecctl certificate\").", 20s,
          anybody, look_at_signing},
    Check{"tls-certificate", "Correct site.tls_certificate_file or site.tls_key_file.", 20s, root,
          look_at_tls_certificate},
    Check{"disk", "Make room, or give it a larger disk.", 20s, anybody, look_at_disk},
    Check{"clock", "Start chrony or systemd-timesyncd, and see that it reaches a server.", 10s,
          anybody, look_at_clock},
    Check{"directory", "See what \"pecctl directory sync\" says.", 60s, anybody, look_at_directory},
    Check{"revocation", "See what \"pecctl crl update\" says.", 20s, anybody, look_at_revocation},
    Check{"ledger", "Start pec-milter, which makes the ledger, or correct ledger.connection.", 60s,
          anybody, look_at_ledger},
    Check{"antivirus",
          "Start pec-scanner or clamd, see that freshclam renews its signatures, and look at its "
          "log.",
          60s, anybody, look_at_antivirus},
    Check{"milter", "Start pec-milter, and look at its log.", 20s, anybody, look_at_milter},
    Check{"policy", "Start pec-policyd, and look at its log.", 20s, anybody, look_at_policy},
    Check{"postfix",
          "Correct the site's own lines, run \"pecctl setup files\", and start the instance.", 60s,
          root, look_at_postfix},
    Check{"tables", "Make the table, or take it out of Postfix's settings.", 120s, root,
          look_at_tables},
    Check{"dovecot",
          "Correct the site's own lines, run \"pecctl setup files\", and start the instance.", 60s,
          root, look_at_dovecot},
    Check{"plugins",
          "Install the plugins for this version of Dovecot, restart the instance, and look at its "
          "log.",
          60s, root, look_at_plugins},
    Check{"quota", "See that Dovecot runs, and that the service pec-quota has this socket.", 20s,
          anybody, look_at_quota},
    Check{"ports", "See that Postfix and Dovecot run, and have site.host_name's certificate.", 240s,
          anybody, look_at_ports},
    Check{"message", "Correct what is bad above, and look at the logs of Postfix and pec-milter.",
          180s, anybody, look_at_message},
};

}  // namespace

std::span<const Check> checks() {
  return table;
}

Finding run_check(const Check& check, const Host& host) {
  if (check.needs_root && geteuid() != 0) return off("only root can look at this");
  auto finding = in_own_process(check.limit, [&] { return check.look(host); });
  finding.found = text::printable(finding.found);
  if (finding.verdict == Verdict::bad && finding.remedy.empty()) finding.remedy = check.remedy;
  return finding;
}

}  // namespace pec::pecctl
