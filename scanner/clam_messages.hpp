// SPDX-License-Identifier: GPL-2.0-or-later

// What libclamav says while it works. Its return codes tell little ("Malformed database"); the line
// and the cause stand in messages, which without this would go to stderr.
//
//     ClamMessages messages;                 // from here on, of this thread
//     if (cl_load(...) != CL_SUCCESS) report(messages.errors());
//
// libclamav works in the thread that called it, so what a thread hears is about its own call. One
// at a time for each thread. Makes libclamav ready (cl_init) on first use; throws std::runtime_error
// if that fails.
#pragma once

#include <string>

namespace pec::scanner {

class ClamMessages {
public:
  ClamMessages();
  ClamMessages(const ClamMessages&) = delete;
  ClamMessages& operator=(const ClamMessages&) = delete;
  ~ClamMessages();

  // All errors on one line, cut off at a few hundred bytes; empty if there was none.
  const std::string& errors() const { return errors_; }
  // The first error that came of the machine (disk, memory, descriptors) and not of what was read.
  const std::string& first_shortage() const { return first_shortage_; }

private:
  friend void hear_error(const char* message, int error_number) noexcept;

  std::string errors_;
  std::string first_shortage_;
};

}  // namespace pec::scanner
