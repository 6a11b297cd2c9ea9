// SPDX-License-Identifier: GPL-2.0-or-later

// The providers' directory from a file (RFC 6109, 4.5): LDIF, or LDIF inside a signed CMS structure
// (`.p7m`, DER). Which of the two is seen from the content.
//
//     LdifSource source("/var/lib/pec/providers.p7m", options);
//     auto reading = source.read("");
//     if (!reading) return tl::unexpected(reading.error());    // "/var/lib/pec/...: line 12: ..."
//
// Replace the file by renaming a whole one over it, never by writing into it. If a CA for the
// signature is given, an unsigned file is refused: else whoever can put a file in place would have
// no need of a signature. Whose signature counts: directory/signed_file.hpp. The version is the file's
// state on disk (device, inode, size, date); what the directory speaks for is the file's date, so
// whoever fetches it daily must write it daily, even if it is the same.
#pragma once

#include "directory/source.hpp"
#include "smime/cms_verifier.hpp"

#include <filesystem>
#include <string>
#include <utility>

namespace pec::directory {

class LdifSource final : public Source {
public:
  // Of the options, those about the signer count.
  LdifSource(std::filesystem::path file, DirectoryOptions options)
      : file_(std::move(file)), options_(std::move(options)) {}

  Result<Reading> read(const std::string& known_version, const KnownBefore& before = {}) override;

private:
  Result<smime::SignedContent> read_content() const;

  const std::filesystem::path file_;
  const DirectoryOptions options_;
};

}  // namespace pec::directory
