// SPDX-License-Identifier: GPL-2.0-or-later

// Runs another program and waits for its end. No shell, no descriptors of ours.
//
//     const auto done = run_command({"/usr/local/bin/pec-notify", address, reason}, 30s);
//     if (!done) ...  // did not start, exited with another status than 0, or took too long
//     const auto ran = ask_command({postmap, "-q", "-", table}, "info@b.example\n", 10s);
//     if (ran && ran->status == 0) read(ran->output);
//
// Kills a program that takes longer than `limit`, with all that it has started (its process group).
// Errors: unavailable, one line for the log, without the arguments. Any thread.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace pec::service {

// `words`: the program's absolute path, then its arguments. Its input is empty; its output goes to
// our standard error. Only status 0 is success.
Result<void> run_command(const std::vector<std::string>& words, std::chrono::milliseconds limit);

struct CommandAnswer {
  int status = 0;  // its exit status
  std::string output, errors;

  bool operator==(const CommandAnswer&) const = default;
};

// The same for a program that reads `input` and answers; both are kept in memory. An answer of more
// than 16 MiB is an error.
Result<CommandAnswer> ask_command(const std::vector<std::string>& words, std::string_view input,
                                  std::chrono::milliseconds limit);

}  // namespace pec::service
