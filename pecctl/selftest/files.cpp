// SPDX-License-Identifier: GPL-2.0-or-later

// What is on the disk: the rights on files, certificates and keys, and room.

#include "base/file.hpp"
#include "base/text.hpp"
#include "ledger/database.hpp"
#include "pecctl/selftest/rows.hpp"
#include "pecctl/signing_certificates.hpp"
#include "smime/certificate.hpp"
#include "smime/tls_certificate.hpp"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <sys/statvfs.h>

namespace pec::pecctl {

namespace {

using config::Config;
namespace fs = std::filesystem;

// Whoever renews the host's certificate by itself does it much earlier.
constexpr std::chrono::days tls_alarm{14};
// Less than this is gone within minutes when something goes wrong.
constexpr std::uint64_t least_room = std::uint64_t{512} << 20;
constexpr std::uint64_t least_files = 10'000;

std::string and_more(const std::vector<std::string>& problems) {
  if (problems.size() == 1) return problems.front();
  return fmt::format("{} (and {} more)", problems.front(), problems.size() - 1);
}

struct Room {
  std::string what;
  fs::path folder;
  std::uint64_t least;
};

std::vector<Room> rooms_of(const Config& config) {
  std::vector<Room> all{{"milter.temp_dir", config.milter.temp_dir, least_room}};
  if (const auto file = ledger::Database::file_of(config.ledger.connection); file && *file)
    all.push_back({"the ledger", fs::path(**file).parent_path(), least_room});
  if (config.antivirus.engine != config::AntivirusEngine::none)
    all.push_back({"the virus store", config.antivirus.store_dir,
                   std::max(least_room, config.antivirus.min_free_space)});
  if (config.site.host_name.empty()) return all;
  all.push_back({"Postfix's queue", config.site.postfix_queue, least_room});
  all.push_back({"the mailboxes", config.site.mail_root, least_room});
  return all;
}

// Empty: there is enough.
std::string lack_of(const Room& room, const struct statvfs& disk) {
  const auto free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  if (free < room.least)
    return fmt::format("{} for {} has {} MB free, less than {}", room.folder.string(), room.what,
                       free >> 20, room.least >> 20);
  if (disk.f_files != 0 && disk.f_favail < least_files)  // 0: it has no such limit
    return fmt::format("{} for {} has room for {} more files, less than {}", room.folder.string(),
                       room.what, disk.f_favail, least_files);
  return "";
}

}  // namespace

Result<Finding> look_at_files(const Host& host) {
  const auto problems =
      config::unsafe_files(host.config, host.context.config_file, config::all_file_uses());
  if (problems.empty()) return good("no stranger can read a secret, or change what pec.toml names");
  return bad(and_more(problems));
}

Result<Finding> look_at_signing(const Host& host) {
  std::vector<std::string> flaws, ends;
  for (const auto& [file, us] : signing_certificates(host.config)) {
    for (auto& flaw : certificate_flaws(file, us, host.context, host.config))
      flaws.push_back(std::move(flaw));
    if (!flaws.empty()) continue;
    PEC_TRY(const auto chain, smime::certificates_from_pem_file(file));
    PEC_TRY(const auto end, end_text(*chain.front(), host.context.now()));
    ends.push_back(fmt::format("{} {}", file.string(), end));
  }
  if (!flaws.empty()) return bad(and_more(flaws));
  return good(text::join(ends, "; "));
}

Result<Finding> look_at_tls_certificate(const Host& host) {
  const auto& site = host.config.site;
  if (site.host_name.empty()) return off("site.host_name is not set");
  PEC_TRY(const auto certificate,
          smime::tls_certificate(site.tls_certificate_file, site.tls_key_file, site.host_name));
  const auto now = host.context.now();
  PEC_TRY(const auto dates, smime::validity(*certificate));
  PEC_TRY(const auto end, end_text(*certificate, now));
  const auto found =
      fmt::format("{} for {} {}", site.tls_certificate_file.string(), site.host_name, end);
  if (now >= dates.not_before && dates.not_after - now > tls_alarm) return good(found);
  return bad(found, "Have it renewed, and see why that has not happened by itself.");
}

Result<Finding> look_at_disk(const Host& host) {
  std::vector<std::string> lacks;
  std::uint64_t least = UINT64_MAX;
  for (const auto& room : rooms_of(host.config)) {
    struct statvfs disk {};
    if (statvfs(room.folder.c_str(), &disk) != 0)
      return bad(fmt::format("{} for {}: {}", room.folder.string(), room.what, errno_text(errno)),
                 "Make the folder, or correct pec.toml.");
    least = std::min(least, std::uint64_t{disk.f_bavail} * disk.f_frsize);
    if (auto lack = lack_of(room, disk); !lack.empty()) lacks.push_back(std::move(lack));
  }
  if (!lacks.empty()) return bad(and_more(lacks));
  return good(fmt::format("at least {} MB free in each place", least >> 20));
}

}  // namespace pec::pecctl
