// SPDX-License-Identifier: GPL-2.0-or-later

// Hands messages to Postfix's receipts service, over SMTP on loopback (RFC 5321), where pec-milter
// turns them into receipts and notices (docs/architecture.md, "Internal recipients").
//
//     SmtpSubmitter receipts("127.0.0.1:10588", "posta-certificata@pec.alfa.example");
//     auto taken = receipts.submit({internal_recipient}, message);
//     if (!taken) return complain(taken.error().detail);   // else it is in Postfix's queue
//
// All messages of one object go over one connection. It connects when needed, and again if the
// service has hung up. Connecting may take ten seconds, a message two minutes.
//
// Errors, whose detail holds the service's own words:
//   unavailable  the service takes nothing now: the next message would fare no better
//   rejected     this message is refused for good
//   internal     this message is refused for now, or the outcome is unknown: submit it again later
// One thread.
#pragma once

#include "base/c_handle.hpp"
#include "base/result.hpp"

#include <curl/curl.h>
#include <string>
#include <string_view>
#include <vector>

namespace pec::pecctl {

class Submitter {
public:
  virtual ~Submitter() = default;
  virtual const std::string& sender() const = 0;  // the reverse path of all messages
  // `message`: whole, with CRLF line ends. It arrives byte for byte, eight-bit parts included, for
  // all recipients in one transaction, or for none.
  virtual Result<void> submit(const std::vector<std::string>& recipients,
                              std::string_view message) = 0;
};

class SmtpSubmitter final : public Submitter {
public:
  // `service`: "127.0.0.1:10588". Throws std::runtime_error if libcurl lacks what this needs.
  SmtpSubmitter(std::string service, std::string sender);
  const std::string& sender() const override { return sender_; }
  Result<void> submit(const std::vector<std::string>& recipients,
                      std::string_view message) override;

private:
  std::string service_;
  std::string sender_;
  CHandle<CURL, curl_easy_cleanup> curl_;
};

}  // namespace pec::pecctl
