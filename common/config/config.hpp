// SPDX-License-Identifier: GPL-2.0-or-later

// The administrator's decisions as one value: read once at start-up, then shared as const.
//
//     Result<Config> config = load_config("/etc/pec/pec.toml");
//     if (!config) return complain(config.error().detail);   // one line for each error found
//     connect(config->milter.socket);
//
// load_config() checks syntax, types, choices, required options, absolute paths and the syntax of
// domains. The module that loads a key or certificate checks that file. options.hpp has the options
// themselves, with defaults and documentation. Plain functions and values, any thread.
#pragma once

#include "base/result.hpp"
#include "directory/directory_options.hpp"
#include "pec/filter_mark.hpp"
#include "pec/formal_checks.hpp"
#include "pec/scanned.hpp"
#include "pec/sending_limits.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pec::config {

enum class LogDestination { syslog, standard_error };
enum class LogLevel { debug, info, warn, error };
// What Postfix requires of mail servers of certified domains: TLS, or TLS with a valid certificate.
enum class TlsPolicy { encrypt, secure };
enum class AntivirusEngine { scanner, clamd, none };
// Whoever keeps the users' mailboxes and passwords: `pecctl mailbox`, or tables of the site's own.
enum class Accounts { ledger, elsewhere };

struct Config {
  struct Milter {
    std::string socket;  // libmilter's syntax, with unix: or inet:
    std::filesystem::path temp_dir;
    bool operator==(const Milter&) const = default;
  };
  // The provider's main entry in the directory; in `units`, one of its secondary units.
  struct Provider {
    std::string name;
    std::string unit;  // providerUnit; empty for the main entry
    std::string domain;
    std::filesystem::path certificate_file;
    std::filesystem::path key_file;
    std::filesystem::path other_certificate_file;  // during a renewal; empty: none
    std::string service_mailbox;                   // mailReceipt; empty: not given
    std::string time_zone;
    std::filesystem::path text_file;            // empty: none; likewise the next two
    std::filesystem::path text_dir;             // one file for each kind of message
    std::filesystem::path second_language_dir;  // likewise
    bool receipts_refer{};                      // by In-Reply-To and References
    bool operator==(const Provider&) const = default;
  };
  struct Trust {
    std::filesystem::path ca_file;
    std::filesystem::path crl_file;     // empty: revocation is not checked
    std::vector<std::string> crl_urls;  // empty: the URLs in the directory's certificates
    std::uint64_t crl_grace_hours{};
    std::uint64_t stop_signing_hours{};
    bool operator==(const Trust&) const = default;
  };
  // The source for `pecctl directory sync`, and its limits and outputs.
  struct DirectorySync {
    std::string url;                         // https; empty: no download
    std::filesystem::path ca_file;           // of the server's certificate
    std::filesystem::path certificate_file;  // ours; empty: none
    std::filesystem::path key_file;
    std::uint64_t max_size{};  // octets
    std::uint64_t max_seconds{};
    std::string tls_policy_map;  // "TYPE:/PATH"; empty: none
    TlsPolicy tls_policy{};
    bool operator==(const DirectorySync&) const = default;
  };
  // The target of `pecctl directory publish`, and the URL from which others fetch our record.
  struct DirectoryPublish {
    std::string url;             // LDIFLocationURL, https; empty: not given
    std::filesystem::path file;  // empty: not given
    bool operator==(const DirectoryPublish&) const = default;
  };
  // The values with which `pecctl directory check` compares our entries.
  struct DirectoryCheck {
    std::vector<std::string> mx_hosts;  // ours, lower case
    std::string resolver;               // "ADDRESS:PORT"; empty: the host's
    std::uint64_t expiry_days{};
    bool operator==(const DirectoryCheck&) const = default;
  };
  struct Ledger {
    std::string connection;  // "sqlite3://PATH"
    bool operator==(const Ledger&) const = default;
  };
  struct Internal {
    std::filesystem::path secret_file;
    std::filesystem::path delivery_secret_file;
    std::string receipts_address;  // "127.0.0.1:PORT"
    bool operator==(const Internal&) const = default;
  };
  // Postfix's alias tables.
  struct Aliases {
    std::vector<std::string> tables;  // "TYPE:NAME"; none: not asked
    std::filesystem::path postmap, postfix_config;
    bool operator==(const Aliases&) const = default;
  };
  // The source that says how full mailboxes are.
  struct Quota {
    std::filesystem::path dovecot_socket;  // empty: not asked
    bool operator==(const Quota&) const = default;
  };
  // Limits for sending, and the settings of the policy daemon.
  struct Policy {
    std::vector<std::string> listen;  // "unix:/PATH", "inet:127.0.0.1:PORT"
    std::uint64_t recipients{};       // in one message
    std::uint64_t rate_minutes{};
    std::uint64_t rate_messages{}, rate_recipients{};  // in rate_minutes; 0: no limit
    Fallback without_ledger{};             // for a message about which the ledger can't be asked
    std::filesystem::path notify_command;  // empty: none
    std::string logins_listen;             // "127.0.0.1:PORT"; empty: Dovecot does not ask
    std::filesystem::path logins_secret_file;
    bool operator==(const Policy&) const = default;
  };
  // The marks of the host's spam filter, and their consequences.
  struct Spam {
    FilterOptions filter;
    std::uint64_t messages{};            // of spam in one hour, from one login
    std::uint64_t series_messages{};     // 0: off
    std::filesystem::path sieve_script;  // checked for safe permissions; empty: not checked
    bool operator==(const Spam&) const = default;
  };
  struct Timeouts {
    std::uint64_t early_hours{};
    std::uint64_t timeout_hours{};
    bool operator==(const Timeouts&) const = default;
  };
  struct Antivirus {
    AntivirusEngine engine{};
    std::filesystem::path scanner_socket;
    std::filesystem::path scanner_temp_dir;
    std::filesystem::path database_dir;
    std::string clamd;                     // "/PATH" of a unix socket, or "HOST:PORT"
    std::uint64_t max_database_age_hours;  // 0: no limit
    std::uint64_t max_scan_size;           // octets, with the content of archives
    std::uint64_t max_recursion;
    std::uint64_t max_scan_seconds;
    bool encrypted_archives_are_viruses;
    UnscannedPolicy unscanned;
    std::filesystem::path store_dir;
    std::uint64_t min_free_space;                          // octets
    std::uint64_t infected_messages{}, infected_octets{};  // from one login in a day
    bool operator==(const Antivirus&) const = default;
  };
  // This host, for `pecctl setup`: it makes the files of Postfix and Dovecot from this.
  struct Site {
    std::string host_name;               // empty: the host was not set up by pecctl
    std::vector<std::string> addresses;  // of the public services; none: all of the host's
    std::string smtps, submission, mx;   // "PORT" or "ADDRESS:PORT"
    std::uint64_t imaps_port{}, pop3s_port{};
    std::uint64_t managesieve_port{};  // 0: none
    std::string sieve_submission;      // "127.0.0.1:PORT"
    std::filesystem::path tls_certificate_file, tls_key_file, tls_ca_file;
    std::string operators_mailbox;  // empty: not given
    Accounts accounts{};
    std::vector<std::string> mailbox_maps;    // "TYPE:NAME"; of accounts elsewhere
    std::vector<std::string> transport_maps;  // likewise; none: no routes of the site's own
    std::string mail_user;                    // owns all mail
    std::filesystem::path mail_root;
    std::string mailbox_quota;  // as Dovecot writes sizes: "1G"
    std::uint64_t service_keep_days{};
    std::string ledger_reader, accounts_reader;  // users of PostgreSQL, of Postfix and of Dovecot
    std::filesystem::path ledger_reader_password_file, accounts_reader_password_file;  // or empty
    std::filesystem::path logins_nonce_file;  // used only with policy.logins_listen
    std::string user;                         // of pec-milter, pec-policyd and pecctl
    std::filesystem::path postfix_dir, postfix_queue, postfix_data;
    std::filesystem::path dovecot_dir, dovecot_run;
    std::string probe_mailbox;  // empty: `pecctl selftest` sends nothing
    std::filesystem::path probe_password_file;
    bool operator==(const Site&) const = default;
  };
  struct Log {
    LogDestination destination{};
    LogLevel level{};
    bool operator==(const Log&) const = default;
  };

