// SPDX-License-Identifier: GPL-2.0-or-later

// Fetches a file over HTTP or HTTPS, with limits on what a stranger's server may do.
//
//     HttpFetcher fetcher({.scheme = "https", .ca_file = "/etc/pec/index-ca.pem"});
//     auto file = fetcher.fetch("https://indice.example/providers.ldif.p7m");
//     if (!file) return complain(file.error().detail);      // "https://...: why"
//
// It follows no redirect, uses no proxy of the environment, speaks no other scheme, and accepts
// only the answer 200. Over HTTPS the server's certificate must be of the given authority, for the
// name in the URL. TLS 1.2 is the least. Our own certificate is shown if there is one. A file that
// is too large or takes too long is an error.
//
// Errors: unavailable, one sentence that names the URL. One thread.
#pragma once

#include "base/c_handle.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <curl/curl.h>
#include <filesystem>
#include <string>

namespace pec::pecctl {

struct FetchOptions {
  std::string scheme = "http";                  // or "https"
  std::filesystem::path ca_file = {};           // https: PEM, the servers' authorities
  std::filesystem::path certificate_file = {};  // https: ours, PEM; empty: none
  std::filesystem::path key_file = {};
  std::uint64_t max_size = 64 << 20;  // octets
  std::chrono::seconds time_limit{60};
};

class HttpFetcher {
public:
  // Throws std::runtime_error if libcurl lacks what this needs.
  explicit HttpFetcher(FetchOptions options);
  Result<std::string> fetch(const std::string& url);

private:
  FetchOptions options_;
  CHandle<CURL, curl_easy_cleanup> curl_;
};

}  // namespace pec::pecctl
