#include "config/config.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "config/options.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <optional>
#include <set>
#include <stdexcept>
#include <toml++/toml.h>
#include <tuple>
#include <utility>
#include <vector>

namespace pec {

namespace {

using config::Option;
using config::options;

// Levenshtein's: how many letters must be added, dropped or changed to get from a to b.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

const Option* find_option(std::string_view section, std::string_view name) {
  const auto found = std::find_if(options().begin(), options().end(), [&](const Option& option) {
    return option.section == section && option.name == name;
  });
  return found == options().end() ? nullptr : &*found;
}

bool is_section(std::string_view name) {
  return std::any_of(options().begin(), options().end(),
                     [&](const Option& option) { return option.section == name; });
}

// The option that was probably meant: a slip of the pen in the name, or the right name in the wrong
// section.
std::string nearest_key(std::string_view section, std::string_view name) {
  const auto distance = [&](const Option& option) {
    return std::tuple(edit_distance(name, option.name), edit_distance(section, option.section));
  };
  return std::min_element(
             options().begin(), options().end(),
             [&](const Option& a, const Option& b) { return distance(a) < distance(b); })
      ->key();
}

std::string nearest_section(std::string_view section) {
  return std::string(
      std::min_element(options().begin(), options().end(), [&](const Option& a, const Option& b) {
        return edit_distance(section, a.section) < edit_distance(section, b.section);
      })->section);
}

// Nothing if the node is of no type that the option takes.
std::optional<std::string> text_of(const Option& option, const toml::node& node) {
  if (const auto number = node.value_exact<std::int64_t>();
      number && std::holds_alternative<config::Number>(option.field))
    return std::to_string(*number);
  return node.value_exact<std::string>();
}

// Reads one file into a Config and gathers what is wrong on the way.
class Reader {
public:
  explicit Reader(const std::filesystem::path& path) : path_(path.string()) {}

  void read(const toml::table& root) {
    for (const auto& [key, node] : root) {
      if (!is_section(key.str()))
        unknown_at_top(key, node);
      else if (const auto* section = node.as_table())
        read_section(key.str(), *section);
      else
        complain(key.source().begin,
                 fmt::format("{0} is a section; write [{0}] and its options below", key.str()));
    }
    for (const auto& option : options())
      if (!seen_.contains(&option)) fill_in(option, root);
  }

  Result<Config> result() && {
    if (complaints_.empty()) return std::move(config_);
    std::stable_sort(complaints_.begin(), complaints_.end(), [](const auto& a, const auto& b) {
      return std::tie(a.line, a.column) < std::tie(b.line, b.column);
    });
    std::vector<std::string> lines;
    for (const auto& complaint : complaints_) lines.push_back(complaint.text);
    return bad_input(text::join(lines, "\n"));
  }

  void complain(const toml::source_position& at, std::string_view what) {
    const std::string where = at ? fmt::format("{}:{}:{}", path_, at.line, at.column) : path_;
    complaints_.push_back(
        {at.line, at.column, text::printable(fmt::format("{}: {}", where, what))});
  }

private:
  struct Complaint {
    toml::source_index line;
    toml::source_index column;
    std::string text;
  };

  void read_section(std::string_view section, const toml::table& table) {
    for (const auto& [key, node] : table) {
      const Option* option = find_option(section, key.str());
      if (option == nullptr) {
        complain(key.source().begin, fmt::format("unknown option {}.{}; did you mean {}?", section,
                                                 key.str(), nearest_key(section, key.str())));
        continue;
      }
      seen_.insert(option);
      const auto value = text_of(*option, node);
      const std::string problem = value ? config::assign(config_, *option, *value)
                                        : "is not a string; write it in double quotes";
      if (!problem.empty())
        complain(node.source().begin, fmt::format("{} {}", option->key(), problem));
    }
  }

  void unknown_at_top(const toml::key& key, const toml::node& node) {
    complain(key.source().begin, node.is_table()
                                     ? fmt::format("unknown section [{}]; did you mean [{}]?",
                                                   key.str(), nearest_section(key.str()))
                                     : fmt::format("option {} is in no section; did you mean {}?",
                                                   key.str(), nearest_key("", key.str())));
  }

  void fill_in(const Option& option, const toml::table& root) {
    if (!option.required) {
      const std::string problem = config::assign(config_, option, option.value);
      if (!problem.empty()) throw std::logic_error(option.key() + " (default) " + problem);
      return;
    }
    const auto* section = root.get_as<toml::table>(option.section);
    complain(section != nullptr ? section->source().begin : toml::source_position{},
             fmt::format("{} is missing; write {} = \"{}\" (for example) under [{}]", option.key(),
                         option.name, option.value, option.section));
  }

  std::string path_;
  Config config_;
  std::set<const Option*> seen_;
  std::vector<Complaint> complaints_;
};

}  // namespace

Result<Config> load_config(const std::filesystem::path& path) {
  const auto content = read_file(path);
  if (!content) return tl::unexpected(content.error());
  Reader reader(path);
  try {
    reader.read(toml::parse(*content));
  } catch (const toml::parse_error& error) {
    reader.complain(error.source().begin,
                    fmt::format("{}; mend the syntax (TOML)", error.description()));
  }
  return std::move(reader).result();
}

std::string sample_config() {
  std::string out =
      "# Configuration of the PEC suite, in TOML. An option that is commented out stands at its\n"
      "# default; the others have no default and must be set.\n";
  std::string_view section;
  for (const auto& option : options()) {
    if (option.section != section) out += fmt::format("\n[{}]\n", option.section);
    section = option.section;
    out += fmt::format("# {}", option.doc);
    if (const auto choices = config::choices_of(option); !choices.empty())
      out += fmt::format(" One of: {}.", choices);
    const std::string_view quote = std::holds_alternative<config::Number>(option.field) ? "" : "\"";
    out += fmt::format("\n{0}{1} = {3}{2}{3}\n", option.required ? "" : "#", option.name,
                       option.value, quote);
  }
  return out;
}

}  // namespace pec
