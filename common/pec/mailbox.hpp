// SPDX-License-Identifier: GPL-2.0-or-later

// A mailbox of ours as far as the rules care, and what it has submitted lately. Values and pure
// functions; any thread.
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
  retired,  // nobody's any more: purged, or the old name of one that was renamed; never given out again
};

inline bool sends(MailboxState state) {
  return state == MailboxState::active;
}
// Mail of all kinds: a revoked one has receipts to get (Takes::own_receipts).
inline bool receives(MailboxState state) {
  return state == MailboxState::active || state == MailboxState::blocked;
}

// What a mailbox takes of that which comes from outside (RFC 6109, 2.2.2; rules, 5).
enum class Takes {
  all_mail,
  no_ordinary_mail,  // nearly full (mailbox_room.hpp)
  certified_mail,    // "PEC chiusa"
  own_receipts,      // revoked or renamed: receipts for what its holder has sent
  service,           // an address of the provider itself: receipts of providers, and bounces
};

// "active": in the ledger, and for the administrator.
std::string_view state_name(MailboxState state);
std::optional<MailboxState> state_of_name(std::string_view name);

struct MailboxStatus {
  MailboxState state = MailboxState::active;
  bool closed = false;       // "PEC chiusa": takes certified mail only (RFC 6109, 2.2.2)
  Instant since{};           // when it came into this state
  std::string reason{};      // why it is blocked or revoked, for the administrator
  std::string renamed_to{};  // of an old name: what it is called now

  bool operator==(const MailboxStatus&) const = default;
};

inline Takes what_it_takes(const MailboxStatus& mailbox) {
  if (!receives(mailbox.state)) return Takes::own_receipts;
  return mailbox.closed ? Takes::certified_mail : Takes::all_mail;
}

// Nobody's, and nobody's mail is kept under it: there is nothing to deliver to.
inline bool is_gone(const MailboxStatus& mailbox) {
  return mailbox.state == MailboxState::retired && mailbox.renamed_to.empty();
}

// All that is known of a mailbox. `created` is there if it is an account of ours; without it, somebody
// else keeps the account, and only its state is ours.
struct Mailbox {
  std::string address;  // canonical
  MailboxStatus status{};
  std::optional<Instant> created{};
  std::string holder{};    // whose it is
  std::string contacts{};  // how to reach that one otherwise; empty: not known
  std::string home{};      // what its mail is kept under; stays when it is renamed
  std::string password{};  // hashed, as Dovecot takes it: "{SCHEME}..."; empty: nobody logs in

  bool operator==(const Mailbox&) const = default;
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
  std::string fingerprint{};          // equal for messages whose texts are nearly the same
  std::uint64_t infected_octets = 0;  // its size, if it holds a virus
  bool accepted = true;               // false: refused by a notice, so nothing was sent

  bool operator==(const SentMessage&) const = default;
};

// What a login has submitted lately with a virus in it.
struct InfectedSent {
  std::uint64_t messages = 0;
  std::uint64_t octets = 0;

  bool operator==(const InfectedSent&) const = default;
};

}  // namespace pec
