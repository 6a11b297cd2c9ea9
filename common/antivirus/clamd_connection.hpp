// SPDX-License-Identifier: GPL-2.0-or-later

// One connection to clamd. It never waits beyond its deadline.
//
//     auto clamd = ClamdConnection::open("/run/clamav/clamd.ctl", 5s);
//     clamd->set_deadline(120s);
//     auto answer = clamd->ask_to_scan(message);   // "stream: OK"
//
// Errors: unavailable, with a sentence for the log. It is an error, too, if clamd closes before its
// answer is complete, as it does when it stops. The sentence says if the time was over. One thread
// at a time, once.
#pragma once

#include "base/file.hpp"
#include "base/result.hpp"
#include "mime/rope.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace pec::antivirus {

class ClamdConnection {
public:
  static Result<ClamdConnection> open(const std::string& address,
                                      std::chrono::milliseconds timeout);

  void set_deadline(std::chrono::milliseconds from_now);
  Result<std::string> ask(std::string_view command);
  Result<std::string> ask_to_scan(const mime::Rope& message);

  bool timed_out() const { return timed_out_; }

private:
  using Clock = std::chrono::steady_clock;
  enum class Sent { all, interrupted };  // interrupted: clamd is already answering

  explicit ClamdConnection(FileDescriptor socket) : socket_(std::move(socket)) {}
  Result<short> wait(short events);
  Result<Sent> send(std::string_view bytes);
  Result<Sent> send_chunks(std::string_view slice);
  Result<std::string> read_answer();

  FileDescriptor socket_;
  Clock::time_point deadline_{};
  bool timed_out_ = false;
};

}  // namespace pec::antivirus
