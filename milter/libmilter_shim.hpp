// SPDX-License-Identifier: GPL-2.0-or-later

// Hides libmilter behind one function. No other file includes <libmilter/mfapi.h>.
//
// Each connection gets a MailSession, which asks `admit` about each recipient. At the end of each
// message, `handle` gets the transaction and the queue file. Any of libmilter's threads may call
// both; their answers become the reply.
#pragma once

#include "milter/handling.hpp"
#include "milter/load.hpp"
#include "milter/mail_session.hpp"
#include "milter/tally.hpp"

#include <filesystem>
#include <functional>
#include <string>

namespace pec::milter {

struct Handlers {
  MailSession::Admission admit;
  std::function<Outcome(const Transaction&, QueueFile&)> handle;
  Tally* tally = nullptr;  // counts messages put off here; outlives serve()
};

struct ShimOptions {
  std::string socket;              // libmilter's syntax: "inet:8899@127.0.0.1", "unix:/run/..."
  std::filesystem::path temp_dir;  // for the bodies
  LoadLimits limits;
  std::function<void()> listening;  // called once, when clients can connect
};

// Serves until SIGTERM or SIGINT. Throws std::runtime_error if the socket can't be opened.
void serve(const ShimOptions& options, Handlers handle_with);

}  // namespace pec::milter
