// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/terminal.hpp"

#include "base/text.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <iostream>
#include <unistd.h>

namespace pec::pecctl {

namespace {

class StandardTerminal final : public Terminal {
public:
  void say(std::string_view text) override { fmt::print(stderr, "{}\n", text); }

  Result<std::string> ask(std::string_view question, std::string_view by_default) override {
    fmt::print(stderr, "\n{}\n{}> ", question,
               by_default.empty() ? "" : fmt::format("[{}] ", by_default));
    std::string line;
    if (!std::getline(std::cin, line))
      return bad_input("the input ended before all questions were answered");
    const auto typed = text::trim(line);
    return std::string(typed.empty() ? by_default : typed);
  }
};

}  // namespace

std::unique_ptr<Terminal> open_terminal() {
  if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) return nullptr;
  return std::make_unique<StandardTerminal>();
}

}  // namespace pec::pecctl
