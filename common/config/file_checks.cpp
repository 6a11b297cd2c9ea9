// SPDX-License-Identifier: GPL-2.0-or-later

#include "config/file_checks.hpp"

#include "base/text.hpp"
#include "config/file_safety.hpp"
#include "config/option_checks.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace pec::config {

namespace fs = std::filesystem;

namespace {

using Paths = std::vector<fs::path>;

// --- The permitted owners, and the bits that must be off ---

constexpr FileRule secret{.off = 077};
constexpr FileRule trusted{.off = 022};  // everybody may know it, nobody change it
constexpr FileRule tls_key{.off = 027};  // a group may read it: Debian has ssl-cert for that
constexpr FileRule texts{.off = 022, .with_content = true};
constexpr FileRule program{.off = 022};
constexpr FileRule place{.is_place = true};
constexpr FileRule of_others{.off = 022, .any_owner = true};
constexpr FileRule signatures{.off = 022, .any_owner = true, .with_content = true};
constexpr FileRule place_of_others{.any_owner = true, .is_place = true};

// --- The files that an option names ---

// PATH of "unix:/PATH" and "TYPE:/PATH"; empty: none.
fs::path path_after_colon(std::string_view value) {
  const auto colon = value.find(':');
  if (colon == std::string_view::npos) return {};
  const fs::path path(value.substr(colon + 1));
  return path.is_absolute() && !value.substr(colon + 1).starts_with("//") ? path : fs::path();
}

// A Postfix table, and the files that Postfix's programs make from it.
Paths files_of_table(std::string_view table) {
  Paths all;
  if (const auto path = path_after_colon(table); !path.empty())
    for (const auto* ending : {"", ".db", ".lmdb", ".cdb", ".dir", ".pag"})
      all.emplace_back(path.string() + ending);
  return all;
}

Paths files_of_tables(const std::vector<std::string>& tables) {
  Paths all;
  for (const auto& table : tables) {
    auto files = files_of_table(table);
    all.insert(all.end(), std::make_move_iterator(files.begin()),
               std::make_move_iterator(files.end()));
  }
  return all;
}

// The folder of a socket: whoever may write there could replace the socket.
Paths folder_of(const fs::path& socket) {
  return socket.is_absolute() ? Paths{socket.parent_path()} : Paths{};
}

// The files of the provider and of its units.
template <auto Member>
Paths each_identity(const Config& config) {
  Paths all;
  for (const auto& us : config.identities()) all.push_back(us.*Member);
  return all;
}

template <auto Section, auto Member>
Paths one(const Config& config) {
  return {config.*Section.*Member};
}

Paths directory_file(const Config& config) {
  const auto file = directory::ldif_file_of(config.directory.source);
  return file ? Paths{*file} : Paths{};
}

// The folder of an LDAP server's socket: ldapi://%2FPATH.
Paths directory_socket(const Config& config) {
  constexpr std::string_view scheme = "ldapi://";
  const std::string_view source = config.directory.source;
  if (!source.starts_with(scheme)) return {};
  return folder_of(text::replace_all(
      text::replace_all(std::string(source.substr(scheme.size())), "%2F", "/"), "%2f", "/"));
}

// SQLite's file, and those that it keeps beside it.
Paths ledger_files(const Config& config) {
  constexpr std::string_view scheme = "sqlite3://";
  const std::string_view connection = config.ledger.connection;
  if (!connection.starts_with(scheme)) return {};
  const std::string file(connection.substr(scheme.size()));
  return {file, file + "-wal", file + "-shm"};
}

Paths policy_sockets(const Config& config) {
  Paths all;
  for (const auto& address : config.policy.listen)
    if (const auto folder = folder_of(path_after_colon(address)); !folder.empty())
      all.push_back(folder.front());
  return all;
}

Paths engine_socket(const Config& config) {
  switch (config.antivirus.engine) {
    case AntivirusEngine::scanner:
      return folder_of(config.antivirus.scanner_socket);
    case AntivirusEngine::clamd:
      return folder_of(config.antivirus.clamd);
    case AntivirusEngine::none:
      return {};
  }
  return {};
}

// The script, and sievec's output, which Dovecot runs.
Paths script_and_compiled(const Config& config) {
  const auto& script = config.spam.sieve_script;
  if (script.empty()) return {};
  auto compiled = script;
  return {script, compiled.replace_extension(".svbin")};
}

Paths if_scanned(const Config& config, const fs::path& path) {
  return config.antivirus.engine == AntivirusEngine::none ? Paths{} : Paths{path};
}

// --- The table ---

struct Row {
  std::string_view option;
  FileUse use;
  FileRule rule;
  Paths (*files)(const Config& config);
};

using C = Config;
using D = directory::DirectoryOptions;

constexpr std::array table{
    Row{"provider.certificate_file", FileUse::signing, trusted,
        each_identity<&C::Provider::certificate_file>},
    Row{"provider.key_file", FileUse::signing, secret, each_identity<&C::Provider::key_file>},
    Row{"provider.other_certificate_file", FileUse::signing, trusted,
        each_identity<&C::Provider::other_certificate_file>},
    Row{"provider.text_file", FileUse::signing, trusted, each_identity<&C::Provider::text_file>},
    Row{"provider.text_dir", FileUse::signing, texts, each_identity<&C::Provider::text_dir>},
    Row{"provider.second_language_dir", FileUse::signing, texts,
        each_identity<&C::Provider::second_language_dir>},

    Row{"trust.ca_file", FileUse::trust, trusted, one<&C::trust, &C::Trust::ca_file>},
    Row{"trust.crl_file", FileUse::trust, trusted, one<&C::trust, &C::Trust::crl_file>},
    Row{"directory.source", FileUse::trust, trusted, directory_file},
    Row{"directory.source", FileUse::trust, place_of_others, directory_socket},
    Row{"directory.signer_ca_file", FileUse::trust, trusted,
        one<&C::directory, &D::signer_ca_file>},
    Row{"directory.ca_file", FileUse::trust, trusted, one<&C::directory, &D::ca_file>},
    Row{"directory.bind_password_file", FileUse::trust, secret,
        one<&C::directory, &D::bind_password_file>},

    Row{"directory_sync.ca_file", FileUse::fetching, trusted,
        one<&C::directory_sync, &C::DirectorySync::ca_file>},
    Row{"directory_sync.certificate_file", FileUse::fetching, trusted,
        one<&C::directory_sync, &C::DirectorySync::certificate_file>},
    Row{"directory_sync.key_file", FileUse::fetching, secret,
        one<&C::directory_sync, &C::DirectorySync::key_file>},
    Row{"directory_sync.tls_policy_map", FileUse::fetching, trusted,
        [](const Config& config) { return files_of_table(config.directory_sync.tls_policy_map); }},
    Row{"directory_publish.file", FileUse::publishing, of_others,
        one<&C::directory_publish, &C::DirectoryPublish::file>},

    Row{"ledger.connection", FileUse::ledger, trusted, ledger_files},
    Row{"internal.secret_file", FileUse::secrets, secret,
        one<&C::internal, &C::Internal::secret_file>},
    Row{"internal.delivery_secret_file", FileUse::secrets, secret,
        one<&C::internal, &C::Internal::delivery_secret_file>},

    Row{"milter.temp_dir", FileUse::mail, place, one<&C::milter, &C::Milter::temp_dir>},
    Row{"milter.socket", FileUse::mail, place,
        [](const Config& config) { return folder_of(path_after_colon(config.milter.socket)); }},
    Row{"aliases.tables", FileUse::mail, trusted,
        [](const Config& config) { return files_of_tables(config.aliases.tables); }},
    Row{"aliases.postmap", FileUse::mail, program,
        [](const Config& config) {
          return config.aliases.tables.empty() ? Paths{} : Paths{config.aliases.postmap};
        }},
    Row{"aliases.postfix_config", FileUse::mail, trusted,
        [](const Config& config) {
          const auto& folder = config.aliases.postfix_config;
          return config.aliases.tables.empty() ? Paths{} : Paths{folder, folder / "main.cf"};
        }},

    Row{"quota.dovecot_socket", FileUse::mail, place,
        [](const Config& config) { return folder_of(config.quota.dovecot_socket); }},

    Row{"policy.listen", FileUse::notices, place, policy_sockets},
    Row{"policy.notify_command", FileUse::notices, program,
        one<&C::policy, &C::Policy::notify_command>},
    Row{"policy.logins_secret_file", FileUse::notices, secret,
        [](const Config& config) {
          const auto& policy = config.policy;
          return policy.logins_listen.empty() ? Paths{} : Paths{policy.logins_secret_file};
        }},

    Row{"spam.sieve_script", FileUse::mail, trusted, script_and_compiled},

    Row{"antivirus.store_dir", FileUse::viruses, secret,
        [](const Config& config) { return if_scanned(config, config.antivirus.store_dir); }},
    Row{"antivirus.scanner_socket", FileUse::scanning, place_of_others, engine_socket},
    Row{"antivirus.scanner_temp_dir", FileUse::scanning, of_others,
        [](const Config& config) { return if_scanned(config, config.antivirus.scanner_temp_dir); }},
    Row{"antivirus.database_dir", FileUse::scanning, signatures,
        [](const Config& config) { return if_scanned(config, config.antivirus.database_dir); }},

    Row{"site.tls_certificate_file", FileUse::setup, trusted,
        one<&C::site, &C::Site::tls_certificate_file>},
    Row{"site.tls_key_file", FileUse::setup, tls_key, one<&C::site, &C::Site::tls_key_file>},
    Row{"site.tls_ca_file", FileUse::setup, trusted, one<&C::site, &C::Site::tls_ca_file>},
    Row{"site.mail_root", FileUse::setup, of_others, one<&C::site, &C::Site::mail_root>},
    Row{"site.ledger_reader_password_file", FileUse::setup, secret,
        one<&C::site, &C::Site::ledger_reader_password_file>},
    Row{"site.accounts_reader_password_file", FileUse::setup, secret,
        one<&C::site, &C::Site::accounts_reader_password_file>},
    Row{"site.probe_password_file", FileUse::setup, secret,
        one<&C::site, &C::Site::probe_password_file>},
    Row{"site.logins_nonce_file", FileUse::setup, secret,
        [](const Config& config) {
          return config.policy.logins_listen.empty() ? Paths{}
                                                     : Paths{config.site.logins_nonce_file};
        }},
    Row{"site.postfix_dir", FileUse::setup, trusted, one<&C::site, &C::Site::postfix_dir>},
    Row{"site.postfix_queue", FileUse::setup, of_others, one<&C::site, &C::Site::postfix_queue>},
    Row{"site.postfix_data", FileUse::setup, of_others, one<&C::site, &C::Site::postfix_data>},
    Row{"site.dovecot_dir", FileUse::setup, trusted, one<&C::site, &C::Site::dovecot_dir>},
    Row{"site.dovecot_run", FileUse::setup, of_others, one<&C::site, &C::Site::dovecot_run>},
};

// For root and for pec-scanner: the owner of files that only the service has. Root, if all are
// root's.
uid_t service_user(const Config& config) {
  Paths owned{config.internal.secret_file};
  for (auto& file : ledger_files(config)) owned.push_back(std::move(file));
  owned.push_back(config.antivirus.store_dir);
  struct stat info {};
  for (const auto& path : owned)
    if (stat(path.c_str(), &info) == 0 && info.st_uid != 0) return info.st_uid;
  return 0;
}

// Root comes first.
std::set<uid_t> owners(const Config& config, const std::set<FileUse>& uses) {
  std::set<uid_t> all{0, geteuid()};
  if (geteuid() == 0 || uses == std::set{FileUse::scanning}) all.insert(service_user(config));
  return all;
}

}  // namespace

