// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/run.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "config/config_text.hpp"
#include "pecctl/replacement.hpp"
#include "pecctl/selftest/checks.hpp"
#include "pecctl/setup/closing_words.hpp"
#include "pecctl/setup/found_ledger.hpp"
#include "pecctl/setup/host_files.hpp"
#include "pecctl/setup/refusals.hpp"
#include "pecctl/setup/steps.hpp"
#include "pecctl/setup/tools.hpp"
#include "pecctl/setup/trial.hpp"
#include "service/command.hpp"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace pec::pecctl {

namespace {

namespace fs = std::filesystem;
using config::Config;

// pec.toml as it is to be.
struct Wanted {
  std::string text;
  Config config;
  bool is_new = false;  // the file is not there yet
};

// At once: somebody watches.
void say(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

Result<void> must_be_root() {
  if (geteuid() == 0) return {};
  return bad_input("set-up changes Postfix, Dovecot and systemd: run it as root");
}

bool has_answers(const GivenAnswers& given) {
  return !given.options.empty() || !given.file.empty() || given.trial;
}

Result<Wanted> wanted_config(const Context& context, const SetupOptions& options,
                             const Facts& facts, Terminal* terminal) {
  const auto& file = context.config_file;
  PEC_TRY(const auto now, read_file_if_there(file));
  if (now && has_answers(options.answers))
    return bad_input(fmt::format(
        "{} is there already, perhaps from a set-up that failed, and set-up goes by it: change it, "
        "and run \"pecctl setup\" without answers; or remove it, and answer again",
        file));
  if (now) {
    PEC_TRY(auto config, config::load_config(file));
    return Wanted{*now, std::move(config), false};
  }
  if (options.as_it_is)
    return bad_input(fmt::format("there is no {}: run \"pecctl setup\" first", file));
  PEC_TRY(auto text, new_config(options.answers, facts, terminal));
  PEC_TRY(auto config, config::parse_config(text, file));
  return Wanted{std::move(text), std::move(config), true};
}

// What authorities have given us, as `pecctl selftest` looks at it. Those of a trial are made
// later.
std::vector<std::string> flaws_of_credentials(const Context& context, const Config& config) {
  std::vector<std::string> flaws;
  for (const auto& check : checks()) {
    if (!std::set<std::string_view>{"signing", "tls-certificate", "directory"}.contains(check.name))
      continue;
    const auto finding = run_check(check, {context, config});
    if (finding.verdict == Verdict::bad)
      flaws.push_back(fmt::format("{}: {}. {}", check.name, finding.found, finding.remedy));
  }
  return flaws;
}

// All reasons at once.
Result<void> refuse(const Context& context, const Config& config, Facts& facts, bool is_first) {
  for (const auto& us : config.identities())
    PEC_TRY_VOID(ask_tables(facts, text::lower(us.domain)));
  auto reasons = refusals(config, facts);
  if (is_first && !is_trial(config))
    for (auto& flaw : flaws_of_credentials(context, config)) reasons.push_back(std::move(flaw));
  if (reasons.empty()) return {};
  return bad_input(text::join(reasons, "\n"));
}

Result<void> refuse_edited(const std::vector<DerivedFile>& files) {
  std::vector<std::string> edited;
  for (const auto& file : files) {
    PEC_TRY(const auto now, read_file_if_there(file.path));
    if (now && *now != file.content && is_edited(*now)) edited.push_back(file.path.string());
  }
  if (edited.empty()) return {};
  return bad_input(fmt::format(
      "changed by hand, and to be replaced: {}; move your lines to the site's own files beside "
      "pec.toml, or run this with --overwrite, which keeps a copy of each as NAME.edited",
      text::join(edited, ", ")));
}

Result<std::vector<std::string>> plan_of(const std::vector<Step>& steps) {
  std::vector<std::string> lines;
  for (const auto& step : steps) {
    PEC_TRY(auto differences, step.differences());
    for (auto& line : differences) lines.push_back(std::move(line));
  }
  return lines;
}

Result<bool> agreed(const SetupOptions& options, Terminal* terminal) {
  if (options.yes) return true;
  if (terminal == nullptr)
    return bad_input(
        "nobody can be asked whether this is to be done: run it with --yes, or with --dry-run to "
        "see it only");
  PEC_TRY(const auto word, terminal->ask("Do this? (yes or no)", "no"));
  return word == "yes" || word == "y";
}

// The first thing that set-up makes. Each of our users reads it; it holds no secret (refusals.cpp).
Result<void> make_config(const fs::path& file, const Wanted& wanted) {
  if (mkdir(file.parent_path().c_str(), 0755) != 0 && errno != EEXIST)
    return unavailable(
        fmt::format("can't make {}: {}", file.parent_path().string(), errno_text(errno)));
  PEC_TRY_VOID(output_of({"systemd-sysusers", "pec-suite.conf"}));
  PEC_TRY(auto fresh, Replacement::write(file, wanted.text));
  PEC_TRY_VOID(fresh.put_in_place());
  say(file.string() + ": made");
  return {};
}

// What steps need. Of a trial, when it ends.
Result<std::optional<Instant>> make_ground(const fs::path& file, const Wanted& wanted,
                                           const Facts& facts) {
  if (wanted.is_new) PEC_TRY_VOID(make_config(file, wanted));
  if (!is_trial(wanted.config)) return std::optional<Instant>();
  PEC_TRY(const auto trial, make_trial(wanted.config, facts, trial_folder));
  for (const auto& line : trial.lines) say(line);
  return std::optional(trial.end - std::chrono::hours(wanted.config.trust.stop_signing_hours));
}

Result<void> make(const std::vector<Step>& steps) {
  for (const auto& step : steps) {
    const auto began = std::chrono::steady_clock::now();
    PEC_TRY(const auto differences, step.differences());
    if (!differences.empty()) PEC_TRY_VOID(step.make());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    say(fmt::format("{:6.1f} s  {}{}", took.count(), step.title,
                    differences.empty() ? ": as it was" : ""));
  }
  return {};
}

// What ran already reads its files again.
Result<void> restart(const Work& work) {
  std::vector<std::string> units{"pec-scanner.service", "pec-milter.service",
                                 "pec-policyd.service"};
  units.insert(units.end(), work.changed.begin(), work.changed.end());
  for (const auto& unit : units)
    PEC_TRY_VOID(output_of({"systemctl", "try-restart", unit}, {}, std::chrono::minutes(6)));
  return {};
}

Result<void> prove(const std::string& config_file) {
  say("the proof, as \"pecctl selftest\" gives it at any time:");
  PEC_TRY(const auto told,
          service::ask_command({"/proc/self/exe", "--config", config_file, "selftest"}, {},
                               std::chrono::minutes(5)));
  say(std::string(text::without_line_end(told.output)));
  if (told.status == 0) return {};
  return unavailable("the proof failed: what is BAD above says why");
}

// Of a trial, when it ends.
Result<std::optional<Instant>> make_and_prove(const Context& context, const Wanted& wanted,
                                              Work& work, const std::vector<Step>& steps,
                                              bool is_first) {
  if (is_first) PEC_TRY_VOID(check_found_ledger(context, work.config));
  PEC_TRY(const auto end, make_ground(context.config_file, wanted, work.facts));
  PEC_TRY_VOID(make(steps));
  if (!is_first) PEC_TRY_VOID(restart(work));
  PEC_TRY_VOID(prove(context.config_file));
  return end;
}

Answer after_failure(Work& work, bool is_first, const Error& error) {
  Answer answer{{}, {error.detail}, false};
  if (!is_first) {
    answer.problems.emplace_back(
        "what was made stays; correct this, and run \"pecctl setup apply\"");
    return answer;
  }
  say("this failed, and everything is put back:");
  auto outcome = work.record.put_back();
  for (const auto& line : outcome.lines) say("          " + line);
  for (auto& problem : outcome.problems) answer.problems.push_back(std::move(problem));
  if (outcome.problems.empty())
    answer.problems.emplace_back(
        "the host's mail is as it was; pec.toml, keys and secrets stay for the next try");
  return answer;
}

}  // namespace

Result<Answer> set_up(const Context& context, const SetupOptions& options) {
  PEC_TRY_VOID(must_be_root());
  umask(022);  // root's own may keep our services from what is made for them
  const auto terminal = options.yes ? nullptr : open_terminal();
  PEC_TRY(auto facts, look_at_host());
  PEC_TRY(const auto wanted, wanted_config(context, options, facts, terminal.get()));
  PEC_TRY(auto record, SetupRecord::open(SetupRecord::usual_folder));
  const bool is_first = record.empty();
  PEC_TRY_VOID(refuse(context, wanted.config, facts, is_first));
  PEC_TRY(auto files, files_on_host(wanted.config, context.config_file, options.templates));
  if (!options.overwrite) PEC_TRY_VOID(refuse_edited(files));
  Work work{wanted.config, context.config_file, std::move(facts), std::move(files),
            std::move(record)};
  const auto steps = steps_of(work);
  if (wanted.is_new) say(fmt::format("+ {}\n\n{}", context.config_file, wanted.text));
  PEC_TRY(const auto plan, plan_of(steps));
  for (const auto& line : plan) say(line);
  if (options.dry_run) return Answer{};
  if (wanted.is_new || !plan.empty()) {
    PEC_TRY(const bool yes, agreed(options, terminal.get()));
    if (!yes) return Answer{{"nothing was changed"}, {}, false};
  }
  PEC_TRY_VOID(work.record.begin());
  const auto end = make_and_prove(context, wanted, work, steps, is_first);
  if (!end) return after_failure(work, is_first, end.error());
  return Answer{closing_words(work.config, *end)};
}

Result<Answer> check_setup(const Context& context, const SetupOptions& options) {
  PEC_TRY_VOID(must_be_root());
  PEC_TRY(auto facts, look_at_host());
  PEC_TRY(auto config, config::load_config(context.config_file));
  PEC_TRY(auto files, files_on_host(config, context.config_file, options.templates));
  PEC_TRY(auto record, SetupRecord::open(SetupRecord::usual_folder));
  Work work{std::move(config), context.config_file, std::move(facts), std::move(files),
            std::move(record)};
  const auto steps = steps_of(work);
  PEC_TRY(auto lines, plan_of(steps));
  if (lines.empty()) return Answer{{"this host is as pec.toml says"}};
  return Answer{std::move(lines), {}, false};
}

Result<Answer> revert_setup(const SetupOptions& options) {
  PEC_TRY_VOID(must_be_root());
  const auto terminal = open_terminal();
  PEC_TRY(auto record, SetupRecord::open(SetupRecord::usual_folder));
  if (record.empty()) return Answer{{"set-up has made nothing here"}};
  PEC_TRY_VOID(record.refuse_while_mail_waits());
  PEC_TRY(const bool yes, agreed(options, terminal.get()));
  if (!yes) return Answer{{"nothing was changed"}, {}, false};
  auto outcome = record.put_back();
  Answer answer{std::move(outcome.lines), std::move(outcome.problems)};
  if (answer.problems.empty())
    answer.lines.emplace_back(
        "ledger, messages with viruses (/var/lib/pec), settings, keys and secrets (/etc/pec), and "
        "all mailboxes stay: they are evidence");
  return answer;
}

}  // namespace pec::pecctl
