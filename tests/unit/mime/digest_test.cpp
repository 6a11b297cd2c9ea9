// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/digest.hpp"

#include <catch2/catch.hpp>

using namespace pec::mime;

TEST_CASE("SHA-1 follows the vectors of FIPS 180-2", "[rule:3.3.2.2]") {
  CHECK(sha1_hex("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(sha1_hex("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  CHECK(sha1_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}
