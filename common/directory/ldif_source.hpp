// SPDX-License-Identifier: GPL-2.0-or-later

// The providers' directory from a file (RFC 6109, 4.5): LDIF, or LDIF inside a signed CMS structure
// (`.p7m`, DER). The content shows which of the two it is.
//
//     LdifSource source("/var/lib/pec/providers.p7m", options);
//     auto reading = source.read("");
//     if (!reading) return tl::unexpected(reading.error());    // "/var/lib/pec/...: line 12: ..."
//
// Replace the file by renaming a whole one over it; never write into it. If a CA for the signature
// is given, an unsigned file is refused. Otherwise anybody who can replace the file could do
// without a signature. directory/signed_file.hpp says whose signature counts. The version is the
// file's state on disk (device, inode, size, date). The directory speaks for the file's date; so if
// a program fetches it daily, it must write it daily, even if nothing has changed.
#pragma once

#include "directory/source.hpp"
#include "smime/cms_verifier.hpp"

#include <filesystem>
#include <string>
#include <utility>

namespace pec::directory {

class LdifSource final : public Source {
public:
  // Only the options about the signer count.
  LdifSource(std::filesystem::path file, DirectoryOptions options)
      : file_(std::move(file)), options_(std::move(options)) {}

  Result<Reading> read(const std::string& known_version, const KnownBefore& before = {}) override;

private:
  Result<smime::SignedContent> read_content() const;

  const std::filesystem::path file_;
  const DirectoryOptions options_;
};

}  // namespace pec::directory
