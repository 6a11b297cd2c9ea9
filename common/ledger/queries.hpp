// SPDX-License-Identifier: GPL-2.0-or-later

// How the ledger is read: one session, connected when it is needed, by one thread at a time. Included by
// this library's .cpp files alone.
//
//     select<Incident>(*database_, reader_, "SELECT * FROM incident WHERE what = :what", what)
//     read(*database_, reader_, [&](soci::session& sql) { return count_of(sql); })
//
// Errors: Database::explain(), and the next query connects anew. Any thread.
#pragma once

#include "base/guarded.hpp"
#include "ledger/rows.hpp"

#include <memory>
#include <soci/soci.h>
#include <string_view>
#include <utility>
#include <vector>

namespace pec::ledger {

using Reader = Guarded<std::unique_ptr<soci::session>>;

// What `query` makes of the session. It must leave no statement open: see sql_ledger.cpp, "Reading".
template <class Query>
auto read(const Database& database, Reader& reader, const Query& query)
    -> Result<decltype(query(std::declval<soci::session&>()))> {
  auto session = reader.lock();
  try {
    if (!*session || !(*session)->is_connected()) *session = database.connect();
    return query(**session);
  } catch (const std::exception& error) {
    session->reset();
    return tl::unexpected(database.explain(error));
  }
}

// `values`: what the query asks for, if anything.
template <class Row, class... Values>
Result<std::vector<Row>> select(const Database& database, Reader& reader, std::string_view query,
                                const Values&... values) {
  return read(database, reader, [&](soci::session& sql) {
    const soci::rowset<Row> rows = ((sql.prepare << query), ..., soci::use(values));
    return std::vector<Row>(rows.begin(), rows.end());
  });
}

}  // namespace pec::ledger
