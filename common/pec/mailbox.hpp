// A mailbox of ours as far as the rules care, and what it has submitted lately.
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <string>

namespace pec {

enum class MailboxState {
  active,
  blocked,  // receives, but sends nothing: its password may be in wrong hands
  revoked,  // neither sends nor receives
};

struct MailboxStatus {
  MailboxState state = MailboxState::active;
  bool closed = false;   // "PEC chiusa": takes certified mail only (RFC 6109, 2.2.2)
  Instant since{};       // when it came into this state
  std::string reason{};  // why it is blocked or revoked, for the administrator

  bool operator==(const MailboxStatus&) const = default;
};

// What the host's own filter says of a message.
enum class SpamLevel { not_spam, suspected, spam };

// A message that a login has submitted; key: pec_id.
struct SentMessage {
  std::string pec_id;
  std::string login;  // canonical: lower case
  Instant at;         // when it was accepted, or refused by a notice
  std::uint64_t recipients = 0;
  SpamLevel level = SpamLevel::not_spam;
  std::string fingerprint{};  // equal for messages whose texts are nearly the same

  bool operator==(const SentMessage&) const = default;
};

}  // namespace pec
