// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/manual.hpp"

#include "base/text.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace pec::service {

namespace {

std::string bold(std::string_view text) {
  return "\\fB" + roff(text) + "\\fR";
}

std::string italic(std::string_view text) {
  return "\\fI" + roff(text) + "\\fR";
}

std::string sentence(std::string_view text) {
  return roff(text) + (text.ends_with('.') ? "" : ".");
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

// Those that are not hidden, with those of its option groups: these are commands without a name.
std::vector<const CLI::Option*> options_of(const CLI::App& command) {
  auto all =
      command.get_options([](const CLI::Option* option) { return !option->get_group().empty(); });
  for (const auto* group : command.get_subcommands([](const CLI::App*) { return true; })) {
    if (!group->get_name().empty()) continue;
    for (const auto* option : options_of(*group))
      if (option != group->get_help_ptr()) all.push_back(option);
  }
  return all;
}

std::vector<const CLI::App*> subcommands_of(const CLI::App& command) {
  return command.get_subcommands([](const CLI::App* each) { return !each->get_name().empty(); });
}

std::string long_name(const CLI::Option& option) {
  return "--" + option.get_lnames().at(0);
}

// "-h, --help", "--config TEXT", "ADDRESS"
std::string option_tag(const CLI::Option& option) {
  if (option.get_positional()) return italic(option.get_name(true));
  std::vector<std::string> names;
  for (const auto& name : option.get_snames()) names.push_back(bold("-" + name));
  for (const auto& name : option.get_lnames()) names.push_back(bold("--" + name));
  return text::join(names, ", ") +
         (takes_value(option) ? " " + italic(option.get_type_name()) : "");
}

std::string option_text(const CLI::Option& option) {
  auto out = sentence(option.get_description());
  if (const auto value = option.get_default_str(); !value.empty() && takes_value(option))
    out += " Default: " + roff(value);
  std::vector<std::string> others;
  for (const auto* other : option.get_excludes()) others.push_back(long_name(*other));
  std::sort(others.begin(), others.end());
  if (!others.empty()) out += fmt::format(" Not together with {}.", bold(text::join(others, ", ")));
  return out;
}

std::string entry_of(const CLI::Option& option) {
  return ".TP\n" + option_tag(option) + "\n" + option_text(option) + "\n";
}

// "pecctl mailbox show"
std::string full_name(const CLI::App& command) {
  const auto* parent = command.get_parent();
  return parent == nullptr ? command.get_name() : full_name(*parent) + " " + command.get_name();
}

// " [--json]" or " ADDRESS": a line is never broken inside of one.
std::string argument_of(const CLI::Option& option) {
  auto text = text::replace_all(option_tag(option), " ", "\\ ");
  if (option.get_positional() && option.get_expected_max() > 1) text += "...";
  return option.get_required() ? " " + text : " [" + text + "]";
}

// All of a command's options but --help, the arguments by position last or alone.
std::string arguments_of(const CLI::App& command, bool positional_alone) {
  std::string named, positional;
  for (const auto* option : options_of(command))
    if (option != command.get_help_ptr())
      (option->get_positional() ? positional : named) += argument_of(*option);
  return positional_alone ? positional : named + positional;
}

// It can be run without one of its sub-commands.
bool runs_itself(const CLI::App& command) {
  return command.get_require_subcommand_min() == 0;
}

// The command, if it can be run, and those below it.
std::vector<const CLI::App*> runnable_of(const CLI::App& command) {
  std::vector<const CLI::App*> all;
  if (runs_itself(command)) all.push_back(&command);
  for (const auto* each : subcommands_of(command)) {
    const auto more = runnable_of(*each);
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

std::string synopsis_line(const CLI::App& command, std::string_view more = {}) {
  return ".HP\n" + bold(full_name(command)) + arguments_of(command, false) + std::string(more) +
         "\n";
}

std::string command_entry(const CLI::App& command) {
  std::string out = ".TP\n" + bold(full_name(command)) + arguments_of(command, true) + "\n" +
                    sentence(command.get_description()) + "\n.RS\n";
  for (const auto* option : options_of(command))
    if (option != command.get_help_ptr()) out += entry_of(*option);
  out += ".RE\n";
  if (!command.get_footer().empty()) out += ".IP\n" + sentence(command.get_footer()) + "\n";
  return out;
}

std::string program_page(const CLI::App& app) {
  const auto commands = subcommands_of(app);
  std::string out = manual_head(app.get_name(), 8, app.get_description()) + ".SH SYNOPSIS\n" +
                    synopsis_line(app, commands.empty() ? "" : " \\fICOMMAND\\fR ...") +
                    ".SH DESCRIPTION\n" + sentence(app.get_description()) + "\n";
  if (!app.get_footer().empty()) out += ".PP\n" + sentence(app.get_footer()) + "\n";
  out += ".SH OPTIONS\n";
  for (const auto* option : options_of(app)) out += entry_of(*option);
  if (!commands.empty()) out += ".SH COMMANDS\nEach has a page of its own.\n";
  for (const auto* command : commands)
    out += ".TP\n" + bold(app.get_name() + "-" + command->get_name()) + "(8)\n" +
           sentence(command->get_description()) + "\n";
  return out;
}

std::string command_page(const CLI::App& command) {
  const auto& program = *command.get_parent();
  std::string out =
      manual_head(program.get_name() + "-" + command.get_name(), 8, command.get_description()) +
      ".SH SYNOPSIS\n";
  const auto runnable = runnable_of(command);
  for (const auto* each : runnable) out += synopsis_line(*each);
  out += ".SH DESCRIPTION\n" + sentence(command.get_description()) + "\n";
  if (!program.get_footer().empty()) out += ".PP\n" + sentence(program.get_footer()) + "\n";
  out += ".SH COMMANDS\n";
  for (const auto* each : runnable) out += command_entry(*each);
  out += ".SH OPTIONS\nEach command has these, too.\n";
  for (const auto* option : options_of(program))
    if (option != program.get_version_ptr()) out += entry_of(*option);
  return out;
}

}  // namespace

std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '.' && (out.empty() || out.back() == '\n')) out += "\\&";  // no request
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '`':
        out += "\\(ga";
        break;
      case '"':
        out += "\\(dq";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '~':
        out += "\\(ti";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// Words are not hyphenated, and lines are not filled out: options and paths stay whole.
std::string manual_head(std::string_view name, int section, std::string_view doc) {
  return fmt::format(
      ".TH {} {} \"\" \"PEC suite\" \"Certified mail\"\n.nr HY 0\n.nh\n.ad l\n.SH NAME\n{} \\- "
      "{}\n",
      roff(name), section, roff(name), roff(doc));
}

std::string manual_page(const CLI::App& app) {
  const bool is_program = app.get_parent() == nullptr;
  return (is_program ? program_page(app) : command_page(app)) + ".SH FILES\n.TP\n" +
         italic("/etc/pec/pec.toml") + "\nThe options, see " + bold("pec.toml") +
         "(5).\n.SH SEE ALSO\n" + bold("pec-suite") + "(7), " +
         (is_program ? "" : bold(app.get_parent()->get_name()) + "(8), ") + bold("pec.toml") +
         "(5)\n";
}

}  // namespace pec::service
