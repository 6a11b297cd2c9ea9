// SPDX-License-Identifier: GPL-2.0-or-later

// How pecctl writes JSON, for programs.
//
//     return json_text(Json{{"name", domain.name}, {"added", utc_time(domain.added)}});
//
// Pure functions, any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace pec::pecctl {

using Json = nlohmann::ordered_json;

// Two blanks a level. What is no UTF-8 is replaced: it can't be in the ledger (ledger/storable.hpp).
std::string json_text(const Json& value);

}  // namespace pec::pecctl
