// SPDX-License-Identifier: GPL-2.0-or-later

// Postfix's and Dovecot's files, made from the templates, pec.toml and the site's own lines:
//
//     PEC_TRY(const auto files, derived_files(config, names, sources));
//     for (const auto& file : files)
//       if (is_edited(file, content_now)) complain(file.path);     // somebody changed it by hand
//
// The first line of such a file says what it is made from, and has the digest of what follows. So
// the file itself tells whether somebody has changed it since. Pure, but for the sources; any
// thread.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"
#include "pecctl/site_names.hpp"
#include "smime/hmac.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec::pecctl {

struct DerivedFile {
  std::filesystem::path path;
  std::string content;
  std::string group{};  // not empty: only root and this group may read it, for it has a password

  bool operator==(const DerivedFile&) const = default;
};

struct Sources {
  // A template, such as "postfix-conf/main.cf". Error: it can't be read.
  std::function<Result<std::string>(const std::string& name)> read_template;
  // The site's own lines, such as "postfix/main.cf". Nothing: there are none. Error: likewise.
  std::function<Result<std::optional<std::string>>(const std::string& name)> read_own;
  std::string config_file;  // as the first line names it
  // A secret of 64 hex digits. Error: it can't be read, or holds anything else.
  std::function<Result<std::string>(const std::filesystem::path&)> read_secret =
      smime::secret_digits;
};

// Error: of a source, or of render().
Result<std::vector<DerivedFile>> derived_files(const config::Config& config, const Names& names,
                                               const Sources& sources);

// Whether `content` is not as a program of ours has written it.
bool is_edited(std::string_view content);

}  // namespace pec::pecctl
