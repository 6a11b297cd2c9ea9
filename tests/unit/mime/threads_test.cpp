// SPDX-License-Identifier: GPL-2.0-or-later

// The promises of the headers about threads. ThreadSanitizer finds more here.
#include "mime/address.hpp"
#include "mime/encoded_word.hpp"
#include "mime/latin1.hpp"
#include "mime/part_tree.hpp"

#include <catch2/catch.hpp>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace pec::mime;

namespace {

std::string everything_once() {
  std::string out = decode_text(" =?windows-1252?Q?10_=80?= =?iso-2022-jp?B?GyRCNEE7ehsoQg==?=");
  out += to_latin1("l\u2019anno \u010d");
  out += parse_parameterised(" a/b; name*=iso-8859-15''10%20%A4; x=\"=?koi8-r?B?4Q==?=\"")
             .parameter("name");
  out += encode_text("citt\u00e0", 9);
  out += parse_addresses(" =?utf-8?q?Nicol=C3=B2?= <n@alfa.example>").front().display_name;
  return out;
}

}  // namespace

TEST_CASE("any thread may call the library at any time, the first calls included") {
  std::vector<std::string> results(8);
  std::vector<std::thread> threads;
  for (std::string& result : results)
    threads.emplace_back([&result] {
      for (int i = 0; i < 200; ++i) result = everything_once();
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& result : results)
    CHECK(result == "10 \u20ac\u6f22\u5b57l'anno c10 \u20ac=?utf-8?B?Y2l0dMOg?=Nicol\u00f2");
}

// ICU initialises each script when it first comes, so each thread begins with another one.
TEST_CASE("threads may transliterate at the same time, the first calls included") {
  const std::pair<const char*, const char*> words[] = {{"\u0391\u03b8\u03ae\u03bd\u03b1", "Athena"},
                                                       {"\u041c\u0438\u0440", "Mir"},
                                                       {"\u4f60\u597d", "ni hao"},
                                                       {"\ud55c\uad6d", "hangug"},
                                                       {"\u30ab\u30bf", "kata"},
                                                       {"\u05e9\u05dc", "sl"},
                                                       {"\u0643\u062a", "kt"},
                                                       {"\u0928\u092e", "nama"}};
  std::vector<std::vector<std::string>> results(std::size(words));
  std::vector<std::thread> threads;
  for (std::size_t first = 0; first < std::size(words); ++first)
    threads.emplace_back([&, first] {
      for (std::size_t i = 0; i < 40 * std::size(words); ++i)
        results[first].push_back(to_latin1(words[(first + i) % std::size(words)].first));
    });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t first = 0; first < results.size(); ++first) {
    REQUIRE(results[first].size() == 40 * std::size(words));
    for (std::size_t i = 0; i < results[first].size(); ++i)
      REQUIRE(results[first][i] == words[(first + i) % std::size(words)].second);
  }
}
