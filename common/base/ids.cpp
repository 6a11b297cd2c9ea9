// SPDX-License-Identifier: GPL-2.0-or-later

#include "base/ids.hpp"

#include "base/text.hpp"
#include "base/utc.hpp"

#include <array>
#include <cerrno>
#include <sys/random.h>
#include <system_error>

namespace pec {

std::string RandomIdSource::next(Instant now) {
  std::array<char, 16> random{};
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    throw std::system_error(errno, std::generic_category(), "getrandom");
  // The time is for the operator who reads a log. Uniqueness does not depend on it.
  return utc_compact(now) + "." + text::base32({random.data(), random.size()});
}

}  // namespace pec
