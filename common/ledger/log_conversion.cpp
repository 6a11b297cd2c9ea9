// SPDX-License-Identifier: GPL-2.0-or-later

#include "ledger/log_conversion.hpp"

#include "base/text.hpp"
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

// The last PEC msgid of the page that begins after `last`; `last` itself if there are no more.
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
    std::string stored;
    Recipients recipients;  // of the line before; most lines share them
    for (auto& line : rows<OldLine>(sql,
                                    "SELECT * FROM old_event WHERE (pec_id > :last OR pec_id = '')"
                                    " AND pec_id <= :end ORDER BY pec_id, at",
                                    last, end)) {
      if (line.recipients != stored) recipients = recipients_of(stored = line.recipients);
      line.event.recipients = recipients;
      events.push_back(std::move(line.event));
    }
    enter(sql, events);
    last = end;
  }
}

}  // namespace pec::ledger
