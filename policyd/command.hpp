// Runs a program of the administrator's and waits for its end. No shell, no descriptors of ours, nothing
// on its standard input; what it writes goes to our standard error.
//
//     const auto done = run_command({"/usr/local/bin/pec-notify", address, reason}, 30s);
//     if (!done) ...            // did not start, exited with another status than 0, or took too long
//
// One that takes longer than `limit` is killed, with all that it has started (its process group).
// Errors: unavailable, one line for the log, without the arguments. Any thread.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace pec::policy {

// `words`: the program's absolute path, then its arguments.
Result<void> run_command(const std::vector<std::string>& words, std::chrono::milliseconds limit);

}  // namespace pec::policy
