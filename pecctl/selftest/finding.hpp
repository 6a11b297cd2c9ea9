// SPDX-License-Identifier: GPL-2.0-or-later

// What a check has found.
//
//     if (socket.empty()) return off("quota.dovecot_socket is not set");
//     return good(fmt::format("{} answers", socket));
//
// Plain values; any thread.
#pragma once

#include <string>
#include <utility>

namespace pec::pecctl {

enum class Verdict {
  good,
  bad,
  off  // not configured, switched off, or can't be known here; not a fault
};

struct Finding {
  Verdict verdict = Verdict::bad;
  std::string found{};   // one line
  std::string remedy{};  // one sentence; empty: what was found says it, or the table

  bool operator==(const Finding&) const = default;
};

inline Finding good(std::string found) {
  return {Verdict::good, std::move(found)};
}
inline Finding bad(std::string found, std::string remedy = {}) {
  return {Verdict::bad, std::move(found), std::move(remedy)};
}
inline Finding off(std::string found) {
  return {Verdict::off, std::move(found)};
}

}  // namespace pec::pecctl