std::set<FileUse> all_file_uses() {
  std::set<FileUse> all;
  for (const auto& row : table) all.insert(row.use);
  return all;
}

std::vector<std::string> unsafe_files(const Config& config, const fs::path& config_file,
                                      const std::set<FileUse>& uses) {
  const auto trusted_owners = owners(config, uses);
  std::set<std::string> told;  // a folder that holds several files is reported once
  std::vector<std::string> problems;
  const auto check = [&](const fs::path& path, const FileRule& rule, std::string_view option) {
    if (path.empty()) return;
    for (auto& line : strangers_could(path, rule, trusted_owners, option))
      if (told.insert(line.substr(0, std::min(line.find(": run "), line.find(", who ")))).second)
        problems.push_back(std::move(line));
  };
  const auto& connection = config.ledger.connection;
  const bool is_secret = without_password(connection) != connection;
  check(fs::absolute(config_file), is_secret ? secret : trusted,
        is_secret ? "it holds the password of ledger.connection" : "the configuration");
  for (const auto& row : table)
    if (uses.contains(row.use))
      for (const auto& path : row.files(config)) check(path, row.rule, row.option);
  return problems;
}

Result<Config> load_safe_config(const fs::path& path, const std::set<FileUse>& uses) {
  auto config = load_config(path);
  if (!config) return config;
  const auto problems = unsafe_files(*config, path, uses);
  if (!problems.empty()) return bad_input(text::join(problems, "\n"));
  return config;
}

std::set<std::string> options_with_file_rules() {
  std::set<std::string> all;
  for (const auto& row : table) all.emplace(row.option);
  return all;
}

}  // namespace pec::config
