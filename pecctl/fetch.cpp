// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/fetch.hpp"

#include "base/text.hpp"
#include "pecctl/curl_option.hpp"

#include <array>
#include <fmt/format.h>
#include <new>
#include <stdexcept>
#include <utility>

namespace pec::pecctl {

namespace {

constexpr long connect_seconds = 15;
constexpr long ok = 200;

// The part of the file that has arrived.
struct Download {
  std::string content;
  std::uint64_t max_size;
  bool too_large = false;
  bool out_of_memory = false;
  std::array<char, CURL_ERROR_SIZE> problem{};
};

// libcurl's callback: C calls it, so it must not throw. To end the transfer, it returns another
// count than that of the octets.
std::size_t take(char* data, std::size_t size, std::size_t count, void* user) noexcept {
  auto& download = *static_cast<Download*>(user);
  const auto length = size * count;
  download.too_large = length > download.max_size - download.content.size();
  if (download.too_large) return 0;
  try {
    download.content.append(data, length);
  } catch (const std::exception&) {
    download.out_of_memory = true;
    return 0;
  }
  return length;
}

std::string answer_text(CURL* curl, long status) {
  const char* target = nullptr;
  curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &target);
  if (target != nullptr)
    return fmt::format(
        "the server sends us on to {} (HTTP {}), and no redirect is followed: "
        "if that is right, put its address into the configuration",
        text::printable(target), status);
  return fmt::format("the server answered with HTTP {} instead of {}", status, ok);
}

}  // namespace

HttpFetcher::HttpFetcher(FetchOptions options)
    : options_(std::move(options)), curl_(curl_easy_init()) {
  if (!curl_) throw std::runtime_error("libcurl doesn't start");
  auto* curl = curl_.get();
  set_option(curl, CURLOPT_PROTOCOLS_STR, options_.scheme.c_str());
  set_option(curl, CURLOPT_FOLLOWLOCATION, 0L);
  set_option(curl, CURLOPT_PROXY, "");
  set_option(curl, CURLOPT_NOSIGNAL, 1L);
  set_option(curl, CURLOPT_CONNECTTIMEOUT, connect_seconds);
  set_option(curl, CURLOPT_TIMEOUT, static_cast<long>(options_.time_limit.count()));
  set_option(curl, CURLOPT_WRITEFUNCTION, &take);
  if (options_.scheme != "https") return;
  set_option(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set_option(curl, CURLOPT_CAINFO, options_.ca_file.c_str());
  set_option(curl, CURLOPT_CAPATH,
             static_cast<char*>(nullptr));  // else the system's count, too
  if (options_.certificate_file.empty()) return;
  set_option(curl, CURLOPT_SSLCERT, options_.certificate_file.c_str());
  set_option(curl, CURLOPT_SSLKEY, options_.key_file.c_str());
}

Result<std::string> HttpFetcher::fetch(const std::string& url) {
  const auto failed = [&](std::string_view why) {
    return unavailable(fmt::format("{}: {}", text::printable(url), why));
  };
  auto* curl = curl_.get();
  Download download{.content = {}, .max_size = options_.max_size};
  set_option(curl, CURLOPT_URL, url.c_str());
  set_option(curl, CURLOPT_WRITEDATA, &download);
  set_option(curl, CURLOPT_ERRORBUFFER, download.problem.data());
  const auto code = curl_easy_perform(curl);
  set_option(curl, CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));

  if (download.out_of_memory) throw std::bad_alloc();
  if (download.too_large)
    return failed(fmt::format("the file is larger than {} octets", options_.max_size));
  if (code != CURLE_OK)
    return failed(download.problem.front() != '\0' ? text::printable(download.problem.data())
                                                   : curl_easy_strerror(code));
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (status != ok) return failed(answer_text(curl, status));
  return std::move(download.content);
}

}  // namespace pec::pecctl
