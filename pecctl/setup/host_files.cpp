// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/host_files.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "pecctl/replacement.hpp"
#include "pecctl/setup/difference.hpp"

namespace pec::pecctl {

namespace {

namespace fs = std::filesystem;

// Without the line end that an editor adds.
Result<std::string> password_in(const fs::path& file) {
  if (file.empty()) return std::string();
  PEC_TRY(const auto content, read_file(file));
  return std::string(text::without_line_end(content));
}

}  // namespace

Result<std::vector<DerivedFile>> files_on_host(const config::Config& config,
                                               const std::string& config_file,
                                               const fs::path& templates) {
  ReaderPasswords passwords;
  PEC_TRY(passwords.postfix, password_in(config.site.ledger_reader_password_file));
  PEC_TRY(passwords.dovecot, password_in(config.site.accounts_reader_password_file));
  PEC_TRY(const auto names, site_names(config, passwords));
  const auto beside = fs::path(config_file).parent_path();
  return derived_files(
      config, names,
      {[&](const std::string& name) { return read_file(templates / name); },
       [&](const std::string& name) { return read_file_if_there(beside / name); }, config_file});
}

Result<std::vector<std::string>> differences_of(const std::vector<DerivedFile>& files) {
  std::vector<std::string> lines;
  for (const auto& file : files) {
    PEC_TRY(const auto now, read_file_if_there(file.path));
    if (now == file.content) continue;
    if (now && is_edited(*now)) lines.push_back(file.path.string() + " was changed by hand");
    if (!file.group.empty()) {
      lines.push_back(file.path.string() + " differs; it holds a password");
      continue;
    }
    PEC_TRY(auto shown, difference(file.path.string(), now, file.content));
    lines.push_back(std::move(shown));
  }
  return lines;
}

Result<void> keep_edited(const DerivedFile& file, const std::string& content) {
  PEC_TRY(auto copy, Replacement::write(file.path.string() + ".edited", content, file.group));
  return copy.put_in_place();
}

}  // namespace pec::pecctl
