// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl selftest`: whether this host is fit for certified mail, after any change. A line for each
// row of the table of checks (selftest/checks.hpp).
//
//     good  milter           unix:/run/pec/milter.sock answers
//     off   message          site.probe_mailbox is not set
//     BAD   policy           unix:/run/pec/policy.sock: Connection refused. Start pec-policyd, ...
//
// Root sees all of it. To the service's user, the rows that need root are off. If pec.toml itself
// is wrong, nothing else can be looked at.

#include "base/text.hpp"
#include "pecctl/commands.hpp"
#include "pecctl/selftest/checks.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>

namespace pec::pecctl {

namespace {

struct Options {
  std::vector<std::string> only;  // empty: all
  bool json = false;
};

struct Row {
  std::string_view name;
  Finding finding;
};

std::string_view word_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::good:
      return "good";
    case Verdict::bad:
      return "BAD";
    case Verdict::off:
      return "off";
  }
  return "";
}

std::string line_of(const Row& row) {
  const auto& [verdict, found, remedy] = row.finding;
  return fmt::format("{:<4}  {:<15}  {}{}{}", word_of(verdict), row.name, found,
                     remedy.empty() ? "" : ". ", remedy);
}

Json json_of(const Row& row) {
  return {{"name", row.name},
          {"state", text::lower(word_of(row.finding.verdict))},
          {"found", row.finding.found},
          {"remedy", row.finding.remedy}};
}

std::vector<Row> rows_of(const Context& context, const std::vector<std::string>& only) {
  const auto config = config::load_config(context.config_file);
  if (!config)
    return {{"config", bad(text::replace_all(config.error().detail, "\n", "; "),
                           "Correct this first: nothing else can be looked at.")}};
  std::vector<Row> rows{{"config", good(context.config_file + ": the options are good")}};
  for (const auto& check : checks())
    if (only.empty() || std::find(only.begin(), only.end(), check.name) != only.end())
      rows.push_back({check.name, run_check(check, {context, *config})});
  return rows;
}

Result<Answer> selftest(const Context& context, const Options& options) {
  const auto rows = rows_of(context, options.only);
  Answer answer;
  Json all = Json::array();
  for (const auto& row : rows) {
    answer.good = answer.good && row.finding.verdict != Verdict::bad;
    if (options.json)
      all.push_back(json_of(row));
    else
      answer.lines.push_back(line_of(row));
  }
  if (options.json) answer.lines.push_back(json_text(all));
  return answer;
}

std::vector<std::string> names() {
  std::vector<std::string> all{"config"};
  for (const auto& check : checks()) all.emplace_back(check.name);
  return all;
}

}  // namespace

void add_selftest(CLI::App& app, Command& chosen) {
  const auto options = std::make_shared<Options>();
  auto& command =
      add_command(app, chosen, "selftest", "Whether this host is fit for certified mail",
                  [options](const Context& context) { return selftest(context, *options); });
  command.add_option("--only", options->only, "These checks alone, and that of the options")
      ->type_name("NAME")
      ->check(CLI::IsMember(names()).description(""));
  command.add_flag("--json", options->json, "For programs: JSON");
  command.footer(
      "The checks: " + text::join(names(), ", ") +
      ". Each is good, BAD, or off: not configured, or not to be known here. Exit status: 1 if "
      "one is BAD; else 0. With site.probe_mailbox it sends a certified message, waits for its "
      "receipts, and removes them.");
}

}  // namespace pec::pecctl
