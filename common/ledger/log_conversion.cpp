// SPDX-License-Identifier: GPL-2.0-or-later

#include "ledger/log_conversion.hpp"

#include "ledger/message_log.hpp"
#include "ledger/rows.hpp"

#include <string>
#include <vector>

namespace pec::ledger {

namespace {

using soci::into;
using soci::use;

// "certificato a@x\nesterno b@y"
Recipients recipients_of(const std::string& stored) {
  std::vector<Recipient> recipients;
  if (stored.empty()) return recipients;
  for (const auto line : text::split(stored, '\n')) {
    const auto blank = line.find(' ');
    const auto type = line.substr(0, blank);
    if (blank == std::string_view::npos || (type != "certificato" && type != "esterno"))
      throw soci::soci_error("a row of event has a recipient without a type");
    recipients.push_back({std::string(line.substr(blank + 1)), type == "certificato"});
  }
  return recipients;
}

// The lines of one message, which follow each other, share their recipients.
class OldRecipients {
public:
  Recipients of(const std::string& stored) {
    if (stored != stored_) {
      recipients_ = recipients_of(stored);
      stored_ = stored;
    }
    return recipients_;
  }

private:
  std::string stored_;
  Recipients recipients_;
};

LedgerEvent event_of(const soci::row& row, OldRecipients& recipients) {
  LedgerEvent event;
  const auto text = [&](const char* column) { return row.get<std::string>(column); };
  const auto kind = event_kind_from_log(text("kind"));
  if (!kind) throw soci::soci_error("a row of event has an unknown kind");
  event.pec_id = text("pec_id");
  event.kind = *kind;
  event.direction = direction_of(text("direction"));
  event.recipient = text("recipient");
  event.at = instant_of(row.get<long long>("at"));
  event.msgid = text("msgid");
  event.sender = text("sender");
  event.recipients = recipients.of(text("recipients"));
  event.reply_to = text("reply_to");
  event.subject = text("subject");
  event.provider = text("provider");
  event.generated_id = text("generated_id");
  event.error = text("error");
  event.detail = text("detail");
  return event;
}

// The last PEC msgid of the page that begins after `last`; the same one: there are no more.
std::string end_of_page(soci::session& sql, const std::string& last) {
  std::string end;
  soci::indicator known{};
  sql << "SELECT MAX(pec_id) FROM (SELECT DISTINCT pec_id FROM old_event WHERE pec_id > :last"
         " ORDER BY pec_id LIMIT 1000) AS page",
      use(last), into(end, known);
  return known == soci::i_null ? last : end;
}

}  // namespace

void convert_log(soci::session& sql) {
  // A message without an id has lines, too: the first page takes them.
  std::string last;
  for (bool first = true;; first = false) {
    const auto end = end_of_page(sql, last);
    if (end == last && !first) return;
    std::vector<LedgerEvent> events;
    {
      const soci::rowset<soci::row> rows =
          (sql.prepare << "SELECT * FROM old_event WHERE (pec_id > :last OR pec_id = '')"
                          " AND pec_id <= :end ORDER BY pec_id, at",
           use(last), use(end));
      OldRecipients recipients;
      for (const auto& row : rows) events.push_back(event_of(row, recipients));
    }
    enter(sql, events);
    last = end;
  }
}

}  // namespace pec::ledger
