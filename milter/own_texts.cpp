// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/own_texts.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "mime/encoded_word.hpp"

#include <fmt/format.h>
#include <system_error>
#include <utility>

namespace pec::milter {

namespace {

namespace fs = std::filesystem;

Result<std::string> read_text(const fs::path& file) {
  const auto content = read_file(file);
  if (!content) return content;
  if (!mime::is_utf8(*content))
    return bad_input(
        fmt::format("{}: the text is not UTF-8: save it in that encoding, or take it out of the "
                    "configuration",
                    file.string()));
  return text::replace_all(*content, "\r\n", "\n");
}

std::string names_of_all() {
  std::string names;
  for (int i = 0; i <= static_cast<int>(Letter::anomaly_envelope); ++i)
    names += fmt::format("{}{}.txt", i == 0 ? "" : ", ", file_name(static_cast<Letter>(i)));
  return names;
}

Result<void> read_into(LetterTexts& texts, const fs::path& file) {
  const auto letter = letter_of_file(file.stem().string());
  if (!letter)
    return bad_input(fmt::format("{}: unknown kind of message: rename the file; the names are {}",
                                 file.string(), names_of_all()));
  PEC_TRY(auto content, read_text(file));
  if (const auto flaw = flaw_of_template(content); !flaw.empty())
    return bad_input(fmt::format("{}: {}", file.string(), flaw));
  if (text::trim(content).empty()) return {};
  if (!content.ends_with('\n')) content += '\n';
  texts.emplace(*letter, std::move(content));
  return {};
}

// Files without .txt belong to the site (a README, an editor's leftovers).
Result<LetterTexts> read_folder(const fs::path& folder) {
  LetterTexts texts;
  if (folder.empty()) return texts;
  std::error_code error;
  for (fs::directory_iterator file(folder, error), end; !error && file != end;
       file.increment(error))
    if (file->path().extension() == ".txt") PEC_TRY_VOID(read_into(texts, file->path()));
  if (error) return bad_input(cannot_read(folder, error.value()));
  return texts;
}

}  // namespace

Result<OwnTexts> read_own_texts(const OwnTextPaths& paths) {
  OwnTexts own;
  if (!paths.for_all.empty()) {
    PEC_TRY(own.for_all, read_text(paths.for_all));
  }
  for (const auto& [folder, texts] :
       {std::pair(&paths.for_each_dir, &own.for_each),
        std::pair(&paths.second_language_dir, &own.second_language)}) {
    PEC_TRY(*texts, read_folder(*folder));
  }
  return own;
}

}  // namespace pec::milter
