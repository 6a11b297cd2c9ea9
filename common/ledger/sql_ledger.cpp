// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger, in three parts: what it stores, what always holds, how the code keeps it so.
//
// FORMAT
//
//   message   what a message certifies, once for all lines about it: msgid, sender, reply_to,
//             subject. Lines that certify something else under the same PEC msgid have a row of
//             their own; `digest` tells them apart. `number` identifies the message: it is the id
//             of its first row.
//   party     the author (position 0) and the recipients, in the message's order. `address` is as
//             certified, `mailbox` is its canonical form, `at` is the time of the message's first
//             line. Searches of the log use this table, by mailbox and time.
//   event     one line of the message log for each (number, kind, direction, recipient). `kind` is
//             log_name() ("avvenuta-consegna"), `direction` is issued | received. `recipient` is
//             empty if the event is about the message as a whole. `identity` identifies a message
//             that came in (pec/message_identity.hpp). The line of an issued receipt holds the
//             receipt's identity: its Message-ID and its certified time. The view message_log shows
//             each line together with what it shares, for people.
//   event_again  further lines about a receipt that came again under another Message-ID
//             (`generated_id`). The columns are those of event; the view shows these lines, too.
//   dispatch  one row for each (pec_id, recipient), with a time for each step, or NULL. For each of
//             the two notices of a timeout, 1 if it is in the mail server's queue, else 0.
//   incident  for each (what, pec_id, recipient) what an operator should look at. `copy` is a whole
//             message, in base64 because it may be any bytes. `resolved_at` is NULL until an
//             operator has resolved the incident.
//   alias_mailbox  for each (pec_id, alias) the mailboxes that must have the message before its
//             delivery receipt is due (pec/alias_delivery.hpp). `mailbox` is empty if only its
//             `tag` is known. `delivered_at` is NULL until the mailbox has the message. `completes`
//             is 1 for the mailbox whose report was the last.
//   mailbox   the settings of a mailbox of ours: closed, 1 or 0; `state` active | blocked | revoked
//             | retired, since when and why; whether the holder knows of a block, 1 or 0. With
//             `created_at` the row is an account of ours: holder, contacts, the home of its mail,
//             the password's hash. `renamed_to` belongs to a name that was given up. Without a row,
//             a mailbox is open and active. Dovecot and Postfix read this table, too.
//   mailbox_event  what was done to a mailbox, and when; rows stay for ever.
//   submission  what a login has submitted lately: the number of recipients, the level of spam, a
//             fingerprint of the text, and the size if it held a virus (else 0). `accepted` is 0 if
//             a notice refused it, else 1. A login's next submission deletes its rows older than a
//             day.
//   login_account, login_network  how many logins failed in the hour that began with the first of
//             them (`since`): of an account, and from a network, if the two did not know each
//             other. At most one row for each existing account, and for 100,000 networks.
//   login_known  the networks from which an account has logged in well: `last` when, and how many
//             logins failed there since then. At most a hundred for each account, none for longer
//             than thirty days.
//   domain    a mail domain that we manage: its providerUnit (empty: the main entry), and when it
//             was added.
//   counter   how often a node has seen something that is only counted.
//   directory_state  one row: a digest of the owners of all domains in the newest providers'
//             directory taken up, and the time for which that directory speaks. domain_owner holds
//             the same in full: for each provider (lower case) its domains, sorted, one in a line.
//             Half a million rows would cost more, and no query asks for a single one. former_owner
//             holds in the same form what a provider has lost, and `until` when. Its rows go when
//             no query looks back so far any more.
//   certificate_owner  for each certificate (`digest`, SHA-256) the entry that has it, or had it
//             `until` then: names and mailReceipt. `until` is NULL while the directory has it.
//   state     for each (node, component) the last report of that part of the node: good, 1 or 0,
//             and a line of text. `at` is the time of the report that changed it, not of
//             repetitions.
//
//   Times are seconds since 1970, UTC. An absent text is empty, never NULL; every text is UTF-8
//   without NUL (storable.hpp).
//
// INVARIANTS
//
//   1. When a call returns success, its data is on the disk.
//   2. A refused call leaves nothing, or everything: a call is one savepoint of one transaction.
//      (Everything, if the connection broke between a commit and its answer.)
//   3. The first report stands. A committed row of the log never changes; a step of `dispatch` goes
//      from NULL to a time, once. So every call may be repeated, by us after a crash or by another
//      node, in any order.
//   4. A dispatch has at most one end (pec/dispatch.hpp).
//   5. A receipt has one identity for ever: every later claim gets the first one. It is issued only
//      if that agrees with the dispatch (pec/dispatch.hpp).
//   6. The last setting of a mailbox or domain stands, and so does the last report of a component.
//      Every query that begins later sees it.
//
// ALGORITHM (numbers in parentheses name the invariants)
//
//   Writing. Calls become jobs of the BatchWriter: one thread, one connection. It waits for the
//   write lock, takes all waiting jobs, runs each within a savepoint, commits, and only then lets
//   the callers go (1). While it waits for the disk, new jobs gather: the more sessions, the fewer
//   commits for each. It never delays a job in order to gather more. It rolls a failed job back to
//   its savepoint. A failed commit fails all its jobs, and the next batch connects again (2).
//
//   There is one write lock for the whole database. No other program or node writes between a job's
//   questions and its answers. The rules below rely on that.
//
//   Merging (entries.cpp, message_log.cpp). A line whose key exists already is skipped (3). Before
//   a step is entered, the job reads what is known of the dispatch, and pec/dispatch.hpp judges
//   (4).
//
//   Claiming (claims.cpp) (5). The job reads what was issued for the recipients before, and what is
//   known of their dispatches; pec/dispatch.hpp judges. Then it enters the entries, which hold the
//   receipt's line for each recipient. If they name the proposed receipt but an earlier one stands,
//   the log must name the earlier one, because the proposed message will never exist.
//
//   A delivery to an alias (claim_for_alias()) is noted first. Only the report that completes the
//   set goes on to claim, under the time of the latest delivery.
//
//   Submitting (submissions.cpp). One transaction asks whether a login may send, judges whether
//   this message is too much, and enters it. A refused message leaves nothing.
//
//   Reading uses a connection of its own, so a query never waits for a commit. It holds no
//   statement open between queries: each sees what any process has committed before it (6).
#include "ledger/sql_ledger.hpp"

#include "ledger/schema.hpp"
#include "ledger/store.hpp"

namespace pec::ledger {

Result<std::unique_ptr<SqlLedger>> SqlLedger::open(std::string_view connection,
                                                   std::chrono::seconds patience) {
  PEC_TRY(const auto database, Database::at(connection, patience));
  PEC_TRY_VOID(prepare_schema(*database));
  return std::unique_ptr<SqlLedger>(new SqlLedger(std::make_shared<Store>(database)));
}

SqlLedger::SqlLedger(const std::shared_ptr<Store>& store)
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

}  // namespace pec::ledger
