// SPDX-License-Identifier: GPL-2.0-or-later

// The one main() that all unit test programs share (Catch2's is slow to compile: once is enough).
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
