// SPDX-License-Identifier: GPL-2.0-or-later

// Mail that comes while set-up works must find everything behind the door that it opens. So files
// and services inside come first, then accounts, and the two instances that listen come last.
// Between the host's own Postfix leaving an address and ours taking it, clients find nobody there
// for a moment, and come again.

#include "pecctl/setup/steps.hpp"

#include "base/file.hpp"
#include "pecctl/replacement.hpp"
#include "pecctl/setup/accounts.hpp"
#include "pecctl/setup/answers.hpp"
#include "pecctl/setup/difference.hpp"
#include "pecctl/setup/host_files.hpp"
#include "pecctl/setup/own_files.hpp"
#include "pecctl/setup/secrets.hpp"
#include "pecctl/setup/tools.hpp"
#include "pecctl/setup/trial.hpp"

#include <chrono>
#include <fmt/format.h>
#include <system_error>
#include <thread>

namespace pec::pecctl {

namespace {

namespace fs = std::filesystem;
using config::Config;
using Lines = std::vector<std::string>;

constexpr auto postfix_unit = "postfix@postfix-pec.service";
constexpr auto dovecot_unit = "dovecot-pec.service";

bool uses_scanner(const Config& config) {
  return config.antivirus.engine == config::AntivirusEngine::scanner;
}

// --- Users, folders, secrets: they stay when all else is put back ---

Step users(Work& work) {
  return {"users",
          [&]() -> Result<Lines> {
            Lines lines;
            Lines wanted{work.config.site.user, work.config.site.mail_user};
            if (uses_scanner(work.config)) wanted.emplace_back("pec-scanner");
            for (const auto& user : wanted)
              if (!ids_of(user)) lines.push_back("+ user " + user);
            return lines;
          },
          []() -> Result<void> {
            PEC_TRY_VOID(output_of({"systemd-sysusers", "pec-suite.conf"}));
            return {};
          }};
}

Step folders(Work& work) {
  return {
      "folders",
      [&]() -> Result<Lines> {
        Lines lines;
        for (const auto& folder : {fs::path("/run/pec"), fs::path("/var/lib/pec"),
                                   fs::path("/var/lib/pec/viruses"), work.config.site.mail_root})
          if (!has_file(folder)) lines.push_back("+ folder " + folder.string());
        return lines;
      },
      [&]() -> Result<void> {
        PEC_TRY_VOID(output_of({"systemd-tmpfiles", "--create", "pec-suite.conf"}));
        const auto& site = work.config.site;
        if (has_file(site.mail_root)) return {};
        PEC_TRY_VOID(output_of({"install", "-d", "-m", "700", "-o", site.mail_user, "-g",
                                site.mail_user, site.mail_root.string()}));
        return {};
      }};
}

Step secrets(Work& work) {
  return {"secrets",
          [&]() -> Result<Lines> {
            Lines lines;
            for (const auto& secret : secrets_of(work.config))
              if (!has_file(secret.file))
                lines.push_back("+ " + secret.file.string() + " (a new secret)");
            return lines;
          },
          [&]() -> Result<void> {
            for (const auto& secret : secrets_of(work.config))
              if (!has_file(secret.file)) {
                PEC_TRY_VOID(make_secret(secret));
                work.new_secrets.insert(secret.file);
              }
            return {};
          }};
}

// The mailbox must get the new password, too; a ledger from before may have it with the old one.
bool has_new_probe(const Work& work) {
  const auto& file = work.config.site.probe_password_file;
  return !file.empty() && (!has_file(file) || work.new_secrets.contains(file));
}

// Postfix defers all mail that it can't look up in a table, so an empty one is better than none.
Step tls_policy(Work& work) {
  const auto table = [&] {
    const auto& map = work.config.directory_sync.tls_policy_map;
    return fs::path(map.substr(map.find(':') + 1));
  };
  return {"the table of TLS policies",
          [&work, table]() -> Result<Lines> {
            if (work.config.directory_sync.tls_policy_map.empty() || has_file(table()))
              return Lines();
            return Lines{"+ " + table().string() + " (empty until \"pecctl directory sync\")"};
          },
          [&work, table]() -> Result<void> {
            const auto& user = work.config.site.user;  // it is this user's folder
            PEC_TRY_VOID(output_of({"runuser", "-u", user, "--", "touch", table().string()}));
            PEC_TRY_VOID(output_of({"runuser", "-u", user, "--", "postmap",
                                    work.config.directory_sync.tls_policy_map}));
            return {};
          }};
}

// --- Files of the instances ---

Step derived_files_step(Work& work) {
  return {"files of Postfix and Dovecot for certified mail",
          [&]() -> Result<Lines> { return differences_of(work.derived); },
          [&]() -> Result<void> {
            const auto& site = work.config.site;
            auto& record = work.record;
            PEC_TRY_VOID(record.make_folder(site.postfix_dir, "root", 0755));
            PEC_TRY_VOID(record.make_folder(site.postfix_queue, "root", 0755, true));
            PEC_TRY_VOID(record.make_folder(site.postfix_data, "postfix", 0700, true));
            PEC_TRY_VOID(record.make_folder(site.dovecot_dir, "root", 0755));
            for (const auto& file : work.derived) {
              const bool is_postfix = file.path.parent_path() == site.postfix_dir;
              PEC_TRY(const auto now, read_file_if_there(file.path));
              if (now && is_edited(*now)) PEC_TRY_VOID(keep_edited(file, *now));
              PEC_TRY(const bool changed, record.put_file({file.path, file.content, file.group}));
              if (changed) work.changed.insert(is_postfix ? postfix_unit : dovecot_unit);
            }
            return {};
          }};
}

// A set-up that was killed may have left the same program running. Then the two get in each other's
// way until that one is done.
Result<void> make_queue_folders(const Config& config) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  for (;;) {
    const auto done = output_of({"postfix", "-c", config.site.postfix_dir.string(), "check"});
    if (done) return {};
    if (std::chrono::steady_clock::now() > until) return tl::unexpected(done.error());
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

// Dovecot makes its sockets in a folder of the queue.
Step queue(Work& work) {
  return {"Postfix's queue for certified mail",
          [&]() -> Result<Lines> {
            const auto& queue = work.config.site.postfix_queue;
            return has_file(queue / "private") ? Lines()
                                               : Lines{"+ the folders of " + queue.string()};
          },
          [&]() -> Result<void> { return make_queue_folders(work.config); }};
}

Step sieve(Work& work) {
  const auto script = [&] { return work.config.site.dovecot_dir / "pec-spam.sieve"; };
  const auto compiled = [script] { return script().replace_extension(".svbin"); };
  return {"the compiled script for spam",
          [script, compiled]() -> Result<Lines> {
            std::error_code error;
            if (has_file(compiled()) &&
                fs::last_write_time(compiled(), error) >= fs::last_write_time(script(), error))
              return Lines();
            return Lines{"+ " + compiled().string()};
          },
          [&work, script, compiled]() -> Result<void> {
            PEC_TRY_VOID(work.record.expect(compiled()));
            PEC_TRY_VOID(
                output_of({"sievec", "-c", (work.config.site.dovecot_dir / "dovecot.conf").string(),
                           script().string()}));
            return {};
          }};
}

Step own_files_step(Work& work) {
  return {"the host's own Postfix and Dovecot",
          [&]() -> Result<Lines> {
            Lines lines;
            PEC_TRY(const auto files, own_files(work.config, work.facts));
            for (const auto& file : files) {
              PEC_TRY(const auto now, read_file_if_there(file.path));
              if (now == file.content) continue;
              PEC_TRY(auto shown, difference(file.path.string(), now, file.content));
              lines.push_back(std::move(shown));
            }
            return lines;
          },
          [&]() -> Result<void> {
            PEC_TRY(const auto files, own_files(work.config, work.facts));
            for (const auto& file : files) {
              PEC_TRY(const bool changed, work.record.put_file(file));
              if (changed)
                PEC_TRY_VOID(output_of({"systemctl", "try-restart", file.restarts}, {},
                                       std::chrono::minutes(2)));
            }
            return {};
          }};
}

// --- Services ---

Step unit(Work& work, const std::string& name, bool enable = true) {
  return {name,
          [name, enable]() -> Result<Lines> {
            PEC_TRY(const bool is_active, succeeds({"systemctl", "--quiet", "is-active", name}));
            PEC_TRY(const bool is_enabled, succeeds({"systemctl", "--quiet", "is-enabled", name}));
            if (!is_active) return Lines{"+ start " + name};
            return is_enabled || !enable ? Lines() : Lines{"+ enable " + name};
          },
          [&work, name, enable]() -> Result<void> {
            if (!enable) PEC_TRY_VOID(output_of({"systemctl", "daemon-reload"}));
            return work.record.start(name, enable);
          }};
}

// A trial has its own list.
bool has_lists_to_fetch(const Config& config) {
  return !config.trust.crl_file.empty() && !is_trial(config);
}

// pec-milter believes nobody without them.
Step revocation_lists(Work& work) {
  return {
      "revocation lists",
      [&]() -> Result<Lines> {
        const auto& file = work.config.trust.crl_file;
        if (!has_lists_to_fetch(work.config) || has_file(file)) return Lines();
        return Lines{"+ " + file.string() + " (fetched)"};
      },
      [&]() -> Result<void> {
        PEC_TRY_VOID(output_of({"/proc/self/exe", "--config", work.config_file, "crl", "update"},
                               {}, std::chrono::minutes(5)));
        return {};
      }};
}

// A timer whose section of pec.toml is not filled in would only fail.
Lines timers(const Config& config) {
  Lines names{"pec-timeouts.timer", "pec-virus-store.timer"};
  if (has_lists_to_fetch(config)) names.emplace_back("pec-crl.timer");
  if (!config.directory_sync.url.empty()) names.emplace_back("pec-directory.timer");
  if (!config.directory_check.mx_hosts.empty()) names.emplace_back("pec-directory-check.timer");
  return names;
}

}  // namespace

std::vector<Step> steps_of(Work& work) {
  std::vector<Step> steps{users(work), folders(work), secrets(work),    derived_files_step(work),
                          queue(work), sieve(work),   tls_policy(work), revocation_lists(work)};
  if (uses_scanner(work.config)) steps.push_back(unit(work, "pec-scanner.service"));
  steps.push_back(unit(work, "pec-milter.service"));
  steps.push_back(unit(work, "pec-policyd.service"));
  if (work.config.site.accounts == config::Accounts::ledger)
    steps.push_back(
        {"accounts",
         [&work] { return missing_accounts(work.config, work.config_file, has_new_probe(work)); },
         [&work] { return make_accounts(work.config, work.config_file); }});
  steps.push_back(own_files_step(work));
  steps.push_back(unit(work, dovecot_unit));
  steps.push_back(unit(work, postfix_unit, false));
  for (const auto& name : timers(work.config)) steps.push_back(unit(work, name));
  return steps;
}

}  // namespace pec::pecctl
