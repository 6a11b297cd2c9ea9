// SPDX-License-Identifier: GPL-2.0-or-later

// The ledger's tables and their version in a database.
//
// A version is a list of steps that make it from the previous version; an empty database is version
// 0. To add a version, add an entry at the end of the list in schema.cpp; old entries never change.
// Steps use only SQL that SQLite and PostgreSQL share. Times are seconds since 1970, UTC.
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
// once. Errors: unavailable, as Database::explain(); bad_input if a newer program made it.
// `version_wanted`: tests of a version start from an earlier one.
Result<void> prepare_schema(const Database& database,
                            std::size_t version_wanted = schema_version());

}  // namespace pec::ledger
