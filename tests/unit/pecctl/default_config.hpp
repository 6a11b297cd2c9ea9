// SPDX-License-Identifier: GPL-2.0-or-later

// A configuration in which every option that has a default is set to it.
#pragma once

#include "config/options.hpp"

#include <catch2/catch.hpp>

namespace pec::test {

inline config::Config default_config() {
  config::Config config;
  for (const auto& option : config::options())
    if (!option.required) REQUIRE(config::assign(config, option, option.value).empty());
  return config;
}

}  // namespace pec::test
