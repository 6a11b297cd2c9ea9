// SPDX-License-Identifier: GPL-2.0-or-later

#include "scanner/clam_messages.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <clamav.h>
#include <fmt/format.h>
#include <stdexcept>

namespace pec::scanner {

namespace {

constexpr std::size_t longest = 300;

thread_local ClamMessages* listener = nullptr;

// libclamav reports a damaged attachment and a full disk in the same way. The error of the system
// call tells them apart.
bool is_shortage(int error_number) {
  constexpr std::array shortages = {ENOSPC, EDQUOT, EFBIG, EROFS, EIO, EMFILE, ENFILE, ENOMEM};
  return std::find(shortages.begin(), shortages.end(), error_number) != shortages.end();
}

}  // namespace

// If memory is short, a message may be lost. An exception here would end the process in C code.
void hear_error(const char* message, int error_number) noexcept try {
  if (!listener) return;
  const std::string line = text::printable(text::trim(message));
  std::string& errors = listener->errors_;
  if (errors.size() < longest) errors += (errors.empty() ? "" : "; ") + line;
  if (listener->first_shortage_.empty() && is_shortage(error_number))
    listener->first_shortage_ = line;
} catch (...) {
}

namespace {

extern "C" void pec_clam_message(cl_msg severity, const char*, const char* message, void*) {
  const int error_number = errno;
  if (severity == CL_MSG_ERROR) hear_error(message, error_number);
  errno = error_number;
}

// Both calls affect the whole process and must come before its other threads call the library.
void initialise_once() {
  static const cl_error_t result = [] {
    cl_set_clcb_msg(pec_clam_message);
    return cl_init(CL_INIT_DEFAULT);
  }();
  if (result != CL_SUCCESS)
    throw std::runtime_error(fmt::format("libclamav can't start: {}", cl_strerror(result)));
}

}  // namespace

ClamMessages::ClamMessages() {
  initialise_once();
  listener = this;
}

ClamMessages::~ClamMessages() {
  listener = nullptr;
}

}  // namespace pec::scanner
