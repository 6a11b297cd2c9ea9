// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl setup` as a whole: look at the host, ask, refuse, show, make, prove; and the way back.
//
//     PEC_TRY(const auto answer, set_up(context, options));
//
// Progress goes to standard output at once, a line for each step. The first set-up of a host that
// fails puts everything back. A later one, which may have mail in its queues, leaves what it has
// made and says how to go on. Needs root. One thread, and one set-up on a host at a time.
#pragma once

#include "pecctl/answer.hpp"
#include "pecctl/context.hpp"
#include "pecctl/setup/answers.hpp"

#include <filesystem>

namespace pec::pecctl {

struct SetupOptions {
  GivenAnswers answers{};
  std::filesystem::path templates = "/usr/share/pec-suite";
  bool yes = false;        // nobody is asked whether the plan is to be made
  bool dry_run = false;    // only the plan
  bool overwrite = false;  // also files that were changed by hand
  bool as_it_is = false;   // with the pec.toml that is there; nothing is asked for
};

Result<Answer> set_up(const Context& context, const SetupOptions& options);

// How the host differs from what pec.toml says. Changes nothing.
Result<Answer> check_setup(const Context& context, const SetupOptions& options);

// Ledger, keys, settings and mail stay. Error: rejected, certified mail is waiting in the queue.
Result<Answer> revert_setup(const SetupOptions& options);

}  // namespace pec::pecctl
