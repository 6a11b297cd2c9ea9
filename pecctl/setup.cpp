// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl setup`: makes a host a provider of certified mail, beside the mail that it has; checks
// it, and puts it back (setup/run.hpp).
//
// `pecctl setup files` makes the files of Postfix and Dovecot alone, from pec.toml and the
// templates, for a host that somebody sets up by hand. Each file is written whole or not at all,
// and only if it differs. A file that somebody has changed by hand stays, and the command says so.

#include "pecctl/commands.hpp"
#include "pecctl/replacement.hpp"
#include "pecctl/setup/host_files.hpp"
#include "pecctl/setup/run.hpp"

#include <fmt/format.h>
#include <memory>

namespace pec::pecctl {

namespace {

Result<std::string> put(const DerivedFile& file, bool overwrite) {
  PEC_TRY(const auto now, read_file_if_there(file.path));
  if (now == file.content) return fmt::format("{}: as it was", file.path.string());
  const bool edited = now && is_edited(*now);
  if (edited && !overwrite)
    return bad_input(fmt::format(
        "{} was changed by hand, and stays: move your lines to the site's own files beside "
        "pec.toml, or run this with --overwrite, which keeps a copy as {}.edited",
        file.path.string(), file.path.string()));
  if (edited) PEC_TRY_VOID(keep_edited(file, *now));
  PEC_TRY(auto fresh, Replacement::write(file.path, file.content, file.group));
  PEC_TRY_VOID(fresh.put_in_place());
  return fmt::format("{}: {}", file.path.string(), now ? "changed" : "made");
}

Result<std::vector<DerivedFile>> wanted_files(const Context& context, const SetupOptions& options) {
  PEC_TRY(const auto config, context.load_config({config::FileUse::setup}));
  return files_on_host(config, context.config_file, options.templates);
}

Result<Answer> make_files(const std::vector<DerivedFile>& files, bool overwrite) {
  Answer answer;
  for (const auto& file : files) {
    auto done = put(file, overwrite);
    if (done)
      answer.lines.push_back(std::move(*done));
    else
      answer.problems.push_back(std::move(done.error().detail));
  }
  return answer;
}

Result<Answer> files(const Context& context, const SetupOptions& options) {
  PEC_TRY(const auto files, wanted_files(context, options));
  if (!options.dry_run) return make_files(files, options.overwrite);
  PEC_TRY(auto lines, differences_of(files));
  if (lines.empty()) return Answer{{"all files are as pec.toml says"}};
  return Answer{std::move(lines), {}, false};
}

void add_common(CLI::App& command, SetupOptions& options) {
  command.add_option("--templates", options.templates, "The folder of the templates")
      ->capture_default_str();
}

void add_making(CLI::App& command, SetupOptions& options) {
  add_common(command, options);
  command.add_flag("--yes", options.yes, "Do it without a question");
  command.add_flag("--dry-run", options.dry_run, "Only show what would be done");
  command.add_flag("--overwrite", options.overwrite,
                   "Also files that were changed by hand; a copy of each is kept");
}

}  // namespace

void add_setup(CLI::App& app, Command& chosen) {
  const auto options = std::make_shared<SetupOptions>();
  auto& group =
      add_command(app, chosen, "setup", "Make this host a provider of certified mail",
                  [options](const Context& context) { return set_up(context, *options); });
  group.require_subcommand(0, 1);
  add_making(group, *options);
  add_questions(group, options->answers);
  group.footer(
      "It asks what nobody can find out, shows what it would do, and does it. When something "
      "fails, everything is put back.");

  auto& applying = add_command(group, chosen, "apply", "Make this host as pec.toml says now",
                               [options](const Context& context) {
                                 options->as_it_is = true;
                                 return set_up(context, *options);
                               });
  add_making(applying, *options);
  auto& checking =
      add_command(group, chosen, "check", "Show how this host differs from what pec.toml says",
                  [options](const Context& context) { return check_setup(context, *options); });
  add_common(checking, *options);
  checking.footer("Exit status: 0 if it does not differ; 1 if it does.");
  auto& reverting =
      add_command(group, chosen, "revert", "Put the host back as it was before set-up",
                  [options](const Context&) { return revert_setup(*options); });
  reverting.add_flag("--yes", options->yes, "Do it without a question");
  reverting.footer(
      "Ledger, keys, settings and mail stay. It is refused while certified mail waits in the "
      "queue.");
  auto& making =
      add_command(group, chosen, "files", "Make the files of Postfix and Dovecot from pec.toml",
                  [options](const Context& context) { return files(context, *options); });
  add_common(making, *options);
  making.add_flag("--dry-run", options->dry_run, "Only show what would be changed");
  making.add_flag("--overwrite", options->overwrite,
                  "Also files that were changed by hand; a copy of each is kept");
  making.footer("Exit status: 0 if all files are as pec.toml says; 1 if not.");
}

}  // namespace pec::pecctl
