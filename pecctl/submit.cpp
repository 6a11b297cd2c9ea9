// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/submit.hpp"

#include "base/text.hpp"
#include "pecctl/curl_option.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <new>
#include <stdexcept>
#include <utility>

namespace pec::pecctl {

namespace {

constexpr long connect_seconds = 10;
constexpr long transaction_seconds = 120;

using AddressList = CHandle<curl_slist, curl_slist_free_all>;

AddressList list_of(const std::vector<std::string>& addresses) {
  AddressList list;
  for (const auto& address : addresses) {
    auto* longer = curl_slist_append(list.get(), address.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    if (!list) list.reset(longer);  // otherwise the head stays the same
  }
  return list;
}

// The reports of libcurl during one transaction.
struct Transaction {
  std::string_view unsent;
  bool named_recipient = false;  // a refusal before is not due to the message
  std::string refusal;           // the service's reply, if it was one
  std::array<char, CURL_ERROR_SIZE> problem{};
};

// libcurl's callbacks: C calls them, so they must not throw.

std::size_t send_more(char* buffer, std::size_t size, std::size_t count, void* data) noexcept {
  auto& unsent = static_cast<Transaction*>(data)->unsent;
  const auto length = std::min(size * count, unsent.size());
  std::memcpy(buffer, unsent.data(), length);
  unsent.remove_prefix(length);
  return length;
}

int overhear(CURL*, curl_infotype kind, char* text, std::size_t size, void* data) noexcept {
  auto& transaction = *static_cast<Transaction*>(data);
  const std::string_view line(text, size);
  if (kind == CURLINFO_HEADER_OUT && line.starts_with("RCPT ")) transaction.named_recipient = true;
  if (kind != CURLINFO_HEADER_IN || (!line.starts_with('4') && !line.starts_with('5'))) return 0;
  try {
    transaction.refusal = text::printable(text::trim(line));
  } catch (const std::bad_alloc&) {
    transaction.refusal.clear();  // then libcurl's own text is used
  }
  return 0;
}

Fault fault_of(const Transaction& transaction) {
  if (!transaction.named_recipient) return Fault::unavailable;
  return transaction.refusal.starts_with('5') ? Fault::rejected : Fault::internal;
}

}  // namespace

SmtpSubmitter::SmtpSubmitter(std::string service, std::string sender)
    : service_(std::move(service)), sender_(std::move(sender)), curl_(curl_easy_init()) {
  if (!curl_) throw std::runtime_error("libcurl doesn't start");
  auto* curl = curl_.get();
  set_option(curl, CURLOPT_URL, ("smtp://" + service_).c_str());
  set_option(curl, CURLOPT_MAIL_FROM, sender_.c_str());
  set_option(curl, CURLOPT_UPLOAD, 1L);
  set_option(curl, CURLOPT_READFUNCTION, &send_more);
  set_option(curl, CURLOPT_DEBUGFUNCTION, &overhear);
  set_option(curl, CURLOPT_PROXY, "");  // ignores the environment's proxy
  set_option(curl, CURLOPT_NOSIGNAL, 1L);
  set_option(curl, CURLOPT_CONNECTTIMEOUT, connect_seconds);
  set_option(curl, CURLOPT_TIMEOUT, transaction_seconds);
}

Result<void> SmtpSubmitter::submit(const std::vector<std::string>& recipients,
                                   std::string_view message) {
  for (const auto& recipient : recipients)
    if (text::printable(recipient) != recipient)
      return fail(Fault::rejected, "invalid input",
                  fmt::format("{} is not an address to send to", text::printable(recipient)));
  Transaction transaction{.unsent = message, .refusal = {}};
  const auto list = list_of(recipients);
  auto* curl = curl_.get();
  set_option(curl, CURLOPT_MAIL_RCPT, list.get());
  set_option(curl, CURLOPT_READDATA, &transaction);
  set_option(curl, CURLOPT_DEBUGDATA, &transaction);
  set_option(curl, CURLOPT_VERBOSE, 1L);  // without it libcurl reports nothing
  set_option(curl, CURLOPT_ERRORBUFFER, transaction.problem.data());
  set_option(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.size()));
  const auto code = curl_easy_perform(curl);
  // None of these outlives this call, but the connection does.
  set_option(curl, CURLOPT_VERBOSE, 0L);
  set_option(curl, CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
  set_option(curl, CURLOPT_MAIL_RCPT, static_cast<curl_slist*>(nullptr));
  // The service hangs up after an error (smtpd_hard_error_limit), so the next message needs a new
  // connection.
  set_option(curl, CURLOPT_FRESH_CONNECT, code == CURLE_OK ? 0L : 1L);
  if (code == CURLE_OK) return {};

  std::string words = transaction.refusal;
  if (words.empty()) words = text::printable(transaction.problem.data());
  if (words.empty()) words = curl_easy_strerror(code);
  return fail(fault_of(transaction), "temporarily unavailable",
              fmt::format("receipts service {}: {}", service_, words));
}

}  // namespace pec::pecctl
