// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl virus-store`: shows what the virus store holds, and deletes messages older than the law
// asks for (thirty months; RFC 6109, 3.1.3 and 3.2.4).
//
//     20261122051122.abc  22/11/2026 06:11:22 +0100  access  Eicar  anna@… -> bruno@…
//
// A message itself goes only into a file that the administrator names. Text from outside is shown
// without control characters. Times are legal time.

#include "antivirus/virus_store.hpp"

#include "base/c_handle.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "pecctl/commands.hpp"

#include <cerrno>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace pec::pecctl {

using antivirus::FolderVirusStore;
using antivirus::StoredVirus;

namespace {

struct Options {
  std::string id;
  std::string message_file;  // empty: the message isn't wanted
  bool dry_run = false;
};

struct Viruses {
  LegalTime zone;
  std::unique_ptr<FolderVirusStore> store;
};

Result<Viruses> open_viruses(const Context& context) {
  PEC_TRY(const auto config, context.load_config({config::FileUse::viruses}));
  PEC_TRY(auto store, context.open_viruses(config));
  return Viruses{LegalTime(config.provider.time_zone), std::move(store)};
}

std::string day_and_time(const LegalTime& zone, Instant at) {
  const auto stamp = zone.stamp(at);
  return fmt::format("{} {} {}", stamp.date, stamp.time, stamp.offset);
}

std::string address_text(const std::string& address) {
  return address.empty() ? "<>" : address;
}

// Exactly one line, whatever the message's sender has put into it.
std::string line_of(const LegalTime& zone, const StoredVirus& stored) {
  auto line = fmt::format("{}  {}", stored.id, day_and_time(zone, stored.at));
  if (stored.kept) {
    const auto& kept = *stored.kept;
    line += fmt::format("  {}  {}  {} -> {}", kept.role, kept.virus, address_text(kept.sender),
                        text::join(kept.recipients, ", "));
  }
  if (!stored.damage.empty()) line += fmt::format("  damaged: {}", stored.damage);
  return text::printable(line);
}

// Writes the message into a new file, which only its owner may read.
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

// One line for each message, by time. The line of a damaged one says so.
Result<Answer> list(const Context& context) {
  PEC_TRY(const auto viruses, open_viruses(context));
  PEC_TRY(const auto all, viruses.store->list());
  Answer answer;
  for (const auto& stored : all) answer.lines.push_back(line_of(viruses.zone, stored));
  return answer;
}

// All known facts about a message, one in a line.
Result<Answer> show(const Context& context, const Options& options) {
  PEC_TRY(const auto viruses, open_viruses(context));
  if (!options.message_file.empty())
    PEC_TRY_VOID(export_virus(*viruses.store, options.id, options.message_file));
  PEC_TRY(const auto stored, viruses.store->read(options.id));
  Answer answer;
  const auto tell = [&](std::string_view what, const std::string& value) {
    answer.lines.push_back(fmt::format("{}: {}", what, text::printable(value)));
  };
  tell("id", stored.id);
  tell("time", day_and_time(viruses.zone, stored.at));
  if (const auto& kept = stored.kept) {
    if (kept->at != stored.at) tell("first time", day_and_time(viruses.zone, kept->at));
    tell("role", kept->role);
    tell("virus", kept->virus);
    tell("sender", address_text(kept->sender));
    for (const auto& recipient : kept->recipients) tell("recipient", recipient);
    tell("PEC msgid", kept->pec_id);
    tell("Message-ID", kept->message_id);
  }
  if (!stored.damage.empty()) tell("damaged", stored.damage);
  return answer;
}

// Deletes the messages older than thirty months.
Result<Answer> prune(const Context& context, const Options& options) {
  PEC_TRY(const auto viruses, open_viruses(context));
  const auto now = context.now();
  const auto limit = antivirus::end_of_keeping(now);
  PEC_TRY(const auto expired,
          options.dry_run ? viruses.store->expired(limit, now) : viruses.store->prune(limit, now));
  const auto* done = options.dry_run ? "would remove" : "removed";
  Answer answer;
  for (const auto& stored : expired.viruses)
    answer.lines.push_back(fmt::format("{} {}", done, line_of(viruses.zone, stored)));
  for (const auto& leftover : expired.leftovers)
    answer.lines.push_back(fmt::format("{} {}, which an interrupted write left", done,
                                       text::printable(leftover.string())));
  if (answer.lines.empty())
    answer.lines.push_back(
        fmt::format("nothing is older than thirty months ({})", day_and_time(viruses.zone, limit)));
  return answer;
}

}  // namespace

void add_virus_store(CLI::App& app, Command& chosen) {
  auto& group = add_group(app, "virus-store", "The infected messages that are kept");
  const auto options = std::make_shared<Options>();
  add_command(group, chosen, "list", "One line for each: id, time, role, virus, sender, recipients",
              list);
  auto& showing =
      add_command(group, chosen, "show", "All that is known of one message",
                  [options](const Context& context) { return show(context, *options); });
  showing.add_option("ID", options->id, "The message, as list names it")->required();
  showing.add_option("--message", options->message_file,
                     "Write the infected message itself into this new file");
  add_command(group, chosen, "prune", "Remove what is older than thirty months",
              [options](const Context& context) { return prune(context, *options); })
      .add_flag("--dry-run", options->dry_run, "Only say what would be removed");
}

}  // namespace pec::pecctl
