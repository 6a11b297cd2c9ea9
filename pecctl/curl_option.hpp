// SPDX-License-Identifier: GPL-2.0-or-later

// Sets an option of libcurl. A failure means that the library lacks something that we need.
//
//     set_option(curl, CURLOPT_TIMEOUT, 60L);
//
// Throws std::runtime_error, or std::bad_alloc. The thread that uses the handle.
#pragma once

#include <curl/curl.h>
#include <fmt/format.h>
#include <new>
#include <stdexcept>

namespace pec::pecctl {

template <class Value>
void set_option(CURL* curl, CURLoption option, Value value) {
  const auto code = curl_easy_setopt(curl, option, value);
  if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code != CURLE_OK)
    throw std::runtime_error(
        fmt::format("libcurl can't do what is needed: {}", curl_easy_strerror(code)));
}

}  // namespace pec::pecctl
