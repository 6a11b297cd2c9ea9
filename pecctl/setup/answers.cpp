// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/answers.hpp"

#include "base/text.hpp"
#include "config/config_text.hpp"
#include "config/options.hpp"
#include "mime/encoded_word.hpp"
#include "pecctl/setup/host_parts.hpp"
#include "pecctl/setup/questions.hpp"
#include "pecctl/setup/trial.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <system_error>
#include <vector>

namespace pec::pecctl {

namespace {

namespace fs = std::filesystem;
using config::Option;
using config::Values;
using Options = std::map<std::string, std::string>;

// A question's key is in the table of options: questions_test.cpp.
const Option& option_of(std::string_view key) {
  const auto all = config::options();
  return *std::find_if(all.begin(), all.end(),
                       [&](const Option& each) { return each.key() == key; });
}

// What is wrong with a value, to follow its name; empty: nothing.
std::string flaw_of(const Question& question, const std::string& value) {
  if (value.empty() && !question.may_be_left_out) return "is empty; write a value";
  if (!mime::is_utf8(value)) return "is not UTF-8; write it in UTF-8";
  config::Config scratch;
  return config::assign(scratch, option_of(question.key), value);
}

std::string flaw_for_site(const Question& question, const std::string& value, const Known& known) {
  return question.flaw == nullptr ? "" : question.flaw(known, value);
}

// Who typed it is asked once more at once, and does not answer all the other questions in vain.
std::string flaw_on_host(const Question& question, const std::string& value, const Known& known) {
  if (question.key != "site.addresses") return {};
  const auto& all = known.facts.addresses;
  for (const auto& address : words_in(value))
    if (!contains(all, address))
      return fmt::format(
          "has {}, which this host does not have; write some of {}, or stop here and add it",
          address, text::join(all, ", "));
  return {};
}

// A file that is typed is there: it is needed at once.
std::string flaw_of_typed(const Question& question, const std::string& value, const Known& known,
                          const std::string& by_default) {
  auto flaw = flaw_of(question, value);
  const bool is_file = std::holds_alternative<config::AbsolutePath>(option_of(question.key).field);
  if (flaw.empty() && is_file && value != by_default && !known.exists(value))
    return "is not there; write the path of a file";
  if (flaw.empty()) flaw = flaw_on_host(question, value, known);
  return flaw.empty() ? flaw_for_site(question, value, known) : flaw;
}

std::string remark_on(const Question& question, const Known& known) {
  return question.remark == nullptr ? "" : question.remark(known);
}

Result<std::string> ask(const Question& question, const Known& known, Terminal& terminal) {
  const auto by_default = question.by_default(known);
  if (const auto remark = remark_on(question, known); !remark.empty()) terminal.say("\n" + remark);
  for (;;) {
    PEC_TRY(auto typed, terminal.ask(question.words, by_default));
    const auto flaw =
        typed.empty() ? "An answer is needed." : flaw_of_typed(question, typed, known, by_default);
    if (flaw.empty()) return typed;
    terminal.say(typed.empty() ? flaw : fmt::format("\"{}\" {}.", text::printable(typed), flaw));
  }
}

std::string missing(const Question& question, const Known& known) {
  const auto remark = remark_on(question, known);
  return fmt::format("{} is missing; give it with {}, or in the file of --answers: {}",
                     question.key, question.option, remark.empty() ? question.words : remark);
}

std::string wrong(const Question& question, const std::string& flaw) {
  return fmt::format("{} ({}) {}", question.option, question.key, flaw);
}

// Not asked for, and not left to a default: what the programs need here has no default, and the
// instances' Postfix has this table.
void add_what_is_always_set(Options& options) {
  for (const auto& option : config::options())
    if (option.section == "internal" && option.required)
      options.emplace(option.key(), option.value);
  options.emplace("directory_sync.tls_policy_map", "hash:/var/lib/pec/tls-policy");
}

// The mailbox from which `pecctl selftest` writes to itself, where mailboxes are made by us.
void add_probe(Options& options) {
  const auto accounts = options.find("site.accounts");
  if (accounts != options.end() && accounts->second == "elsewhere") return;
  options.emplace("site.probe_mailbox", "verifica@" + options["provider.domain"]);
  options.emplace("site.probe_password_file", "/etc/pec/probe.secret");
}

// The command line's answers, the file's, and a trial's.
struct Gathered {
  Values values{};
  std::vector<std::string> problems{};
  std::set<std::string_view> wrong_keys{};
};

Result<Gathered> gather(const GivenAnswers& given, const Facts& facts) {
  Gathered all;
  if (!given.file.empty()) {
    PEC_TRY(all.values, config::load_values(given.file));
  }
  for (const auto& question : questions()) {
    const auto found = given.options.find(std::string(question.key));
    if (found == given.options.end()) continue;
    if (const auto flaw = flaw_of(question, found->second); !flaw.empty()) {
      all.problems.push_back(wrong(question, flaw));
      all.wrong_keys.insert(question.key);
    }
    all.values.options[found->first] = found->second;
  }
  if (given.trial) all.values.options.merge(trial_options(trial_folder, facts));
  add_what_is_always_set(all.values.options);
  return all;
}

bool is_answered(const Question& question, const Options& options) {
  const auto found = options.find(std::string(question.key));
  return found != options.end() && (question.may_be_left_out || !found->second.empty());
}

}  // namespace

bool has_file(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

void add_questions(CLI::App& command, GivenAnswers& given) {
  for (const auto& question : questions())
    command.add_option_function<std::string>(
        question.option,
        [&given, key = std::string(question.key)](const std::string& value) {
          given.options[key] = value;
        },
        question.words);
  command.add_option("--answers", given.file,
                     "A file of answers in the language of pec.toml; it may set any option, and "
                     "have [[unit]]");
  command.add_flag("--trial", given.trial,
                   "Make certificates and a directory for a trial, and say in each receipt that it "
                   "has no legal value");
}

Result<std::string> new_config(const GivenAnswers& given, const Facts& facts, Terminal* terminal,
                               const HasFile& exists) {
  PEC_TRY(auto gathered, gather(given, facts));
  auto& [values, problems, wrong_keys] = gathered;
  if (terminal != nullptr && !problems.empty()) return bad_input(text::join(problems, "\n"));
  const Known known{facts, values, exists, given.trial};
  for (const auto& question : questions()) {
    if (wrong_keys.contains(question.key)) continue;
    if (is_answered(question, values.options)) {
      const auto flaw = flaw_for_site(question, known.answer(std::string(question.key)), known);
      if (!flaw.empty()) problems.push_back(wrong(question, flaw));
    } else if (terminal != nullptr) {
      PEC_TRY(auto typed, ask(question, known, *terminal));
      values.options[std::string(question.key)] = std::move(typed);
    } else if (auto by_default = question.by_default(known); !by_default.empty()) {
      values.options[std::string(question.key)] = std::move(by_default);
    } else {
      problems.push_back(missing(question, known));
    }
  }
  if (!problems.empty()) return bad_input(text::join(problems, "\n"));
  auto& domain = values.options["provider.domain"];
  domain = text::lower(domain);
  add_probe(values.options);
  auto text = config::config_text(values);
  PEC_TRY_VOID(config::parse_config(text, "pec.toml"));
  return text;
}

}  // namespace pec::pecctl
