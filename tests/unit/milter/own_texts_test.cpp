// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/own_texts.hpp"

#include "support/enumerators.hpp"
#include "support/results.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::milter;
using namespace pec::test;
namespace fs = std::filesystem;

namespace {

std::string complaint(const OwnTextPaths& paths) {
  const auto own = read_own_texts(paths);
  if (own) FAIL("accepted");
  CHECK(own.error().fault == Fault::bad_input);
  return own.error().detail;
}

}  // namespace

TEST_CASE("a folder of texts has a file for each kind of message, or for some", "[rule:9]") {
  const TemporaryFolder folder;
  folder.write("acceptance.txt", "a [data]\r\nb");
  folder.write("non-delivery.txt", " \n");
  folder.write("README", "[what]");
  folder.write("acceptance.txt~", "[what]");
  const auto own = value_of(read_own_texts({"", folder.path(), ""}));
  CHECK(own.for_each == LetterTexts{{Letter::acceptance, "a [data]\nb\n"}});
  CHECK(own.second_language.empty());
  CHECK(own.for_all.empty());
  CHECK(read_own_texts({"", "", folder.path()})->second_language == own.for_each);
}

TEST_CASE("an error in a text is reported with its file, and with what to do") {
  const TemporaryFolder folder;
  CHECK_THAT(complaint({"", folder.path() / "none", ""}),
             Catch::StartsWith("can't read " + (folder.path() / "none").string()));
  CHECK_THAT(complaint({folder.path() / "none.txt", "", ""}), Catch::Contains("none.txt"));
  folder.write("delivery.txt", "x");
  CHECK_THAT(complaint({"", "", folder.path()}),
             Catch::Contains("delivery.txt: unknown kind of message") &&
                 Catch::Contains("delivery-complete.txt, delivery-brief.txt"));
  fs::rename(folder.path() / "delivery.txt", folder.path() / "delivery-brief.txt");
  folder.write("delivery-brief.txt", "on [date]");
  CHECK_THAT(complaint({"", folder.path(), ""}),
             Catch::Contains("delivery-brief.txt: [date] is nothing"));
  folder.write("delivery-brief.txt", "perch\xe9");
  CHECK_THAT(complaint({"", folder.path(), ""}), Catch::Contains("is not UTF-8"));
}

TEST_CASE("the texts that are given in English and German are whole", "[rule:9]") {
  for (const std::string language : {"english", "german"}) {
    CAPTURE(language);
    const auto own =
        value_of(read_own_texts({"", "", fs::path(PEC_SOURCE_DIR) / "texts" / language}));
    CHECK(own.second_language.size() == all_of<Letter>().size());
    for (const auto& [letter, text] : own.second_language) {
      CAPTURE(file_name(letter));
      for (const auto* name : {"[data]", "[ora]", "[zona]", "[oggetto]"})
        CHECK_THAT(text, Catch::Contains(name));
      const bool fails = file_name(letter).find("virus") != std::string_view::npos ||
                         file_name(letter).starts_with("non-") ||
                         letter == Letter::anomaly_envelope;
      CHECK((text.find("[descrizione]") != std::string::npos) == fails);
      CHECK((text.find("[destinatari") != std::string::npos));
    }
  }
}
