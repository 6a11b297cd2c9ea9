#include "ledger/entries.hpp"

#include "ledger/message_log.hpp"
#include "ledger/rows.hpp"

#include <fmt/format.h>
#include <soci/soci.h>

namespace pec::ledger {

namespace {

using soci::use;
using Step = DispatchStep::Step;

// What a step is called: with "_at", its column.
std::string_view name_of(Step step) {
  switch (step) {
    case Step::accepted:
      return "accepted";
    case Step::taken_in_charge:
      return "taken_in_charge";
    case Step::delivered:
      return "delivered";
    case Step::failed:
      return "failed";
    case Step::warned:
      return "warned";
    case Step::timed_out:
      return "timed_out";
  }
  throw soci::soci_error("a step of a dispatch has an unknown kind");
}

bool is_end(Step step) {
  return step == Step::delivered || step == Step::failed || step == Step::timed_out;
}

// A 24-hour notice only says that nothing was heard: no later end contradicts it.
bool contradict(Step one, Step other) {
  return one != other && one != Step::timed_out && other != Step::timed_out;
}

bool was_accepted(soci::session& sql, const std::string& pec_id) {
  int any = 0;
  sql << "SELECT 1 FROM dispatch WHERE pec_id = :pec_id AND accepted_at IS NOT NULL LIMIT 1",
      use(pec_id), soci::into(any);
  return sql.got_data();
}

// Whether our own envelope went to him as to one who is not certified: his domain was new, say, and our
// directory a day old. Then there is no dispatch that a report could be about.
bool went_as_ordinary(soci::session& sql, const std::string& pec_id, const std::string& recipient) {
  int any = 0;
  const std::string kind(log_name(EventKind::transport_envelope));
  sql << "SELECT 1 FROM message_log AS line JOIN party ON party.message = line.message"
         " WHERE line.pec_id = :pec_id AND line.kind = :kind AND line.direction = 'issued'"
         " AND party.mailbox = :recipient AND party.certified = 0 LIMIT 1",
      use(pec_id), use(kind), use(recipient), soci::into(any);
  return sql.got_data();
}

void enter(soci::session& sql, const DispatchStep& step) {
  const auto known = dispatch_of(sql, step.pec_id, step.recipient);
  const bool is_report = !known && step.step != Step::accepted;
  if (is_report && went_as_ordinary(sql, step.pec_id, step.recipient)) return;
  if (is_report && was_accepted(sql, step.pec_id)) {
    ledger::enter(sql,
                  Incident{"unknown recipient", step.pec_id, step.recipient, step.at, step.at,
                           fmt::format("reported as {}, but the message was not accepted for it",
                                       name_of(step.step)),
                           "", std::nullopt});
    return;
  }
  if (const auto end = known ? end_of(*known) : std::nullopt; end && is_end(step.step)) {
    if (contradict(*end, step.step))
      enter_contradiction(
          sql, step.pec_id, step.recipient, step.at,
          fmt::format("reported as {} after it was {}", name_of(step.step), name_of(*end)));
    return;
  }
  const long long at = seconds_of(step.at);
  sql << fmt::format(
      "INSERT INTO dispatch (pec_id, recipient, {0}_at) VALUES (:pec_id, :recipient, :at)"
      " ON CONFLICT (pec_id, recipient)"
      " DO UPDATE SET {0}_at = COALESCE(dispatch.{0}_at, excluded.{0}_at)",
      name_of(step.step)),
      use(step.pec_id), use(step.recipient), use(at);
}

}  // namespace

void enter(soci::session& sql, const Incident& incident) {
  const long long at = seconds_of(incident.at), event_at = seconds_of(incident.event_at);
  const std::string copy = mime::encode_base64(incident.copy);
  sql << "INSERT INTO incident (what, pec_id, recipient, at, event_at, detail, copy)"
         " VALUES (:what, :pec_id, :recipient, :at, :event_at, :detail, :copy)"
         " ON CONFLICT (what, pec_id, recipient) DO UPDATE"
         " SET at = excluded.at, event_at = excluded.event_at, detail = excluded.detail,"
         " copy = excluded.copy, resolved_at = NULL"
         " WHERE excluded.at >= incident.resolved_at",  // false as long as that is NULL
      use(incident.what), use(incident.pec_id), use(incident.recipient), use(at), use(event_at),
      use(incident.detail), use(copy);
  // Who has seen an earlier report, and resolves that one, must not close this one unseen.
  sql << "UPDATE incident SET at = :at WHERE what = :what AND pec_id = :pec_id"
         " AND recipient = :recipient AND at < :later AND resolved_at IS NULL",
      use(at), use(incident.what), use(incident.pec_id), use(incident.recipient), use(at);
}

void enter(soci::session& sql, const LedgerEntries& entries) {
  enter(sql, entries.events);
  for (const auto& step : entries.steps) enter(sql, step);
  for (const auto& incident : entries.incidents) enter(sql, incident);
}

void enter_contradiction(soci::session& sql, const std::string& pec_id,
                         const std::string& recipient, Instant at, std::string detail) {
  enter(sql,
        Incident{"contradiction", pec_id, recipient, at, at, std::move(detail), "", std::nullopt});
}

std::optional<Dispatch> dispatch_of(soci::session& sql, const std::string& pec_id,
                                    const std::string& recipient) {
  const soci::rowset<Dispatch> rows =
      (sql.prepare << "SELECT * FROM dispatch WHERE pec_id = :pec_id AND recipient = :recipient",
       use(pec_id), use(recipient));
  const auto first = rows.begin();
  return first == rows.end() ? std::nullopt : std::optional(*first);
}

std::optional<Step> end_of(const Dispatch& dispatch) {
  if (dispatch.delivered) return Step::delivered;
  if (dispatch.failed) return Step::failed;
  if (dispatch.timed_out) return Step::timed_out;
  return std::nullopt;
}

}  // namespace pec::ledger
