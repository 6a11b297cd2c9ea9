// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl config`: the options of pec.toml, as they may be and as they hold. Each line of `show`
// has an option, its value and its origin. The part before the # is TOML.
//
//     milter.socket = "unix:/run/pec/milter.sock"  # default
//     ledger.connection = "postgresql://pec:********@db.alfa.example/pec"  # /etc/pec/pec.toml:31
//
// `check` looks at the file and at the rights on the files that it names; it opens none of them.
// pec-milter --check also loads the keys, the directory and the ledger.

#include "base/text.hpp"
#include "config/config_text.hpp"
#include "config/option_checks.hpp"
#include "config/options.hpp"
#include "pecctl/commands.hpp"

#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>

namespace pec::pecctl {

namespace {

using config::Setting;

Result<Answer> sample(const Context&) {
  return Answer{{std::string(text::without_line_end(config::sample_config()))}};
}

Result<Answer> check(const Context& context) {
  const auto& file = context.config_file;
  Answer answer;
  if (const auto config = config::load_config(file))
    answer.problems = config::unsafe_files(*config, file, config::all_file_uses());
  else
    for (const auto line : text::split(config.error().detail, '\n'))
      answer.problems.emplace_back(line);
  if (answer.problems.empty())
    answer.lines.push_back(fmt::format(
        "{}: the options are good; \"pec-milter --check\" also tries what they name", file));
  return answer;
}

std::string key_of(const Setting& setting) {
  return setting.unit == 0 ? setting.option->key()
                           : fmt::format("unit[{}].{}", setting.unit, setting.option->name);
}

std::string value_of(const Setting& setting) {
  return setting.option->key() == "ledger.connection" ? config::without_password(setting.value)
                                                      : setting.value;
}

std::string origin_of(const Setting& setting, const std::string& file) {
  return setting.line == 0 ? "default" : fmt::format("{}:{}", file, setting.line);
}

bool is_number(const Setting& setting) {
  return std::holds_alternative<config::Number>(setting.option->field);
}

Json json_of(const Setting& setting, const std::string& file) {
  Json value = value_of(setting);
  if (const auto number = text::number(setting.value); number && is_number(setting))
    value = *number;
  return {{"key", key_of(setting)}, {"value", value}, {"origin", origin_of(setting, file)}};
}

Result<Answer> show(const Context& context, bool json) {
  const auto& file = context.config_file;
  const auto settings = config::load_settings(file);
  Answer answer;
  if (!settings) {
    for (const auto line : text::split(settings.error().detail, '\n'))
      answer.problems.emplace_back(line);
    return answer;
  }
  Json all = Json::array();
  for (const auto& setting : *settings)
    if (json)
      all.push_back(json_of(setting, file));
    else
      answer.lines.push_back(fmt::format("{} = {}  # {}", key_of(setting),
                                         config::toml_value(*setting.option, value_of(setting)),
                                         text::printable(origin_of(setting, file))));
  if (json) answer.lines.push_back(json_text(all));
  return answer;
}

}  // namespace

void add_config(CLI::App& app, Command& chosen) {
  auto& group = add_group(app, "config", "The options in the configuration file");
  add_command(group, chosen, "sample", "Print a file with every option, what it does, its default",
              sample);
  add_command(group, chosen, "check", "Say what is wrong in the file, and with what it names",
              check)
      .footer("Exit status: 0 if nothing is wrong; 1 if something is, with a line for each.");
  const auto json = std::make_shared<bool>(false);
  auto& showing =
      add_command(group, chosen, "show",
                  "What each option is set to, and where: a line of the file, or default",
                  [json](const Context& context) { return show(context, *json); });
  showing.add_flag("--json", *json, "For programs: JSON");
  showing.footer(
      "The options of a secondary unit are named unit[1].domain for the first of them. A password "
      "in ledger.connection is not shown.");
}

}  // namespace pec::pecctl
