// SPDX-License-Identifier: GPL-2.0-or-later

// Delivery status notifications as Postfix writes them, for tests.
#pragma once

#include "support/domain_fixtures.hpp"

#include <string>
#include <vector>

namespace pec::test {

struct Failed {
  std::string recipient, status, diagnostic;
};

// `returned`: the whole failed message. `header_only`: returns only its header, as Postfix does
// with large ones.
inline mime::Message notification(const std::vector<Failed>& failed, const std::string& returned,
                                  bool header_only = false) {
  std::string text =
      "Date: Sun, 22 Nov 2026 04:11:30 +0000 (UTC)\r\n"
      "From: Mail Delivery System <MAILER-DAEMON@pec.alfa.example>\r\n"
      "Subject: Undelivered Mail Returned to Sender\r\n"
      "To: anna@pec.alfa.example\r\n"
      "Auto-Submitted: auto-replied\r\n"
      "MIME-Version: 1.0\r\n"
      "Content-Type: multipart/report; report-type=delivery-status;\r\n"
      "\tboundary=\"4jX.1795349304/mx.pec.alfa.example\"\r\n"
      "Message-Id: <4jX@mx.pec.alfa.example>\r\n"
      "\r\n"
      "This is a MIME-encapsulated message.\r\n"
      "\r\n"
      "--4jX.1795349304/mx.pec.alfa.example\r\n"
      "Content-Description: Notification\r\n"
      "Content-Type: text/plain; charset=us-ascii\r\n"
      "\r\n"
      "I'm sorry to have to inform you ...\r\n"
      "\r\n"
      "--4jX.1795349304/mx.pec.alfa.example\r\n"
      "Content-Description: Delivery report\r\n"
      "Content-Type: message/delivery-status\r\n"
      "\r\n"
      "Reporting-MTA: dns; mx.pec.alfa.example\r\n"
      "X-Postfix-Queue-ID: 4jW\r\n"
      "X-Postfix-Sender: rfc822; anna@pec.alfa.example\r\n"
      "Arrival-Date: Sun, 22 Nov 2026 04:11:22 +0000 (UTC)\r\n"
      "\r\n";
  for (const auto& [recipient, status, diagnostic] : failed)
    text += fmt::format(
        "Final-Recipient: rfc822; final-{0}\r\n"
        "Original-Recipient: rfc822;{0}\r\n"
        "Action: failed\r\n"
        "Status: {1}\r\n"
        "Remote-MTA: dns; mx.pec.beta.example\r\n"
        "Diagnostic-Code: smtp; {2}\r\n"
        "\r\n",
        recipient, status, diagnostic);
  text += "--4jX.1795349304/mx.pec.alfa.example\r\n";
  text += header_only ? "Content-Description: Undelivered Message Headers\r\n"
                        "Content-Type: text/rfc822-headers\r\n\r\n"
                      : "Content-Description: Undelivered Message\r\n"
                        "Content-Type: message/rfc822\r\n\r\n";
  text += "Return-Path: <anna@pec.alfa.example>\r\n";
  text += header_only ? returned.substr(0, returned.find("\r\n\r\n") + 2) : returned;
  text += "\r\n--4jX.1795349304/mx.pec.alfa.example--\r\n";
  return message_of(text);
}

}  // namespace pec::test
