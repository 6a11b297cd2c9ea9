// SPDX-License-Identifier: GPL-2.0-or-later

// The options of [antivirus].
#include "config/option_checks.hpp"
#include "config/options.hpp"

namespace pec::config {

namespace {

constexpr Named<AntivirusEngine> antivirus_engines[] = {{"scanner", AntivirusEngine::scanner},
                                                        {"clamd", AntivirusEngine::clamd},
                                                        {"none", AntivirusEngine::none}};
constexpr Named<bool> archives[] = {{"accept", false}, {"refuse", true}};

using A = Config::Antivirus;
using C = Config;

constexpr Option rows[] = {
    {"antivirus", "engine", false, "scanner",
     "What scans messages: pec-scanner, ClamAV's daemon, or nothing at all, for trials.",
     Choice<AntivirusEngine>{at<&C::antivirus, &A::engine>,
                             antivirus_engines,
                             {"libclamav",
                              "is not a choice any more, ClamAV has a process of its own; start "
                              "pec-scanner (systemd/pec-scanner.service), and write scanner"}}},
    {"antivirus", "scanner_socket", false, "/run/pec-scanner/scanner.sock",
     "Where pec-scanner listens; pec-milter's user must be allowed to write to it.",
     AbsolutePath{at<&C::antivirus, &A::scanner_socket>}},
    {"antivirus", "scanner_temp_dir", false, "/var/lib/pec-scanner",
     "Folder where pec-scanner unpacks; its user's own.",
     AbsolutePath{at<&C::antivirus, &A::scanner_temp_dir>}},
    {"antivirus", "database_dir", false, "/var/lib/clamav",
     "Folder of the signatures, for pec-scanner; a new database there is taken up by itself.",
     AbsolutePath{at<&C::antivirus, &A::database_dir>}},
    {"antivirus", "clamd", false, "/run/clamav/clamd.ctl",
     "Where clamd listens: /PATH of its socket, or HOST:PORT; its clamd.conf must have "
     "AlertExceedsMax yes, and StreamMaxLength and MaxScanSize above the largest message.",
     Text{at<&C::antivirus, &A::clamd>, clamd_address}},
    {"antivirus", "max_database_age_hours", false, "72",
     "How old the signatures may be; 0 for any age.",
     Number{at<&C::antivirus, &A::max_database_age_hours>, 0, 100'000}},
    {"antivirus", "max_scan_size", false, "419430400",
     "How much of one message is scanned, in octets, what its archives hold included; more is a "
     "scan error.",
     Number{at<&C::antivirus, &A::max_scan_size>, 1, most_octets}},
    {"antivirus", "max_recursion", false, "17",
     "How deep archives and messages within each other are scanned; deeper is a scan error.",
     Number{at<&C::antivirus, &A::max_recursion>, 1, 100}},
    {"antivirus", "max_scan_seconds", false, "120",
     "How long the scan of one message may take; Postfix's milter_content_timeout must be longer "
     "by a quarter of a minute.",
     Number{at<&C::antivirus, &A::max_scan_seconds>, 1, 3600}},
    {"antivirus", "encrypted_archives", false, "accept",
     "Whether archives that can't be looked into are refused as viruses.",
     Choice<bool>{at<&C::antivirus, &A::encrypted_archives_are_viruses>, archives}},
    {"antivirus", "no_engine", false, "wait",
     "What becomes of a message while there is no database, or neither pec-scanner nor clamd.",
     Choice<Fallback>{at<&C::antivirus, &A::unscanned, &UnscannedPolicy::no_engine>, fallbacks}},
    {"antivirus", "old_database", false, "wait",
     "What becomes of a message while the signatures are older than max_database_age_hours.",
     Choice<Fallback>{at<&C::antivirus, &A::unscanned, &UnscannedPolicy::old_database>, fallbacks}},
    {"antivirus", "scan_error", false, "wait",
     "What becomes of a message that can't be scanned, or not to its end.",
     Choice<Fallback>{at<&C::antivirus, &A::unscanned, &UnscannedPolicy::error>, fallbacks}},
    {"antivirus", "scan_timeout", false, "wait",
     "What becomes of a message whose scan takes longer than max_scan_seconds.",
     Choice<Fallback>{at<&C::antivirus, &A::unscanned, &UnscannedPolicy::timeout>, fallbacks}},
    {"antivirus", "store_dir", false, "/var/lib/pec/viruses",
     "Folder of infected messages, kept for 30 months; open to the service's user only.",
     AbsolutePath{at<&C::antivirus, &A::store_dir>}},
    {"antivirus", "min_free_space", false, "1073741824",
     "How many octets a message that is kept there must leave free on the disk; until it does, the "
     "message waits.",
     Number{at<&C::antivirus, &A::min_free_space>, 0, most_octets}},
    {"antivirus", "infected_messages", false, "30",
     "The most infected messages that a login may submit in one day; with one message more its "
     "mailbox is blocked.",
     Number{at<&C::antivirus, &A::infected_messages>, 0, 100'000}},
    {"antivirus", "infected_octets", false, "200000000",
     "The most octets that these messages may have together; with more the mailbox is blocked.",
     Number{at<&C::antivirus, &A::infected_octets>, 0, most_octets}},
};

}  // namespace

std::span<const Option> antivirus_options() {
  return rows;
}

}  // namespace pec::config
