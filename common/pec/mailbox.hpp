// SPDX-License-Identifier: GPL-2.0-or-later

// A mailbox of ours, with the facts that the rules need, and what it has submitted lately. Values
// and pure functions; any thread.
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pec {

enum class MailboxState {
  active,
  blocked,  // receives, but sends nothing: its password may be in wrong hands
  revoked,  // sends nothing, and receives only receipts for what it has sent; may be restored
  retired,  // purged, or an old name of a renamed one; nobody gets the name again
};

inline bool sends(MailboxState state) {
  return state == MailboxState::active;
}
// Mail of all kinds. A revoked mailbox only gets receipts (Takes::own_receipts).
inline bool receives(MailboxState state) {
  return state == MailboxState::active || state == MailboxState::blocked;
}

// The mail from outside that a mailbox takes (RFC 6109, 2.2.2; rules, 5).
enum class Takes {
  all_mail,
  no_ordinary_mail,  // nearly full (mailbox_room.hpp)
  certified_mail,    // "PEC chiusa"
  own_receipts,      // revoked or renamed: receipts for what its holder has sent
  service,           // an address of the provider itself: receipts of providers, and bounces
};

// "active": in the ledger, and to the administrator.
std::string_view state_name(MailboxState state);
std::optional<MailboxState> state_of_name(std::string_view name);

struct MailboxStatus {
  MailboxState state = MailboxState::active;
  bool closed = false;       // "PEC chiusa": takes certified mail only (RFC 6109, 2.2.2)
  Instant since{};           // since when it is in this state
  std::string reason{};      // why it is blocked or revoked, for the administrator
  std::string renamed_to{};  // for an old name: the new one

  bool operator==(const MailboxStatus&) const = default;
};

inline Takes what_it_takes(const MailboxStatus& mailbox) {
  if (!receives(mailbox.state)) return Takes::own_receipts;
  return mailbox.closed ? Takes::certified_mail : Takes::all_mail;
}

// Nobody has it, and no mail is kept under its name: nothing can be delivered to it.
inline bool is_gone(const MailboxStatus& mailbox) {
  return mailbox.state == MailboxState::retired && mailbox.renamed_to.empty();
}

// All that is known of a mailbox. If it is an account of ours, it has `created`. Otherwise somebody
// else keeps the account, and only its state is ours.
struct Mailbox {
  std::string address;  // canonical
  MailboxStatus status{};
  std::optional<Instant> created{};
  std::string holder{};    // the person or body that has it
  std::string contacts{};  // other ways to reach the holder; empty: not known
  std::string home{};      // the name under which its mail is kept; stays when it is renamed
  std::string password{};  // hashed, as Dovecot takes it: "{SCHEME}..."; empty: no login

  bool operator==(const Mailbox&) const = default;
};

// The verdict of the host's own filter on a message.
enum class SpamLevel { not_spam, suspected, spam };

// A message that a login has submitted; key: pec_id.
struct SentMessage {
  std::string pec_id;
  std::string login;  // canonical: lower case
  Instant at;         // when it was accepted, or refused by a notice
  std::uint64_t recipients = 0;
  SpamLevel level = SpamLevel::not_spam;
  std::string fingerprint{};          // equal for messages whose texts are nearly the same
  std::uint64_t infected_octets = 0;  // its size, if it holds a virus
  bool accepted = true;               // false: refused by a notice, so nothing was sent

  bool operator==(const SentMessage&) const = default;
};

// The infected messages that a login has submitted lately.
struct InfectedSent {
  std::uint64_t messages = 0;
  std::uint64_t octets = 0;

  bool operator==(const InfectedSent&) const = default;
};

}  // namespace pec
