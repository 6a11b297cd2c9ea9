// SPDX-License-Identifier: GPL-2.0-or-later

#include "ledger/entries.hpp"

#include "ledger/message_log.hpp"
#include "ledger/rows.hpp"

#include <fmt/format.h>

namespace pec::ledger {

namespace {

bool was_accepted(soci::session& sql, const std::string& pec_id) {
  return any(sql,
             "SELECT 1 FROM dispatch WHERE pec_id = :pec_id AND accepted_at IS NOT NULL LIMIT 1",
             pec_id);
}

bool went_as_ordinary(soci::session& sql, const std::string& pec_id, const std::string& recipient) {
  return any(sql,
             "SELECT 1 FROM message_log AS line JOIN party ON party.message = line.message"
             " WHERE line.pec_id = :pec_id AND line.kind = :kind AND line.direction = 'issued'"
             " AND party.mailbox = :recipient AND party.certified = 0 LIMIT 1",
             pec_id, EventKind::transport_envelope, recipient);
}

StepFacts facts_of(soci::session& sql, const DispatchStep& step) {
  StepFacts facts{dispatch_of(sql, step.pec_id, step.recipient)};
  if (is_unexpected(step, facts.dispatch)) {
    facts.accepted_for_others = was_accepted(sql, step.pec_id);
    facts.went_as_ordinary = went_as_ordinary(sql, step.pec_id, step.recipient);
  }
  return facts;
}

void enter(soci::session& sql, const DispatchStep& step) {
  const auto verdict = judge_step(step, facts_of(sql, step));
  if (verdict.incident) ledger::enter(sql, *verdict.incident);
  if (!verdict.is_entered) return;
  run(sql,
      fmt::format(
          "INSERT INTO dispatch (pec_id, recipient, {0}_at) VALUES (:pec_id, :recipient, :at)"
          " ON CONFLICT (pec_id, recipient)"
          " DO UPDATE SET {0}_at = COALESCE(dispatch.{0}_at, excluded.{0}_at)",
          name_of(step.step)),
      step.pec_id, step.recipient, step.at);
}

}  // namespace

void enter(soci::session& sql, const Incident& incident) {
  run(sql,
      "INSERT INTO incident (what, pec_id, recipient, at, event_at, detail, copy)"
      " VALUES (:what, :pec_id, :recipient, :at, :event_at, :detail, :copy)"
      " ON CONFLICT (what, pec_id, recipient) DO UPDATE"
      " SET at = excluded.at, event_at = excluded.event_at, detail = excluded.detail,"
      " copy = excluded.copy, resolved_at = NULL"
      " WHERE excluded.at >= incident.resolved_at",  // false as long as that is NULL
      incident.what, incident.pec_id, incident.recipient, incident.at, incident.event_at,
      incident.detail, mime::encode_base64(incident.copy));
  // An operator who resolves an earlier report must not close this one unseen.
  run(sql,
      "UPDATE incident SET at = :at WHERE what = :what AND pec_id = :pec_id"
      " AND recipient = :recipient AND at < :later AND resolved_at IS NULL",
      incident.at, incident.what, incident.pec_id, incident.recipient, incident.at);
}

void enter(soci::session& sql, const LedgerEntries& entries) {
  enter(sql, entries.events);
  for (const auto& step : entries.steps) enter(sql, step);
  for (const auto& incident : entries.incidents) enter(sql, incident);
}

std::optional<Dispatch> dispatch_of(soci::session& sql, const std::string& pec_id,
                                    const std::string& recipient) {
  return first<Dispatch>(sql,
                         "SELECT * FROM dispatch WHERE pec_id = :pec_id AND recipient = :recipient",
                         pec_id, recipient);
}

}  // namespace pec::ledger
