// SPDX-License-Identifier: GPL-2.0-or-later

// The person in front of `pecctl setup`, if there is one.
//
//     const auto terminal = open_terminal();                     // null: nobody to ask
//     PEC_TRY(const auto domain, terminal->ask("The mail domain", "pec.alfa.example"));
//
// Questions go to standard error, so that standard output stays for the answer of the command. One
// thread.
#pragma once

#include "base/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace pec::pecctl {

class Terminal {
public:
  Terminal() = default;
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  virtual ~Terminal() = default;

  // Lines of their own, such as what is wrong with an answer.
  virtual void say(std::string_view text) = 0;
  // What was typed, without blanks at both ends; the default, if that is nothing. Error: bad_input,
  // if the input is at its end.
  virtual Result<std::string> ask(std::string_view question, std::string_view by_default) = 0;
};

// Standard input and standard error. Null, if one of them is not a terminal.
std::unique_ptr<Terminal> open_terminal();

}  // namespace pec::pecctl
