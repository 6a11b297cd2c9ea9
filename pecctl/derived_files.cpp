// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/derived_files.hpp"

#include "base/text.hpp"
#include "ledger/database.hpp"
#include "mime/digest.hpp"

#include <array>
#include <fmt/format.h>
#include <set>

namespace pec::pecctl {

namespace {

using config::Accounts;
using config::Config;

bool always(const Config&) {
  return true;
}
bool with_accounts(const Config& config) {
  return config.site.accounts == Accounts::ledger;
}
// site_names() has refused a connection that is neither.
bool with_sqlite(const Config& config) {
  const auto file = ledger::Database::file_of(config.ledger.connection);
  return file && *file;
}
bool with_postgresql(const Config& config) {
  return !with_sqlite(config);
}
bool with_sqlite_accounts(const Config& config) {
  return with_accounts(config) && with_sqlite(config);
}
bool with_postgresql_accounts(const Config& config) {
  return with_accounts(config) && with_postgresql(config);
}

bool with_managesieve(const Config& config) {
  return config.site.managesieve_port != 0;
}
bool with_logins(const Config& config) {
  return !config.policy.logins_listen.empty();
}

// A row for each template. `program`: its folder of templates begins with that name, and so is the
// group called that may read a password or a secret.
struct Row {
  std::string_view program;
  std::string_view name;
  bool (*wanted)(const Config&);
  bool has_password = false;
  std::string_view own_lines{};  // of the site: "postfix/main.cf"
};

constexpr std::string_view postfix = "postfix", dovecot = "dovecot";
constexpr std::array rows{
    Row{postfix, "main.cf", always, false, "postfix/main.cf"},
    Row{postfix, "master.cf", always, false, "postfix/master.cf"},
    Row{postfix, "pec-transport.regexp", always},
    Row{postfix, "pec-kept.regexp", always},
    Row{postfix, "pec-receipts-headers.regexp", always},
    Row{postfix, "pec-local-headers.regexp", always},
    Row{postfix, "pec-filter-headers.regexp", always},
    Row{postfix, "pec-alias", always},
    Row{postfix, "pec-connections.nft", always},
    Row{postfix, "pec-revoked-sqlite.cf", with_sqlite},
    Row{postfix, "pec-revoked-pgsql.cf", with_postgresql, true},
    Row{postfix, "pec-mailboxes-sqlite.cf", with_sqlite_accounts},
    Row{postfix, "pec-mailboxes-pgsql.cf", with_postgresql_accounts, true},
    Row{dovecot, "dovecot.conf", always, false, "dovecot/local.conf"},
    Row{dovecot, "99-pec.conf", always},
    Row{dovecot, "pec-spam.sieve", always},
    Row{dovecot, "98-pec-accounts.conf", with_accounts},
    Row{dovecot, "pec-read-only.acl", with_accounts},
    Row{dovecot, "pec-accounts-sqlite.conf.ext", with_sqlite_accounts},
    Row{dovecot, "pec-accounts-pgsql.conf.ext", with_postgresql_accounts, true},
    Row{dovecot, "pec-managesieve.conf.ext", with_managesieve},
    Row{dovecot, "pec-logins.conf.ext", with_logins, true},
};

constexpr std::string_view mark = "# Made by pecctl from ";
constexpr std::string_view digest_follows = " Digest: ";

// The name that a line of main.cf sets; empty: a comment, an empty line, or the rest of a setting.
std::string_view setting_in(std::string_view line) {
  if (line.empty() || std::string_view("# \t").find(line.front()) != std::string_view::npos)
    return {};
  return text::trim(line.substr(0, line.find('=')));
}

std::set<std::string, std::less<>> settings_in(std::string_view main_cf) {
  std::set<std::string, std::less<>> names;
  for (const auto line : text::split(main_cf, '\n'))
    if (const auto name = setting_in(line); !name.empty()) names.emplace(name);
  return names;
}

// A setting that the site makes itself becomes a comment: Postfix complains of a second one.
std::string without_settings(std::string_view main_cf,
                             const std::set<std::string, std::less<>>& settings) {
  std::string out;
  bool dropped = false;
  for (const auto line : text::split(main_cf, '\n')) {
    const bool goes_on = line.starts_with(' ') || line.starts_with('\t');
    if (!goes_on) dropped = settings.contains(setting_in(line));
    if (dropped) out += "# (the site's own) ";
    out += line;
    out += '\n';
  }
  out.pop_back();  // of the last line, which has none
  return out;
}

std::string first_line(std::string_view config_file, std::string_view content) {
  return fmt::format("{}{}, which is to be changed instead: a change here is lost.{}{}\n", mark,
                     config_file, digest_follows, mime::sha256_hex(content));
}

// Dovecot's at the door for questions about logins, and the one that only Dovecot has.
Result<void> add_login_secrets(Names& names, const Config& config, const Sources& sources) {
  if (!with_logins(config)) return {};
  PEC_TRY(names["LOGINS_SECRET"], sources.read_secret(config.policy.logins_secret_file));
  PEC_TRY(names["LOGINS_NONCE"], sources.read_secret(config.site.logins_nonce_file));
  return {};
}

Result<std::string> content_of(const Row& row, const Names& names, const Sources& sources) {
  PEC_TRY(const auto text, sources.read_template(fmt::format("{}-conf/{}", row.program, row.name)));
  PEC_TRY(auto content, render(text, names));
  if (row.own_lines.empty()) return content;
  PEC_TRY(const auto own, sources.read_own(std::string(row.own_lines)));
  if (!own) return content;
  if (row.name == "main.cf") content = without_settings(content, settings_in(*own));
  return content + fmt::format("\n# --- The site's own lines: {} ---\n\n{}", row.own_lines, *own);
}

}  // namespace

Result<std::vector<DerivedFile>> derived_files(const Config& config, const Names& names,
                                               const Sources& sources) {
  auto all_names = names;
  PEC_TRY_VOID(add_login_secrets(all_names, config, sources));
  std::vector<DerivedFile> files;
  for (const auto& row : rows) {
    if (!row.wanted(config)) continue;
    const auto& folder = row.program == postfix ? config.site.postfix_dir : config.site.dovecot_dir;
    PEC_TRY(const auto content, content_of(row, all_names, sources));
    files.push_back({folder / row.name, first_line(sources.config_file, content) + content,
                     std::string(row.has_password ? row.program : "")});
  }
  return files;
}

bool is_edited(std::string_view content) {
  const auto end = content.find('\n');
  if (!content.starts_with(mark) || end == std::string_view::npos) return true;
  const auto line = content.substr(0, end);
  const auto digest = line.rfind(digest_follows);
  return digest == std::string_view::npos ||
         line.substr(digest + digest_follows.size()) != mime::sha256_hex(content.substr(end + 1));
}

}  // namespace pec::pecctl
