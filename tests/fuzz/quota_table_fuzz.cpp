// SPDX-License-Identifier: GPL-2.0-or-later

// Dovecot's answer to how full a mailbox is (common/service/dovecot_quota.hpp).
//
// Input: a table, on one line, or whatever comes in its place.
// - Its limits are numbers that can be counted with. Twice the table is twice the limits.
#include "fuzz/property.hpp"
#include "service/dovecot_quota.hpp"

#include <string>

using pec::fuzz::must_hold;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = pec::fuzz::text_of(data, size);
  const auto quotas = pec::service::quotas_in(input);
  if (!quotas) return 0;
  for (const auto& quota : *quotas)
    must_hold(quota.limit < std::uint64_t{1} << 62 && quota.used < std::uint64_t{1} << 62,
              "no limit overflows");
  const bool ends = input.empty() || input.back() == '\t';
  const auto twice =
      pec::service::quotas_in(std::string(input) + (ends ? "" : "\t") + std::string(input));
  must_hold(twice.has_value() && twice->size() == 2 * quotas->size(), "rows stand for themselves");
  return 0;
}
