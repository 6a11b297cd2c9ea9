// SPDX-License-Identifier: GPL-2.0-or-later

// OpenSSL's error queue, emptied before and after. The queue belongs to the thread: an error that
// stays in it would look like the next caller's.
//
//     OpenSslErrors errors;
//     if (CMS_final(...) != 1) return internal_error("can't sign: " + errors.take());
//
// Each function that calls OpenSSL and may fail begins with one. Never pass it to another thread.
#pragma once

#include <string>

namespace pec::smime {

class OpenSslErrors {
public:
  OpenSslErrors() noexcept;
  ~OpenSslErrors();
  OpenSslErrors(const OpenSslErrors&) = delete;
  OpenSslErrors& operator=(const OpenSslErrors&) = delete;

  // The queued errors in one line, first cause first; the queue is empty afterwards.
  std::string take();
};

}  // namespace pec::smime
