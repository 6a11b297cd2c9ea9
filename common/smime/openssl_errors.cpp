// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/openssl_errors.hpp"

#include "base/text.hpp"

#include <openssl/err.h>

namespace pec::smime {

OpenSslErrors::OpenSslErrors() noexcept {
  ERR_clear_error();
}

OpenSslErrors::~OpenSslErrors() {
  ERR_clear_error();
}

std::string OpenSslErrors::take() {
  std::string line;
  const char* data = nullptr;
  int flags = 0;
  while (const unsigned long code = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    if (!line.empty()) line += ", ";
    const char* reason = ERR_reason_error_string(code);
    line += reason != nullptr ? std::string(reason) : "OpenSSL error " + std::to_string(code);
    if (data != nullptr && *data != '\0') line.append(" (").append(data).append(")");
  }
  return line.empty() ? "OpenSSL gives no cause" : text::printable(line);
}

}  // namespace pec::smime
