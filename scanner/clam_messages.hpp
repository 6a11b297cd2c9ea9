// SPDX-License-Identifier: GPL-2.0-or-later

// Collects libclamav's messages. Its return codes say little ("Malformed database"); only its
// messages name the line and the cause. Without this class they would go to stderr.
//
//     ClamMessages messages;                 // collects this thread's messages from here on
//     if (cl_load(...) != CL_SUCCESS) report(messages.errors());
//
// libclamav works in the thread that called it, so each thread gets the messages of its own calls.
// One object at a time for each thread. The first one starts libclamav (cl_init); throws
// std::runtime_error if that fails.
#pragma once

#include <string>

namespace pec::scanner {

class ClamMessages {
public:
  ClamMessages();
  ClamMessages(const ClamMessages&) = delete;
  ClamMessages& operator=(const ClamMessages&) = delete;
  ~ClamMessages();

  // All errors on one line, cut off at a few hundred bytes; empty if there were none.
  const std::string& errors() const { return errors_; }
  // The first error that the machine caused (disk, memory, descriptors), not the scanned bytes.
  const std::string& first_shortage() const { return first_shortage_; }

private:
  friend void hear_error(const char* message, int error_number) noexcept;

  std::string errors_;
  std::string first_shortage_;
};

}  // namespace pec::scanner
