// SPDX-License-Identifier: GPL-2.0-or-later

// pec.toml as it is written: by `pecctl setup` for a new host, and as answers for that.
//
//     PEC_TRY(auto values, load_values("/root/answers.toml"));
//     values.options["provider.domain"] = "pec.alfa.example";
//     const auto text = config_text(values);
//     PEC_TRY(const auto config, parse_config(text, "/etc/pec/pec.toml"));
//
// Errors are those of load_config(). Any thread.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"
#include "config/options.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pec::config {

// What a file sets, and nothing else.
struct Values {
  std::map<std::string, std::string> options;             // "provider.domain" -> "pec.alfa.example"
  std::vector<std::map<std::string, std::string>> units;  // "domain" -> ..., for each [[unit]]

  bool operator==(const Values&) const = default;
};

// Of a file that may lack required options, but none of a unit's.
Result<Values> load_values(const std::filesystem::path& path);

// Every option with its documentation. Those in `values` are set, the others are commented out with
// their default. The values must have passed assign().
std::string config_text(const Values& values);

// Of text that is in no file yet. `path`: where it will be, for the messages.
Result<Config> parse_config(std::string_view content, const std::filesystem::path& path);

// A value as TOML: "\"pec.alfa.example\"", "22". It must have passed assign().
std::string toml_value(const Option& option, std::string_view value);

}  // namespace pec::config
