// SPDX-License-Identifier: GPL-2.0-or-later

#include "config/config.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "config/config_text.hpp"
#include "config/options.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <toml++/toml.h>
#include <tuple>
#include <utility>
#include <vector>

namespace pec::config {

namespace {

// Levenshtein's distance: how many letters must be added, dropped or changed to get from a to b.
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

constexpr std::string_view unit_section = "unit";

const Option* find_option(std::span<const Option> among, std::string_view section,
                          std::string_view name) {
  const auto found = std::find_if(among.begin(), among.end(), [&](const Option& option) {
    return option.section == section && option.name == name;
  });
  return found == among.end() ? nullptr : &*found;
}

bool is_section(std::string_view name) {
  return std::any_of(options().begin(), options().end(),
                     [&](const Option& option) { return option.section == name; });
}

// The option that was probably meant: a typing error in the name, or the right name in the wrong
// section.
std::string nearest_key(std::span<const Option> among, std::string_view section,
                        std::string_view name) {
  const auto distance = [&](const Option& option) {
    return std::tuple(edit_distance(name, option.name), edit_distance(section, option.section));
  };
  return std::min_element(
             among.begin(), among.end(),
             [&](const Option& a, const Option& b) { return distance(a) < distance(b); })
      ->key();
}

std::string nearest_section(std::string_view section) {
  return std::string(
      std::min_element(options().begin(), options().end(), [&](const Option& a, const Option& b) {
        return edit_distance(section, a.section) < edit_distance(section, b.section);
      })->section);
}

// Nothing, if the option does not take this type of node.
std::optional<std::string> text_of(const Option& option, const toml::node& node) {
  if (const auto number = node.value_exact<std::int64_t>();
      number && std::holds_alternative<Number>(option.field))
    return std::to_string(*number);
  return node.value_exact<std::string>();
}

// Reads one file into a Config and collects its errors.
class Reader {
public:
  explicit Reader(const std::filesystem::path& path) : path_(path.string()) {}

  // `whole`: the file must have all that is required, and what it lacks gets its default.
  void read(const toml::table& root, bool whole) {
    std::set<const Option*> seen;
    for (const auto& [key, node] : root) {
      if (key.str() == unit_section)
        read_units(key, node);
      else if (!is_section(key.str()))
        unknown_at_top(key, node);
      else if (const auto* section = node.as_table())
        read_section(options(), key.str(), *section, config_, 0, seen);
      else
        complain(key.source().begin,
                 fmt::format("{0} is a section; write [{0}] and its options below", key.str()));
    }
    for (const auto& option : options())
      if (whole && !seen.contains(&option))
        fill_in(option, root.get_as<toml::table>(option.section), config_, 0);
    // Addresses and names are compared with it, in certificates, too.
    config_.provider.domain = text::lower(config_.provider.domain);
    config_.directory.our_provider = config_.provider.name;
    config_.directory.signer_crl_file = config_.trust.crl_file;
    config_.directory.signer_crl_grace_hours = config_.trust.crl_grace_hours;
    for (auto& unit : config_.units) {
      unit.domain = text::lower(unit.domain);
      unit.name = config_.provider.name;
      unit.time_zone = config_.provider.time_zone;
      unit.receipts_refer = config_.provider.receipts_refer;
    }
  }

  struct Read {
    Config config;
    std::vector<Setting> settings;
  };

