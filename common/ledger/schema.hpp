// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger's tables, and the version that a database has of them.
//
// A version is a list of steps that make it from the one before; an empty database is version 0. A
// new version is a new entry at the end of the list in schema.cpp; old entries never change.
// Only the words that SQLite and PostgreSQL share are used; times are seconds since 1970, UTC.
//
//     const auto database = Database::at(connection, patience);
//     PEC_TRY_VOID(prepare_schema(**database));
//
// Any thread.
#pragma once

#include "ledger/database.hpp"

#include <cstddef>

namespace pec::ledger {

std::size_t schema_version();  // this program's

// Brings the database to this program's version, in one transaction; two processes may do so at
// once. Errors: unavailable, as Database::explain(); bad_input if it was made by a newer program.
// `version_wanted`: an earlier one is for tests of what follows it.
Result<void> prepare_schema(const Database& database,
                            std::size_t version_wanted = schema_version());

}  // namespace pec::ledger
