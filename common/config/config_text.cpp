// SPDX-License-Identifier: GPL-2.0-or-later

#include "config/config_text.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace pec::config {

namespace {

constexpr std::string_view about_commented =
    "# Configuration of the PEC suite, in TOML. An option that is commented out has its\n"
    "# default";
constexpr std::string_view about_units =
    "# A secondary unit of the provider, if there is one; repeat it for each further one. The "
    "unit\n"
    "# signs what its users send, and what reaches its mailboxes.\n";

// `value`: what the option is set to; null: nothing.
std::string line_of(const Option& option, const std::string* value) {
  std::string out = fmt::format("# {}", option.doc);
  if (const auto choices = choices_of(option); !choices.empty())
    out += fmt::format(" One of: {}.", choices);
  return out + fmt::format("\n{}{} = {}\n", value == nullptr ? "#" : "", option.name,
                           toml_value(option, value == nullptr ? option.value : *value));
}

const std::string* find(const std::map<std::string, std::string>& values, const std::string& key) {
  const auto found = values.find(key);
  return found == values.end() ? nullptr : &found->second;
}

std::string sections_of(const std::map<std::string, std::string>& values) {
  std::string out;
  std::string_view section;
  for (const auto& option : options()) {
    if (option.section != section) out += fmt::format("\n[{}]\n", option.section);
    section = option.section;
    out += line_of(option, find(values, option.key()));
  }
  return out;
}

std::string commented_unit() {
  auto out = fmt::format("\n{}#[[unit]]\n", about_units);
  for (const auto& option : unit_options()) out += line_of(option, nullptr);
  return out;
}

}  // namespace

std::string toml_value(const Option& option, std::string_view value) {
  if (std::holds_alternative<Number>(option.field))
    if (const auto number = text::number(value)) return std::to_string(*number);
  return '"' +
         text::replace_all(text::replace_all(std::string(value), "\\", "\\\\"), "\"", "\\\"") + '"';
}

std::string config_text(const Values& values) {
  auto out = fmt::format("{}.\n{}", about_commented, sections_of(values.options));
  for (const auto& unit : values.units) {
    out += "\n[[unit]]\n";
    for (const auto& option : unit_options())
      out += line_of(option, find(unit, std::string(option.name)));
  }
  return values.units.empty() ? out + commented_unit() : out;
}

std::string sample_config() {
  std::map<std::string, std::string> examples;
  for (const auto& option : options())
    if (option.required) examples.emplace(option.key(), option.value);
  return fmt::format("{}; the others have no default and must be set.\n{}{}", about_commented,
                     sections_of(examples), commented_unit());
}

}  // namespace pec::config
