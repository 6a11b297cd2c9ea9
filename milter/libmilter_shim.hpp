// libmilter, behind one function. No other file includes <libmilter/mfapi.h>.
//
// Each connection gets a MailSession; at the end of each message `handler` gets the transaction and
// the queue file, from any of libmilter's threads, and its outcome becomes the reply.
#pragma once

#include "roles.hpp"

#include <filesystem>
#include <functional>
#include <string>

namespace pec::milter {

using Handler = std::function<Outcome(const Transaction&, QueueFile&)>;

struct ShimOptions {
  std::string socket;              // libmilter's syntax: "inet:8899@127.0.0.1", "unix:/run/..."
  std::filesystem::path temp_dir;  // for the bodies
};

// Serves until SIGTERM or SIGINT. Throws std::runtime_error if the socket can't be opened.
void serve(const ShimOptions& options, Handler handler);

}  // namespace pec::milter
