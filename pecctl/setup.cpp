// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl setup files`: makes Postfix's and Dovecot's files from pec.toml and the templates. Each
// file is written whole or not at all, and only if it differs. A file that somebody has changed by
// hand stays, and the command says so: nothing is lost without a word.
//
// `pecctl setup check`: shows what that would change, as diff(1) does. It changes nothing.

#include "base/file.hpp"
#include "base/text.hpp"
#include "pecctl/commands.hpp"
#include "pecctl/derived_files.hpp"
#include "pecctl/replacement.hpp"
#include "service/command.hpp"

#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <system_error>

namespace pec::pecctl {

namespace {

namespace fs = std::filesystem;

struct Options {
  fs::path templates = "/usr/share/pec-suite";
  bool overwrite = false;
};

Result<std::optional<std::string>> read_if_there(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error) && !error) return std::optional<std::string>();
  PEC_TRY(auto content, read_file(file));
  return std::optional(std::move(content));
}

// Without the line end that an editor adds.
Result<std::string> password_in(const fs::path& file) {
  if (file.empty()) return std::string();
  PEC_TRY(const auto content, read_file(file));
  return std::string(text::without_line_end(content));
}

// What was there before is kept beside it, if it was not ours.
// A password in it is for the same readers.
Result<void> keep_edited(const DerivedFile& file, const std::string& content) {
  PEC_TRY(auto copy, Replacement::write(file.path.string() + ".edited", content, file.group));
  return copy.put_in_place();
}

Result<std::string> put(const DerivedFile& file, bool overwrite) {
  PEC_TRY(const auto now, read_if_there(file.path));
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

Result<std::vector<DerivedFile>> wanted_files(const Context& context, const Options& options) {
  PEC_TRY(const auto config, context.load_config({config::FileUse::setup}));
  ReaderPasswords passwords;
  PEC_TRY(passwords.postfix, password_in(config.site.ledger_reader_password_file));
  PEC_TRY(passwords.dovecot, password_in(config.site.accounts_reader_password_file));
  PEC_TRY(const auto names, site_names(config, passwords));
  const auto beside = fs::path(context.config_file).parent_path();
  return derived_files(
      config, names,
      {[&](const std::string& name) { return read_file(options.templates / name); },
       [&](const std::string& name) { return read_if_there(beside / name); }, context.config_file});
}

Result<Answer> make_files(const Context& context, const Options& options) {
  PEC_TRY(const auto files, wanted_files(context, options));
  Answer answer;
  for (const auto& file : files) {
    auto done = put(file, options.overwrite);
    if (done)
      answer.lines.push_back(std::move(*done));
    else
      answer.problems.push_back(std::move(done.error().detail));
  }
  return answer;
}

// diff's lines. A password is not shown.
Result<std::string> difference(const DerivedFile& file, const std::optional<std::string>& now) {
  const auto path = file.path.string();
  if (!file.group.empty()) return path + " differs; it holds a password";
  constexpr std::chrono::seconds limit{20};
  PEC_TRY(auto ran, service::ask_command({"/usr/bin/diff", "-u", "--label", path, "--label",
                                          path + " (wanted)", now ? path : "/dev/null", "-"},
                                         file.content, limit));
  constexpr int they_differ = 1;
  if (ran.status != they_differ)
    return unavailable(fmt::format("diff of {} failed: {}", path, text::printable(ran.errors)));
  if (ran.output.ends_with('\n')) ran.output.pop_back();
  return std::move(ran.output);
}

Result<Answer> check_files(const Context& context, const Options& options) {
  PEC_TRY(const auto files, wanted_files(context, options));
  Answer answer;
  for (const auto& file : files) {
    PEC_TRY(const auto now, read_if_there(file.path));
    if (now == file.content) continue;
    PEC_TRY(auto lines, difference(file, now));
    answer.lines.push_back(std::move(lines));
    if (now && is_edited(*now)) answer.lines.push_back(file.path.string() + " was changed by hand");
    answer.good = false;
  }
  if (answer.good) answer.lines.emplace_back("all files are as pec.toml says");
  return answer;
}

}  // namespace

void add_setup(CLI::App& app, Command& chosen) {
  auto& group = add_group(app, "setup", "This host's Postfix and Dovecot for certified mail");
  const auto options = std::make_shared<Options>();
  auto& files =
      add_command(group, chosen, "files", "Make the files of Postfix and Dovecot from pec.toml",
                  [options](const Context& context) { return make_files(context, *options); });
  auto& check = add_command(
      group, chosen, "check", "Show what \"setup files\" would change, and change nothing",
      [options](const Context& context) { return check_files(context, *options); });
  files.add_flag("--overwrite", options->overwrite,
                 "Also files that were changed by hand; a copy of each is kept");
  for (auto* command : {&files, &check}) {
    command->add_option("--templates", options->templates, "The folder of the templates")
        ->capture_default_str();
    command->footer("Exit status: 0 if all files are as pec.toml says; 1 if not.");
  }
}

}  // namespace pec::pecctl
