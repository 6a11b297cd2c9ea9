// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/ldif_source.hpp"

#include "base/file.hpp"
#include "directory/signed_file.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <sys/stat.h>

namespace pec::directory {

namespace {

constexpr char der_sequence = 0x30;  // LDIF can't begin with "0"

std::string version_of(const struct stat& info) {
  return fmt::format("{}:{}:{}:{}.{:09}", info.st_dev, info.st_ino, info.st_size,
                     info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

}  // namespace

Result<Reading> LdifSource::read(const std::string& known_version, const KnownBefore& before) {
  // Before the read: if the file changes meanwhile, the next call sees another state.
  struct stat info {};
  if (stat(file_.c_str(), &info) != 0)
    return bad_input(fmt::format("can't read {}: {}; put the providers' directory there",
                                 file_.string(), errno_text(errno)));
  Reading reading{version_of(info), nullptr, Instant(std::chrono::seconds(info.st_mtim.tv_sec))};
  if (reading.version == known_version) return reading;

  PEC_TRY(const auto content, read_content());
  auto providers = ProvidersDirectory::from_ldif(content.content, before);
  if (!providers) return bad_input(fmt::format("{}: {}", file_.string(), providers.error().detail));
  reading.providers = std::move(*providers);
  reading.issued = content.signed_at.value_or(reading.as_of);
  return reading;
}

// The content alone, if the file is not signed.
Result<smime::SignedContent> LdifSource::read_content() const {
  PEC_TRY(auto content, read_file(file_));
  const bool is_signed = content.starts_with(der_sequence);
  const auto& signer_ca_file = options_.signer_ca_file;
  if (!is_signed && signer_ca_file.empty())
    return smime::SignedContent{std::move(content), "", std::nullopt};
  if (!is_signed)
    return bad_input(
        fmt::format("{} is not signed, but {} says who must sign it: put the signed file (.p7m, "
                    "DER) in place",
                    file_.string(), signer_ca_file.string()));
  if (signer_ca_file.empty())
    return bad_input(fmt::format(
        "{} is signed: name a PEM file with the CA of its signer (directory.signer_ca_file)",
        file_.string()));
  auto opened = open_signed_file(content, options_, SystemClock().now());
  if (!opened) return bad_input(fmt::format("{}: {}", file_.string(), opened.error().detail));
  return opened;
}

}  // namespace pec::directory
