// SPDX-License-Identifier: GPL-2.0-or-later

// Makes the replies to an SMTP client. Only here does an internal error become a reply. Every fault
// that is not the message's own is temporary: the client keeps the message and comes again.
//
//     const Reply reply = reply_for(error);   // {"451", "4.3.0", ...}
//
// Pure; any thread.
#pragma once

#include "base/result.hpp"
#include "pec/decision.hpp"

#include <optional>
#include <string>

namespace pec::milter {

// Codes and text of an SMTP reply: 4xx or 5xx.
struct Reply {
  std::string code = "451";
  std::string enhanced;
  std::string text;  // one line, ASCII

  bool permanent() const { return code.starts_with('5'); }
  bool operator==(const Reply&) const = default;
};

// A recipient that can't be in a transaction.
struct Refusal {
  Reply reply;
  std::string log;
  std::optional<ErrorSource> waits_for{};  // if set, an operator should look at it
};

// The client's reply for `error`; the error's detail is only for the log.
Reply reply_for(const Error& error);

// The message waits: a 451, and the error's detail in the log.
Decision decision_for(const Error& error, std::string pec_id = {});

}  // namespace pec::milter
