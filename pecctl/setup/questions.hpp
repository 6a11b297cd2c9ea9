// SPDX-License-Identifier: GPL-2.0-or-later

// The one table of what set-up asks for the first pec.toml: the command's options, the questions in
// a terminal and their defaults are made from it.
//
//     for (const Question& each : questions()) print(each.option, each.words);
//
// Any thread; a default may look for files.
#pragma once

#include "config/config_text.hpp"
#include "pecctl/setup/answers.hpp"

#include <span>
#include <string>
#include <string_view>

namespace pec::pecctl {

// What remarks, defaults and checks depend on.
struct Known {
  const Facts& facts;
  const config::Values& answers;  // so far
  const HasFile& exists;
  bool trial = false;

  std::string answer(const std::string& key) const;  // its example in the table of options, if none
};

struct Question {
  std::string_view key;                     // in pec.toml
  const char* option;                       // of the command line
  const char* words;                        // one line, with an example
  std::string (*by_default)(const Known&);  // empty: it must be answered
  bool may_be_left_out = false;             // by an empty value
  // One line that explains the case of this host; empty: nothing is to be explained.
  std::string (*remark)(const Known&) = nullptr;
  // What is wrong with a value besides its form, to follow it; empty: nothing.
  std::string (*flaw)(const Known&, const std::string& value) = nullptr;
};

std::span<const Question> questions();  // in the order in which they are asked

}  // namespace pec::pecctl
