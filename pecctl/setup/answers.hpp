// SPDX-License-Identifier: GPL-2.0-or-later

// The first pec.toml of a host: what it needs, and nobody can find out. A person answers, or the
// command line, or a file.
//
//     GivenAnswers given;
//     add_questions(command, given);          // --domain, --provider-name, ..., --answers, --trial
//     PEC_TRY(const auto facts, look_at_host());
//     PEC_TRY(const auto text, new_config(given, facts, open_terminal().get()));
//
// The command line counts before the file, the file before what a trial brings with it, and this
// before the default of a question. If there is nobody to ask, defaults hold. One thread.
#pragma once

#include "base/result.hpp"
#include "pecctl/setup/facts.hpp"
#include "pecctl/setup/terminal.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace pec::pecctl {

struct GivenAnswers {
  std::map<std::string, std::string> options;  // "provider.domain" -> value, of the command line
  // In the language of pec.toml; it may set any option, [[unit]] too. Empty: none.
  std::filesystem::path file;
  bool trial = false;  // trial.hpp makes what authorities give to a real provider
};

// Adds an option for each question, and --answers and --trial. `given` must outlive the command.
void add_questions(CLI::App& command, GivenAnswers& given);

// The files of the host, as far as defaults depend on them.
using HasFile = std::function<bool(const std::filesystem::path&)>;
bool has_file(const std::filesystem::path& path);

// The text of pec.toml, commented as `pecctl config sample` is. What was answered is set, and what
// set-up always needs. It may hold a password, in ledger.connection.
//
// `terminal`: null, if there is nobody to ask. A wrong answer of the command line or of the file is
// an error; a wrong one that was typed is asked for again. Error: bad_input, a line for each answer
// that is missing or wrong, with its option and its key.
Result<std::string> new_config(const GivenAnswers& given, const Facts& facts, Terminal* terminal,
                               const HasFile& exists = has_file);

}  // namespace pec::pecctl