  Milter milter;
  Provider provider;
  std::vector<Provider> units;  // name, time_zone, receipts_refer: as of the provider
  FormalLimits limits;
  Trust trust;
  pec::directory::DirectoryOptions directory;
  DirectorySync directory_sync;
  DirectoryPublish directory_publish;
  DirectoryCheck directory_check;
  Ledger ledger;
  Internal internal;
  Aliases aliases;
  Quota quota;
  Policy policy;
  Spam spam;
  Timeouts timeouts;
  Antivirus antivirus;
  Site site;
  Log log;

  std::vector<Provider> identities() const;    // the provider, then its units
  bool has_unit(std::string_view unit) const;  // empty: the provider's main entry
  SendingLimits sending_limits() const;        // of [policy], [spam], [antivirus]
  bool operator==(const Config&) const = default;
};

// Error: bad_input. Its detail lists all errors in the order of the file, one line each:
// "FILE:LINE:COLUMN: what is wrong; how to correct it". An error of the whole file, or a missing
// section, has no line number.
Result<Config> load_config(const std::filesystem::path& path);

struct Option;  // options.hpp

// An option that holds: what it is set to, and where.
struct Setting {
  const Option* option = nullptr;
  std::size_t unit = 0;  // 1: of the first [[unit]]; 0: of none
  std::string value{};
  std::size_t line = 0;  // in the file; 0: it is the default
};

// Every option, in the order of the table and then of the units. Errors are those of load_config().
Result<std::vector<Setting>> load_settings(const std::filesystem::path& path);

// A file with every option and its documentation: required options with an example value, the
// others commented out with their default.
std::string sample_config();

}  // namespace pec::config
