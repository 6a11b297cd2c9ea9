// SPDX-License-Identifier: GPL-2.0-or-later

// Reads the text of a value: puts it in its place in Config, or says why it is wrong.
#include "base/text.hpp"
#include "config/option_checks.hpp"
#include "config/options.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec::config {

namespace {

template <class E>
std::string joined_names(const Choice<E>& choice) {
  std::vector<std::string> names;
  for (const auto& [name, value] : choice.names) names.emplace_back(name);
  return text::join(names, " | ");
}

// One overload for each kind of field: checks the value, then puts it in its place.
std::string put(Config& config, const Text& field, std::string_view value) {
  auto problem = field.check(value);
  if (problem.empty()) field.place(config) = value;
  return problem;
}

std::string put(Config& config, const AbsolutePath& field, std::string_view value) {
  const bool left_out = value.empty() && field.may_be_empty;
  if (!left_out && !value.starts_with('/'))
    return "is not an absolute path; write one that begins with /";
  field.place(config) = value;
  return "";
}

std::string put(Config& config, const Number& field, std::string_view value) {
  const auto number = text::number(value);
  const bool allowed = number && ((*number >= field.least && *number <= field.most) ||
                                  (field.zero_too && *number == 0));
  if (!allowed)
    return fmt::format("is not a whole number from {} to {}{}", field.least, field.most,
                       field.zero_too ? ", nor 0" : "");
  field.place(config) = *number;
  return "";
}

std::string put(Config& config, const Extensions& field, std::string_view value) {
  const auto words = text::replace_all(std::string(value), ",", " ");
  std::vector<std::string> extensions;
  for (const auto word : text::split(words, ' ')) {
    if (word.empty()) continue;
    const auto extension = text::lower(word.substr(word.starts_with('.') ? 1 : 0));
    if (extension.empty() ||
        extension.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") != std::string::npos)
      return fmt::format("holds \"{}\", which is not an extension; write letters and digits", word);
    extensions.push_back(extension);
  }
  field.place(config) = std::move(extensions);
  return "";
}

std::string put(Config& config, const Words& field, std::string_view value) {
  std::vector<std::string> words;
  for (const auto word : text::split(value, ' ')) {
    if (word.empty()) continue;
    if (const auto problem = field.check(word); !problem.empty())
      return fmt::format("holds \"{}\", which {}", word, problem);
    words.push_back(field.lower ? text::lower(word) : std::string(word));
  }
  field.place(config) = std::move(words);
  return "";
}

template <class E>
std::string put(Config& config, const Choice<E>& field, std::string_view value) {
  for (const auto& [name, choice] : field.names) {
    if (name != value) continue;
    field.place(config) = choice;
    return "";
  }
  if (!field.former.first.empty() && field.former.first == value)
    return std::string(field.former.second);
  return fmt::format("is not a choice; write one of {}", joined_names(field));
}

}  // namespace

std::string assign(Config& config, const Option& option, std::string_view value) {
  if (auto problem = no_control_characters(value); !problem.empty()) return problem;
  return std::visit([&](const auto& field) { return put(config, field, value); }, option.field);
}

std::string choices_of(const Option& option) {
  const auto names = [](const auto& field) -> std::string {
    if constexpr (requires { field.names; }) return joined_names(field);
    return "";
  };
  return std::visit(names, option.field);
}

}  // namespace pec::config
