// SPDX-License-Identifier: GPL-2.0-or-later

#include "ledger/schema.hpp"

#include "base/text.hpp"
#include "ledger/log_conversion.hpp"

#include <fmt/format.h>
#include <soci/soci.h>
#include <variant>
#include <vector>

namespace pec::ledger {

namespace {

// pec/ledger_entry.hpp and the top of sql_ledger.cpp explain the columns.
using Step = std::variant<const char*, void (*)(soci::session&)>;  // a statement, or a function
const std::vector<std::vector<Step>> versions{
    {
        "CREATE TABLE event ("
        " pec_id TEXT NOT NULL,"
        " kind TEXT NOT NULL,"
        " direction TEXT NOT NULL,"
        " recipient TEXT NOT NULL,"
        " at BIGINT NOT NULL,"
        " msgid TEXT NOT NULL,"
        " sender TEXT NOT NULL,"
        " recipients TEXT NOT NULL,"
        " subject TEXT NOT NULL,"
        " provider TEXT NOT NULL,"
        " generated_id TEXT NOT NULL,"
        " error TEXT NOT NULL,"
        " detail TEXT NOT NULL,"
        " PRIMARY KEY (pec_id, kind, direction, recipient))",

        "CREATE TABLE dispatch ("
        " pec_id TEXT NOT NULL,"
        " recipient TEXT NOT NULL,"
        " accepted_at BIGINT,"
        " taken_in_charge_at BIGINT,"
        " delivered_at BIGINT,"
        " failed_at BIGINT,"
        " PRIMARY KEY (pec_id, recipient))",

        "CREATE TABLE receipt ("
        " pec_id TEXT NOT NULL,"
        " kind TEXT NOT NULL,"
        " recipient TEXT NOT NULL,"
        " message_id TEXT NOT NULL,"
        " at BIGINT NOT NULL,"
        " PRIMARY KEY (pec_id, kind, recipient))",
    },
    {
        "CREATE TABLE mailbox ("
        " address TEXT NOT NULL PRIMARY KEY,"
        " closed INTEGER NOT NULL)",
    },
    {
        "CREATE TABLE state ("
        " node TEXT NOT NULL,"
        " component TEXT NOT NULL,"
        " good INTEGER NOT NULL,"
        " text TEXT NOT NULL,"
        " at BIGINT NOT NULL,"
        " PRIMARY KEY (node, component))",
    },
    {
        "ALTER TABLE event ADD COLUMN reply_to TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE dispatch ADD COLUMN warned_at BIGINT",
        "ALTER TABLE dispatch ADD COLUMN timed_out_at BIGINT",
        "ALTER TABLE dispatch ADD COLUMN warning_sent INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE dispatch ADD COLUMN timeout_sent INTEGER NOT NULL DEFAULT 0",

        // One index for each part of due_notices_query(). They omit the dispatches that have ended
        // and owe no notice, so they stay small.
        "CREATE INDEX dispatch_open ON dispatch (accepted_at)"
        " WHERE delivered_at IS NULL AND failed_at IS NULL AND timed_out_at IS NULL",
        "CREATE INDEX dispatch_warned ON dispatch (accepted_at)"
        " WHERE warned_at IS NOT NULL AND warning_sent = 0",
        "CREATE INDEX dispatch_timed_out ON dispatch (accepted_at)"
        " WHERE timed_out_at IS NOT NULL AND timeout_sent = 0",

        "CREATE TABLE incident ("
        " what TEXT NOT NULL,"
        " pec_id TEXT NOT NULL,"
        " recipient TEXT NOT NULL,"
        " at BIGINT NOT NULL,"
        " event_at BIGINT NOT NULL,"
        " detail TEXT NOT NULL,"
        " copy TEXT NOT NULL,"
        " resolved_at BIGINT,"
        " PRIMARY KEY (what, pec_id, recipient))",
    },
    {
        "CREATE TABLE domain ("
        " name TEXT NOT NULL PRIMARY KEY,"
        " unit TEXT NOT NULL,"
        " added_at BIGINT NOT NULL)",
    },
    {
        "ALTER TABLE mailbox ADD COLUMN state TEXT NOT NULL DEFAULT 'active'",
        "ALTER TABLE mailbox ADD COLUMN since BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE mailbox ADD COLUMN reason TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE mailbox ADD COLUMN told INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX mailbox_untold ON mailbox (since) WHERE state = 'blocked' AND told = 0",

        "CREATE TABLE submission ("
        " pec_id TEXT NOT NULL PRIMARY KEY,"
        " login TEXT NOT NULL,"
        " at BIGINT NOT NULL,"
        " recipients BIGINT NOT NULL,"
        " level TEXT NOT NULL,"
        " fingerprint TEXT NOT NULL)",
        "CREATE INDEX submission_of_login ON submission (login, at)",
        "CREATE INDEX submission_spam ON submission (login, at) WHERE level = 'spam'",
    },
    {
        "ALTER TABLE mailbox ADD COLUMN created_at BIGINT",
        "ALTER TABLE mailbox ADD COLUMN holder TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE mailbox ADD COLUMN contacts TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE mailbox ADD COLUMN home TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE mailbox ADD COLUMN password TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE mailbox ADD COLUMN renamed_to TEXT NOT NULL DEFAULT ''",

        "CREATE TABLE mailbox_event ("
        " address TEXT NOT NULL,"
        " at BIGINT NOT NULL,"
        " what TEXT NOT NULL,"
        " detail TEXT NOT NULL)",
        "CREATE INDEX mailbox_event_of ON mailbox_event (address, at)",
    },
    {
        // A table of its own stores once what all lines about a message share. Only the log says
        // what was issued.
        "ALTER TABLE event RENAME TO old_event",
        "CREATE TABLE message ("
        " id BIGINT NOT NULL PRIMARY KEY,"
        " number BIGINT NOT NULL,"
        " pec_id TEXT NOT NULL,"
        " digest TEXT NOT NULL,"
        " msgid TEXT NOT NULL,"
        " sender TEXT NOT NULL,"
        " reply_to TEXT NOT NULL,"
        " subject TEXT NOT NULL)",
        "CREATE UNIQUE INDEX message_of_pec_id ON message (pec_id, digest)",

        "CREATE TABLE party ("
        " message BIGINT NOT NULL,"
        " position INTEGER NOT NULL,"
        " address TEXT NOT NULL,"
        " mailbox TEXT NOT NULL,"
        " certified INTEGER NOT NULL,"
        " at BIGINT NOT NULL,"
        " PRIMARY KEY (message, position))",
        "CREATE INDEX party_of_mailbox ON party (mailbox, at)",

        "CREATE TABLE event ("
        " number BIGINT NOT NULL,"
        " kind TEXT NOT NULL,"
        " direction TEXT NOT NULL,"
        " recipient TEXT NOT NULL,"
        " message BIGINT NOT NULL,"
        " at BIGINT NOT NULL,"
        " provider TEXT NOT NULL,"
        " generated_id TEXT NOT NULL,"
        " identity TEXT NOT NULL,"
        " error TEXT NOT NULL,"
        " detail TEXT NOT NULL,"
        " PRIMARY KEY (number, kind, direction, recipient))",
        "CREATE VIEW message_log AS"
        " SELECT message.pec_id, event.kind, event.direction, event.recipient, event.at,"
        " message.msgid, message.sender, message.reply_to, message.subject, event.message,"
        " event.provider, event.generated_id, event.identity, event.error, event.detail"
        " FROM event JOIN message ON message.id = event.message",

        convert_log,
        "DROP TABLE old_event",
        "DROP TABLE receipt",

        "CREATE TABLE counter ("
        " node TEXT NOT NULL,"
        " name TEXT NOT NULL,"
        " count BIGINT NOT NULL,"
        " PRIMARY KEY (node, name))",
    },
    {
        "CREATE TABLE directory_state ("
        " digest TEXT NOT NULL,"
        " as_of BIGINT NOT NULL)",
        "CREATE TABLE domain_owner ("
        " provider TEXT NOT NULL PRIMARY KEY,"
        " domains TEXT NOT NULL)",
        "CREATE TABLE former_owner ("
        " provider TEXT NOT NULL,"
        " until BIGINT NOT NULL,"
        " domains TEXT NOT NULL,"
        " PRIMARY KEY (provider, until))",
    },
    {
        "CREATE TABLE certificate_owner ("
        " digest TEXT NOT NULL PRIMARY KEY,"
        " provider TEXT NOT NULL,"
        " unit TEXT NOT NULL,"
        " mail_receipt TEXT NOT NULL,"
        " until BIGINT)",
    },
    {
        // Receipts that came again under another Message-ID.
        "CREATE TABLE event_again ("
        " number BIGINT NOT NULL,"
        " kind TEXT NOT NULL,"
        " direction TEXT NOT NULL,"
        " recipient TEXT NOT NULL,"
        " message BIGINT NOT NULL,"
        " at BIGINT NOT NULL,"
        " provider TEXT NOT NULL,"
        " generated_id TEXT NOT NULL,"
        " identity TEXT NOT NULL,"
        " error TEXT NOT NULL,"
        " detail TEXT NOT NULL,"
        " PRIMARY KEY (number, kind, recipient, generated_id))",
        "DROP VIEW message_log",
        "CREATE VIEW message_log AS"
        " SELECT message.pec_id, event.kind, event.direction, event.recipient, event.at,"
        " message.msgid, message.sender, message.reply_to, message.subject, event.message,"
        " event.provider, event.generated_id, event.identity, event.error, event.detail"
        " FROM event JOIN message ON message.id = event.message"
        " UNION ALL"
        " SELECT message.pec_id, again.kind, again.direction, again.recipient, again.at,"
        " message.msgid, message.sender, message.reply_to, message.subject, again.message,"
        " again.provider, again.generated_id, again.identity, again.error, again.detail"
        " FROM event_again AS again JOIN message ON message.id = again.message",
    },
    {
        "CREATE TABLE alias_mailbox ("
        " pec_id TEXT NOT NULL,"
        " alias TEXT NOT NULL,"
        " tag TEXT NOT NULL,"
        " mailbox TEXT NOT NULL,"
        " delivered_at BIGINT,"
        " completes INTEGER NOT NULL,"
        " PRIMARY KEY (pec_id, alias, tag))",
    },
    {
        "ALTER TABLE submission ADD COLUMN infected_octets BIGINT NOT NULL DEFAULT 0",
    },
    {
        "ALTER TABLE submission ADD COLUMN accepted INTEGER NOT NULL DEFAULT 1",

        "CREATE TABLE login_account ("
        " account TEXT NOT NULL PRIMARY KEY,"
        " since BIGINT NOT NULL,"
        " failed BIGINT NOT NULL)",
        "CREATE INDEX login_account_since ON login_account (since)",
        "CREATE TABLE login_network ("
        " network TEXT NOT NULL PRIMARY KEY,"
        " since BIGINT NOT NULL,"
        " failed BIGINT NOT NULL)",
        "CREATE INDEX login_network_since ON login_network (since)",
        "CREATE TABLE login_known ("
        " account TEXT NOT NULL,"
        " network TEXT NOT NULL,"
        " last BIGINT NOT NULL,"
        " since BIGINT NOT NULL,"
        " failed BIGINT NOT NULL,"
        " PRIMARY KEY (account, network))",
        "CREATE INDEX login_known_last ON login_known (last)",
    },
};

std::size_t version_of(soci::session& sql) {
  sql << "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)";
  int version = 0;
  sql << "SELECT COALESCE(MAX(version), 0) FROM schema_version", soci::into(version);
  return static_cast<std::size_t>(version);
}

}  // namespace

std::size_t schema_version() {
  return versions.size();
}

Result<void> prepare_schema(const Database& database, std::size_t version_wanted) {
  try {
    const auto session = database.connect();
    soci::session& sql = *session;
    database.begin_writing(sql);
    const std::size_t found = version_of(sql);
    if (found > versions.size())
      return bad_input(fmt::format(
          "ledger {} has schema version {}, made by a newer program (this one knows {}); install "
          "that program again, or name another file in ledger.connection",
          database.name(), found, versions.size()));
    for (std::size_t version = found; version < version_wanted; ++version) {
      for (const auto& step : versions[version])
        if (const auto* statement = std::get_if<const char*>(&step))
          sql << text::replace_all(*statement, "TEXT", database.text_type());
        else
          std::get<1>(step)(sql);
      const int made = static_cast<int>(version) + 1;
      sql << "INSERT INTO schema_version (version) VALUES (:version)", soci::use(made);
    }
    // A write that changes nothing: it shows now, not at the first message, that the file can't be
    // written.
    sql << "UPDATE schema_version SET version = version";
    sql.commit();
    return {};
  } catch (const std::exception& error) {
    return tl::unexpected(database.explain(error));
  }
}

}  // namespace pec::ledger
