// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/json.hpp"

namespace pec::pecctl {

std::string json_text(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pec::pecctl
