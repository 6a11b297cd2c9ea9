// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/selftest/tls_session.hpp"

#include "base/text.hpp"
#include "pecctl/curl_option.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <new>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

namespace pec::pecctl {

namespace {

constexpr auto authorities_of_the_system = "/etc/ssl/certs";
// libcurl counts the wait for the greeting, and postscreen keeps a new client waiting for six.
constexpr long connect_seconds = 20;
constexpr std::size_t most_answered = std::size_t{1} << 20;

using List = CHandle<curl_slist, curl_slist_free_all>;

List list_of(const std::string& only) {
  List list(curl_slist_append(nullptr, only.c_str()));
  if (!list) throw std::bad_alloc();
  return list;
}

std::string in_url(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

// libcurl's callbacks: C calls them, so they must not throw. Another count than that of the octets
// ends the transfer.

std::size_t take(char* data, std::size_t size, std::size_t count, void* user) noexcept {
  auto& answer = *static_cast<std::string*>(user);
  if (answer.size() + size * count > most_answered) return 0;
  try {
    answer.append(data, size * count);
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return size * count;
}

std::size_t send_more(char* buffer, std::size_t size, std::size_t count, void* user) noexcept {
  auto& unsent = *static_cast<std::string_view*>(user);
  const auto length = std::min(size * count, unsent.size());
  std::memcpy(buffer, unsent.data(), length);
  unsent.remove_prefix(length);
  return length;
}

}  // namespace

std::string TlsServer::text() const {
  return fmt::format("{} at {}:{}", name, in_url(address), port);
}

TlsSession::TlsSession(TlsServer server, std::chrono::seconds limit)
    : server_(std::move(server)),
      curl_(curl_easy_init()),
      connect_to_(list_of(fmt::format("::{}:{}", in_url(server_.address), server_.port))) {
  if (!curl_) throw std::runtime_error("libcurl doesn't start");
  auto* curl = curl_.get();
  const auto url = fmt::format("{}://{}:{}", server_.scheme, server_.host, server_.port);
  set_option(curl, CURLOPT_URL, url.c_str());
  set_option(curl, CURLOPT_CONNECT_TO, connect_to_.get());
  set_option(curl, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  set_option(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set_option(curl, CURLOPT_CAINFO, server_.ca_file.c_str());
  std::error_code error;
  const bool there = std::filesystem::is_directory(authorities_of_the_system, error);
  set_option(curl, CURLOPT_CAPATH, there ? authorities_of_the_system : nullptr);
  set_option(curl, CURLOPT_PROXY, "");
  set_option(curl, CURLOPT_NOSIGNAL, 1L);
  set_option(curl, CURLOPT_CONNECTTIMEOUT, connect_seconds);
  set_option(curl, CURLOPT_TIMEOUT, static_cast<long>(limit.count()));
  set_option(curl, CURLOPT_WRITEFUNCTION, &take);
  set_option(curl, CURLOPT_READFUNCTION, &send_more);
}

void TlsSession::log_in(const std::string& user, const std::string& password) {
  auto* curl = curl_.get();
  set_option(curl, CURLOPT_USERNAME, user.c_str());
  set_option(curl, CURLOPT_PASSWORD, password.c_str());
  if (server_.scheme != "imaps") return;
  const auto inbox = fmt::format("imaps://{}:{}/INBOX", server_.host, server_.port);
  set_option(curl, CURLOPT_URL, inbox.c_str());
}

Result<std::string> TlsSession::command(const std::string& line) {
  std::string answer;
  set_option(curl_.get(), CURLOPT_CUSTOMREQUEST, line.c_str());
  set_option(curl_.get(), CURLOPT_WRITEDATA, &answer);
  PEC_TRY_VOID(perform());
  return answer;
}

Result<void> TlsSession::submit(const std::string& address, std::string_view message) {
  auto* curl = curl_.get();
  const auto recipient = list_of(address);
  set_option(curl, CURLOPT_MAIL_FROM, address.c_str());
  set_option(curl, CURLOPT_MAIL_RCPT, recipient.get());
  set_option(curl, CURLOPT_UPLOAD, 1L);
  set_option(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.size()));
  set_option(curl, CURLOPT_READDATA, &message);
  auto sent = perform();
  set_option(curl, CURLOPT_MAIL_RCPT, static_cast<curl_slist*>(nullptr));  // it ends with this call
  return sent;
}

Result<void> TlsSession::perform() {
  problem_.front() = '\0';
  set_option(curl_.get(), CURLOPT_ERRORBUFFER, problem_.data());
  const auto code = curl_easy_perform(curl_.get());
  if (code == CURLE_OK) return {};
  return unavailable(fmt::format(
      "{}: {}", server_.text(),
      problem_.front() != '\0' ? text::printable(problem_.data()) : curl_easy_strerror(code)));
}

}  // namespace pec::pecctl
