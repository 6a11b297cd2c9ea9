// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger, in three parts: what is stored, what always holds, how it is kept so.
//
// FORMAT
//
//   message   what was certified of a message, once for all lines about it: msgid, sender,
//             reply_to, subject. Lines that certify something else under the same PEC msgid have a
//             row of their own; `digest` tells them apart. `number` is the message's: the id of its
//             first row.
//   party     who wrote it (position 0) and whom it was written to, in the message's order.
//             `address` as certified, `mailbox` its canonical form; `at` is the time of the
//             message's first line. The log is searched here, by mailbox and time.
//   event     one line of the message log for each (number, kind, direction, recipient). `kind` is
//             log_name() ("avvenuta-consegna"), `direction` issued | received, `recipient` empty
//             where the event is about the message as a whole. `identity` is what a message is that
//             came (pec/message_identity.hpp). The line of a receipt that was issued, its
//             Message-ID and its certified time, is what the receipt's identity is known by. The
//             view message_log shows the lines with what they share, for whoever looks.
//   event_again  further lines about a receipt that came again under another Message-ID
//             (`generated_id`); columns as in event, and in the view, too.
//   dispatch  one row for each (pec_id, recipient) with a time for each step, or NULL; and for both
//             notices of a timeout whether they are in the mail server's queue, 1 or 0.
//   incident  for each (what, pec_id, recipient) what an operator should look at; `copy` is a whole
//             message, in base64 since it may be any bytes; `resolved_at` is NULL until somebody
//             did.
//   alias_mailbox  for each (pec_id, alias) the mailboxes that are to have the message before its
//             delivery receipt is due (pec/alias_delivery.hpp): `mailbox` is empty where only its
//             `tag` is known, `delivered_at` NULL until it has the message, `completes` 1 for whose
//             report was the last.
//   mailbox   how a mailbox of ours is set: closed, 1 or 0; `state` active | blocked | revoked |
//             retired, since when and why; and whether the holder knows that it is blocked, 1 or 0.
//             With `created_at` it is an account of ours: holder, contacts, the home that its mail
//             is kept in, and the password's hash. `renamed_to` is of a name that was given up. No
//             row: nothing was set, it is open and active. Dovecot and Postfix read this table,
//             too.
//   mailbox_event  what was done to a mailbox, and when; rows stay for ever.
//   submission  what a login has submitted lately: how many recipients, its level of spam, a
//             fingerprint of its text, and its size if it held a virus (else 0); `accepted` is 0
//             where a notice refused it, 1 else. Rows older than a day go with the login's next
//             one.
//   login_account, login_network  how many logins failed in the hour that began with the first of
//             them (`since`): of an account, and from a network, where the one did not know the
//             other. At most one row for each account that there is, and for 100,000 networks.
//   login_known  from which networks an account has logged in well, `last` when, and how many
//             failed there since then; at most a hundred for each account, and none for longer than
//             thirty days.
//   domain    a mail domain that we manage: the providerUnit that does (empty: the main entry), and
//             when it was added.
//   counter   how often something was seen on a node that is only counted.
//   directory_state  one row: a digest of who owns which domains by the providers' directory that
//             was taken up last, and for what time that speaks. domain_owner: the same in full, for
//             each provider (lower case) its domains, sorted, one in a line: half a million rows
//             would cost more, and nobody asks for one of them. former_owner: what a provider has
//             lost `until` when, in the same form; rows go when nobody asks so far back any more.
//   certificate_owner  for each certificate (`digest`, SHA-256) the entry that has it, or had it
//             `until` then: names and mailReceipt. `until` is NULL while the directory has it.
//   state     for each (node, component) what that part of the node reported last: good, 1 or 0,
//             and a line of text; `at` is the time of the report that changed it, not of
//             repetitions.
//
//   Times are seconds since 1970, UTC. An absent text is empty, never NULL; every text is UTF-8
//   without NUL (storable.hpp).
//
// INVARIANTS
//
//   1. What a call has returned is on the disk.
//   2. What a call refused is not there, or is there whole: a call is one savepoint of one
//      transaction. (Whole, if the connection broke between a commit and its answer.)
//   3. The first report stands. A row of the log never changes once it is committed; a step of
//      `dispatch` goes from NULL to a time, once. So every call may be repeated, by us after a
//      crash or by another node, in any order.
//   4. A dispatch has at most one end (pec/dispatch.hpp).
//   5. A receipt has one identity for ever: whoever claims it again is told the first one. It is
//      issued only if that agrees with the dispatch (pec/dispatch.hpp).
//   6. Of a mailbox or domain, the last setting stands, and of a component the last report; every
//      query that begins after it sees it.
//
// ALGORITHM
//
//   Writing. Calls become jobs of the BatchWriter: one thread, one connection. It waits for the
//   write lock, takes all jobs that wait, runs each within a savepoint, commits, and only then lets
//   the callers go 1. While it waits for the disk, new jobs gather: the more sessions, the fewer
//   commits for each. Nothing is ever delayed in order to gather more. A job that fails is rolled
//   back to its savepoint; a commit that fails, fails all its jobs, and the connection is made anew
//   2.
//
//   The write lock is one for the whole database: no other program or node writes between a job's
//   questions and its answers. That is what the rules below stand on.
//
//   Merging (entries.cpp, message_log.cpp). A line whose key is there already is passed over 3.
//   Before a step is entered, what is known of the dispatch is fetched, and pec/dispatch.hpp judges
//   4.
//
//   Claiming (claims.cpp, 5). What was issued for the recipients before, and what is known of their
//   dispatches, is fetched, and pec/dispatch.hpp judges. Then the entries are entered, which hold
//   the receipt's line for each recipient. Where they speak of the proposed receipt and another
//   stands, that other is what the log must name, since the proposed message will never exist.
//
//   A delivery to an alias (claim_for_alias()) is noted first. Only the report that completes the
//   set goes on to claim, under the time of the latest delivery.
//
//   Submitting (submissions.cpp). Whether a login may send is asked in the transaction that enters
//   its message, and so is whether that one is too much. What is refused leaves nothing.
//
//   Reading uses a connection of its own, so a query never waits for a commit. It holds no
//   statement open between queries: each sees what any process has committed before it 6.
#include "ledger/sql_ledger.hpp"

#include "ledger/schema.hpp"
#include "ledger/store.hpp"

namespace pec {

Result<std::unique_ptr<SqlLedger>> SqlLedger::open(std::string_view connection,
                                                   std::chrono::seconds patience) {
  PEC_TRY(const auto database, ledger::Database::at(connection, patience));
  PEC_TRY_VOID(ledger::prepare_schema(*database));
  return std::unique_ptr<SqlLedger>(new SqlLedger(std::make_shared<ledger::Store>(database)));
}

SqlLedger::SqlLedger(const std::shared_ptr<ledger::Store>& store)
    : SqlMessageLog(store),
      SqlMailboxes(store),
      SqlLogins(store),
      SqlDomains(store),
      SqlNodeStates(store),
      store_(store) {}

std::uint64_t SqlLedger::commits() const {
  return store_->writer().commits();
}

std::size_t SqlLedger::waiting() const {
  return store_->writer().waiting();
}

}  // namespace pec
