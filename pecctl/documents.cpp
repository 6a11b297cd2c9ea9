// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/documents.hpp"

#include "base/text.hpp"
#include "config/options.hpp"
#include "service/manual.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec::pecctl {

using service::roff;

namespace {

// --- pec.toml(5) ---

std::string value_text(const config::Option& option) {
  const bool is_number = std::holds_alternative<config::Number>(option.field);
  return is_number ? std::string(option.value) : fmt::format("\"{}\"", option.value);
}

std::string bounds_of(const config::Option& option) {
  const auto* number = std::get_if<config::Number>(&option.field);
  if (number == nullptr) return "";
  return fmt::format(" From {} to {}{}.", number->least, number->most,
                     number->zero_too ? ", or 0" : "");
}

std::string entry_of(const config::Option& option) {
  auto doc = std::string(option.doc);
  if (const auto choices = config::choices_of(option); !choices.empty())
    doc += fmt::format(" One of: {}.", choices);
  doc += bounds_of(option);
  return fmt::format(".TP\n\\fB{}\\fR\n{}\n.br\n{}: {}\n", roff(option.name), roff(doc),
                     option.required ? "Must be set; for example" : "Default",
                     roff(value_text(option)));
}

std::string page_of_options() {
  auto out = service::manual_head("pec.toml", 5, "the options of the PEC suite") +
             ".SH DESCRIPTION\n\\fI/etc/pec/pec.toml\\fR holds the options of all programs of the "
             "PEC suite, in TOML: sections in brackets, and below each its options.\n.PP\n"
             ".EX\n[log]\nlevel = \\(dqdebug\\(dq\n.EE\n.PP\n"
             "A value is text in double quotes; a number may stand without them. Most options may "
             "be left out, and then have their default. An unknown option is an error.\n.PP\n"
             "\\fBpecctl config sample\\fR prints a file with every option. \\fBpecctl config "
             "check\\fR says what is wrong in a file, and \\fBpecctl config show\\fR what holds. "
             "A program reads the file when it starts.\n.SH OPTIONS\n";
  std::string_view section;
  for (const auto& option : config::options()) {
    if (option.section != section) out += fmt::format(".SS [{}]\n", roff(option.section));
    section = option.section;
    out += entry_of(option);
  }
  out +=
      ".SS [[unit]]\nA secondary unit of the provider, if there is one. The section may stand "
      "several times, once for each unit.\n";
  for (const auto& option : config::unit_options()) out += entry_of(option);
  return out +
         ".SH FILES\n.TP\n\\fI/etc/pec/pec.toml\\fR\n"
         "No stranger may be able to change it, or the files that it names.\n"
         ".SH SEE ALSO\n\\fBpec\\-suite\\fR(7), \\fBpecctl\\-config\\fR(8), "
         "\\fBpec\\-milter\\fR(8)\n";
}

// --- Completion ---

std::vector<const CLI::App*> commands_below(const CLI::App& command) {
  return command.get_subcommands([](const CLI::App*) { return true; });
}

// The words that may follow, and those of them that a value follows.
void gather_words(const CLI::App& command, std::vector<std::string>& words,
                  std::vector<std::string>& with_value) {
  for (const auto* below : commands_below(command))
    if (below->get_name().empty())
      gather_words(*below, words, with_value);  // a group of options
    else
      words.push_back(below->get_name());
  for (const auto* option : command.get_options()) {
    if (option->get_group().empty()) continue;
    for (const auto& name : option->get_lnames()) {
      words.push_back("--" + name);
      if (option->get_items_expected_max() > 0) with_value.push_back("--" + name);
    }
  }
}

// A case for each command: "/mailbox/show) words='--json --help' ;;"
void add_cases(const CLI::App& command, const std::string& path, std::string& cases,
               std::string& paths, std::vector<std::string>& with_value) {
  std::vector<std::string> words;
  gather_words(command, words, with_value);
  if (!path.empty()) words.emplace_back("--config");
  cases += fmt::format("    '{}') words='{}' ;;\n", path, text::join(words, " "));
  if (!path.empty()) paths += (paths.empty() ? "" : "|") + path;
  for (const auto* below : commands_below(command))
    if (!below->get_name().empty())
      add_cases(*below, path + "/" + below->get_name(), cases, paths, with_value);
}

}  // namespace

Result<std::string> manual(const CLI::App& pecctl, std::string_view page) {
  if (page == "pec.toml") return page_of_options();
  if (page == pecctl.get_name()) return service::manual_page(pecctl);
  for (const auto* command : commands_below(pecctl))
    if (page == pecctl.get_name() + "-" + command->get_name())
      return service::manual_page(*command);
  return bad_input(fmt::format("there is no page {}", text::printable(page)));
}

std::string bash_completion(const CLI::App& pecctl) {
  std::string cases, paths;
  std::vector<std::string> with_value;
  add_cases(pecctl, "", cases, paths, with_value);
  std::sort(with_value.begin(), with_value.end());
  with_value.erase(std::unique(with_value.begin(), with_value.end()), with_value.end());
  return fmt::format(
      R"(# Completion of pecctl's command line. pecctl prints this; it is not edited.
_pecctl() {{
  local path= words= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case $path/${{COMP_WORDS[i]}} in
      {}) path+=/${{COMP_WORDS[i]}} ;;
    esac
  done
  COMPREPLY=()
  case ${{COMP_WORDS[COMP_CWORD-1]}} in
    {}) return ;;  # a value, or a file
  esac
  case $path in
{}  esac
  COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _pecctl pecctl
)",
      paths, text::join(with_value, "|"), cases);
}

}  // namespace pec::pecctl
