// SPDX-License-Identifier: GPL-2.0-or-later

#include "ledger/database.hpp"

#include "base/text.hpp"
#include "ledger/postgresql_database.hpp"
#include "ledger/sqlite_database.hpp"

#include <fmt/format.h>
#include <soci/soci.h>

namespace pec::ledger {

namespace {

// A connection may hold a password, so it isn't repeated.
tl::unexpected<Error> not_understood() {
  return bad_input(
      "ledger.connection is not understood; write sqlite3:// and the absolute path of a file, or "
      "postgresql:// with a host and a database, such as postgresql://pec@db.alfa.example/pec");
}

}  // namespace

Result<std::shared_ptr<const Database>> Database::at(std::string_view connection,
                                                     std::chrono::seconds patience) {
  if (auto file = sqlite_file(connection)) return SqliteDatabase::at(std::move(*file), patience);
  if (auto server = postgresql_server(connection))
    return std::make_shared<PostgresqlDatabase>(std::move(*server), patience);
  return not_understood();
}

Result<std::optional<std::string>> Database::file_of(std::string_view connection) {
  if (auto file = sqlite_file(connection)) return file;
  if (postgresql_server(connection)) return std::nullopt;
  return not_understood();
}

Error Database::explain(const std::exception& error) const {
  // what() of a SOCI error quotes the statement's values; get_error_message() doesn't.
  const auto* sql = dynamic_cast<const soci::soci_error*>(&error);
  std::string message = sql != nullptr ? sql->get_error_message() : error.what();
  for (const std::string_view line_break : {"\n\t", "\n"})
    message = text::replace_all(std::move(message), line_break, " ");
  const Diagnosis diagnosis = diagnose(error);
  return unavailable(fmt::format("ledger {} {} ({}); {}", name_, diagnosis.what,
                                 text::printable(text::trim(message)), diagnosis.remedy),
                     ErrorSource::ledger)
      .value();
}

}  // namespace pec::ledger
