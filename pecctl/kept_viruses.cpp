// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/kept_viruses.hpp"

#include "base/c_handle.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

#include <cerrno>
#include <cstdio>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pec::pecctl {

using antivirus::FolderVirusStore;
using antivirus::StoredVirus;

namespace {

std::string time_text(const LegalTime& zone, Instant at) {
  const auto stamp = zone.stamp(at);
  return fmt::format("{} {} {}", stamp.date, stamp.time, stamp.offset);
}

std::string address_text(const std::string& address) {
  return address.empty() ? "<>" : address;
}

// A line of its own, whatever the message's sender has put into it.
std::string line_of(const LegalTime& zone, const StoredVirus& stored) {
  auto line = fmt::format("{}  {}", stored.id, time_text(zone, stored.at));
  if (stored.kept) {
    const auto& kept = *stored.kept;
    line += fmt::format("  {}  {}  {} -> {}", kept.role, kept.virus, address_text(kept.sender),
                        text::join(kept.recipients, ", "));
  }
  if (!stored.damage.empty()) line += fmt::format("  damaged: {}", stored.damage);
  return text::printable(line);
}

}  // namespace

Result<std::string> list_viruses(const FolderVirusStore& store, const LegalTime& zone) {
  PEC_TRY(const auto viruses, store.list());
  std::vector<std::string> lines;
  for (const auto& stored : viruses) lines.push_back(line_of(zone, stored));
  return text::join(lines, "\n");
}

Result<std::string> show_virus(const FolderVirusStore& store, const LegalTime& zone,
                               const std::string& id) {
  const auto stored = store.read(id);
  if (!stored) return tl::unexpected(stored.error());
  std::vector<std::string> lines;
  const auto tell = [&](std::string_view what, const std::string& value) {
    lines.push_back(fmt::format("{}: {}", what, text::printable(value)));
  };
  tell("id", stored->id);
  tell("time", time_text(zone, stored->at));
  if (stored->kept) {
    if (stored->kept->at != stored->at) tell("first time", time_text(zone, stored->kept->at));
    tell("role", stored->kept->role);
    tell("virus", stored->kept->virus);
    tell("sender", address_text(stored->kept->sender));
    for (const auto& recipient : stored->kept->recipients) tell("recipient", recipient);
    tell("PEC msgid", stored->kept->pec_id);
    tell("Message-ID", stored->kept->message_id);
  }
  if (!stored->damage.empty()) tell("damaged", stored->damage);
  return text::join(lines, "\n");
}

Result<void> export_virus(const FolderVirusStore& store, const std::string& id,
                          const std::string& file) {
  PEC_TRY(const auto message, store.message(id));
  const auto failed = [&](int error) {
    const char* remedy = error == EEXIST ? "; name a file that isn't there yet"
                         : error == EACCES
                             ? "; name a file in a folder where the virus store's owner may write"
                             : "";
    return unavailable(
        fmt::format("can't write {}: {}{}", text::printable(file), errno_text(error), remedy));
  };
  umask(077);
  CHandle<std::FILE, std::fclose> out(std::fopen(file.c_str(), "wxe"));  // x: only a new file
  if (!out) return failed(errno);
  const bool written = std::fwrite(message.data(), 1, message.size(), out.get()) == message.size();
  if (written && std::fflush(out.get()) == 0) return {};
  const int error = errno;
  unlink(file.c_str());
  return failed(error);
}

Result<std::string> prune_viruses(const FolderVirusStore& store, const LegalTime& zone, Instant now,
                                  bool dry_run) {
  const auto limit = antivirus::end_of_keeping(now);
  PEC_TRY(const auto expired, dry_run ? store.expired(limit, now) : store.prune(limit, now));
  const auto* done = dry_run ? "would remove" : "removed";
  std::vector<std::string> lines;
  for (const auto& stored : expired.viruses)
    lines.push_back(fmt::format("{} {}", done, line_of(zone, stored)));
  for (const auto& leftover : expired.leftovers)
    lines.push_back(fmt::format("{} {}, which an interrupted write left", done,
                                text::printable(leftover.string())));
  if (lines.empty())
    lines.push_back(
        fmt::format("nothing is older than thirty months ({})", time_text(zone, limit)));
  return text::join(lines, "\n");
}

}  // namespace pec::pecctl