  Result<Read> result() && {
    if (complaints_.empty()) {
      std::sort(settings_.begin(), settings_.end(), [](const auto& a, const auto& b) {
        return std::tie(a.unit, a.option) < std::tie(b.unit, b.option);
      });
      return Read{std::move(config_), std::move(settings_)};
    }
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

  void read_section(std::span<const Option> known, std::string_view section,
                    const toml::table& table, Config& into, std::size_t unit,
                    std::set<const Option*>& seen) {
    for (const auto& [key, node] : table) {
      const Option* option = find_option(known, section, key.str());
      if (option == nullptr) {
        complain(key.source().begin,
                 fmt::format("unknown option {}.{}; did you mean {}?", section, key.str(),
                             nearest_key(known, section, key.str())));
        continue;
      }
      seen.insert(option);
      const auto value = text_of(*option, node);
      const std::string problem =
          value ? assign(into, *option, *value) : "is not a string; write it in double quotes";
      if (problem.empty())
        settings_.push_back({option, unit, *value, node.source().begin.line});
      else
        complain(node.source().begin, fmt::format("{} {}", option->key(), problem));
    }
  }

  void read_units(const toml::key& key, const toml::node& node) {
    const auto* units = node.as_array();
    if (units == nullptr || !units->is_homogeneous(toml::node_type::table))
      return complain(key.source().begin, "write [[unit]], and a unit's options below");
    std::size_t number = 0;
    for (const auto& each : *units) {
      ++number;
      Config unit;
      std::set<const Option*> seen;
      const auto& table = *each.as_table();
      read_section(unit_options(), unit_section, table, unit, number, seen);
      for (const auto& option : unit_options())
        if (!seen.contains(&option)) fill_in(option, &table, unit, number);
      config_.units.push_back(std::move(unit.provider));
    }
  }

  void unknown_at_top(const toml::key& key, const toml::node& node) {
    complain(key.source().begin,
             node.is_table() ? fmt::format("unknown section [{}]; did you mean [{}]?", key.str(),
                                           nearest_section(key.str()))
                             : fmt::format("option {} is in no section; did you mean {}?",
                                           key.str(), nearest_key(options(), "", key.str())));
  }

  // `section`: the section of the option; null if the file does not have it.
  void fill_in(const Option& option, const toml::table* section, Config& into, std::size_t unit) {
    if (!option.required) {
      const std::string problem = assign(into, option, option.value);
      if (!problem.empty()) throw std::logic_error(option.key() + " (default) " + problem);
      settings_.push_back({&option, unit, std::string(option.value), 0});
      return;
    }
    complain(section != nullptr ? section->source().begin : toml::source_position{},
             fmt::format("{} is missing; write {} = \"{}\" (for example) under [{}]", option.key(),
                         option.name, option.value, option.section));
  }

  std::string path_;
  Config config_;
  std::vector<Setting> settings_;
  std::vector<Complaint> complaints_;
};

Result<Reader::Read> read_config(std::string_view content, const std::filesystem::path& path,
                                 bool whole = true) {
  Reader reader(path);
  try {
    reader.read(toml::parse(content), whole);
  } catch (const toml::parse_error& error) {
    reader.complain(error.source().begin,
                    fmt::format("{}; correct the syntax (TOML)", error.description()));
  }
  return std::move(reader).result();
}

}  // namespace

std::vector<Config::Provider> Config::identities() const {
  std::vector<Provider> all{provider};
  all.insert(all.end(), units.begin(), units.end());
  return all;
}

bool Config::has_unit(std::string_view unit) const {
  return unit.empty() || std::any_of(units.begin(), units.end(), [&](const Provider& each) {
           return text::equals_ignoring_case(each.unit, unit);
         });
}

SendingLimits Config::sending_limits() const {
  return {.recipients = policy.recipients,
          .rate_window = std::chrono::minutes(policy.rate_minutes),
          .rate_messages = policy.rate_messages,
          .rate_recipients = policy.rate_recipients,
          .spam_messages = spam.messages,
          .series_messages = spam.series_messages,
          .infected_messages = antivirus.infected_messages,
          .infected_octets = antivirus.infected_octets};
}

Result<Config> load_config(const std::filesystem::path& path) {
  PEC_TRY(const auto content, read_file(path));
  return parse_config(content, path);
}

Result<Config> parse_config(std::string_view content, const std::filesystem::path& path) {
  PEC_TRY(auto read, read_config(content, path));
  return std::move(read.config);
}

Result<std::vector<Setting>> load_settings(const std::filesystem::path& path) {
  PEC_TRY(const auto content, read_file(path));
  PEC_TRY(auto read, read_config(content, path));
  return std::move(read.settings);
}

Result<Values> load_values(const std::filesystem::path& path) {
  PEC_TRY(const auto content, read_file(path));
  constexpr bool whole = false;
  PEC_TRY(const auto read, read_config(content, path, whole));
  Values values;
  values.units.resize(read.config.units.size());
  for (const auto& setting : read.settings) {
    if (setting.line == 0) continue;  // a unit's default
    if (setting.unit == 0)
      values.options.emplace(setting.option->key(), setting.value);
    else
      values.units[setting.unit - 1].emplace(setting.option->name, setting.value);
  }
  return values;
}

}  // namespace pec::config
