// How pecctl writes JSON, for programs.
//
//     return json_text(Json{{"name", domain.name}, {"added", utc(domain.added)}});
//
// Pure functions, any thread.
#pragma once

#include "base/clock.hpp"

#include <nlohmann/json.hpp>
#include <string>

namespace pec::pecctl {

using Json = nlohmann::ordered_json;

// "2026-11-22T05:11:22Z".
std::string utc(Instant at);

// Two blanks a level. What is no UTF-8 is replaced: it can't be in the ledger (ledger/storable.hpp).
std::string json_text(const Json& value);

}  // namespace pec::pecctl
