// SPDX-License-Identifier: GPL-2.0-or-later

// The database that all parts of the ledger share: its one writer, and one session for reading,
// which connects when it is needed. Only this library's .cpp files include this.
//
//     // on the disk when it returns
//     store.write([&](soci::session& sql) { return claim(sql, key); })
//     store.read([&](soci::session& sql) { return count_of(sql); })
//     store.select<Incident>("SELECT * FROM incident WHERE what = :what", what)
//
// Errors: as Database::explain(). The next call connects again. Any thread.
#pragma once

#include "base/guarded.hpp"
#include "ledger/batch_writer.hpp"
#include "ledger/rows.hpp"

#include <memory>
#include <soci/soci.h>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pec::ledger {

class Store {
public:
  explicit Store(std::shared_ptr<const Database> database)
      : database_(database), writer_(std::move(database)) {}

  // Runs `work` as one job of the writer and returns its result.
  template <class Work, class Answer = std::invoke_result_t<const Work&, soci::session&>>
  Result<Answer> write(const Work& work) {
    if constexpr (std::is_void_v<Answer>) {
      return writer_.run(work);
    } else {
      Answer answer{};
      PEC_TRY_VOID(writer_.run([&](soci::session& sql) { answer = work(sql); }));
      return answer;
    }
  }

  // Runs `query` and returns its result. It must leave no statement open: see sql_ledger.cpp,
  // "Reading".
  template <class Query, class Answer = std::invoke_result_t<const Query&, soci::session&>>
  Result<Answer> read(const Query& query) const {
    auto session = reader_.lock();
    try {
      if (!*session || !(*session)->is_connected()) *session = database_->connect();
      return query(**session);
    } catch (const std::exception& error) {
      session->reset();
      return tl::unexpected(database_->explain(error));
    }
  }

  // `values`: those that the query uses, in its order.
  template <class Row, class... Values>
  Result<std::vector<Row>> select(std::string_view query, const Values&... values) const {
    return read([&](soci::session& sql) { return rows<Row>(sql, query, values...); });
  }

  const BatchWriter& writer() const { return writer_; }

private:
  const std::shared_ptr<const Database> database_;
  BatchWriter writer_;
  mutable Guarded<std::unique_ptr<soci::session>> reader_;  // none: connect before the next query
};

}  // namespace pec::ledger
