// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/selftest/postfix_tables.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace pec::pecctl {

namespace {

bool separates(char c) {
  return c == ' ' || c == '\t' || c == ',' || c == '\r' || c == '\n';
}

// The length of the first word. Blanks and commas within braces belong to it.
std::size_t length_of_word(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}') --depth;
    if (depth <= 0 && separates(text[i])) return i;
  }
  return text.size();
}

bool is_cache(std::string_view name) {
  return name.find("_cache_") != std::string_view::npos || name == "address_verify_map";
}

class Tables {
public:
  explicit Tables(const std::set<std::string, std::less<>>& types) : types_(types) {}

  void add_from(std::string_view value) {
    while (!value.empty()) {
      if (separates(value.front())) {
        value.remove_prefix(1);
        continue;
      }
      const auto word = value.substr(0, length_of_word(value));
      value.remove_prefix(word.size());
      if (word.front() == '{')  // a list in a list: check_policy_service { ..., ... }
        add_from(word.substr(1, word.ends_with('}') ? word.size() - 2 : std::string_view::npos));
      else
        add(word);
    }
  }

  std::vector<std::string> found;

private:
  void add(std::string_view word) {
    constexpr std::string_view proxy = "proxy:";
    const auto bare = word.starts_with(proxy) ? word.substr(proxy.size()) : word;
    const auto colon = bare.find(':');
    if (colon == std::string_view::npos || !types_.contains(bare.substr(0, colon))) return;
    if (std::find(found.begin(), found.end(), word) == found.end()) found.emplace_back(word);
  }

  const std::set<std::string, std::less<>>& types_;
};

}  // namespace

std::vector<std::string> tables_in(std::string_view settings,
                                   const std::set<std::string, std::less<>>& types) {
  Tables tables(types);
  for (const auto line : text::split(settings, '\n')) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || is_cache(text::trim(line.substr(0, equals)))) continue;
    tables.add_from(line.substr(equals + 1));
  }
  return std::move(tables.found);
}

}  // namespace pec::pecctl
