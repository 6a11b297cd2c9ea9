#include "directory/file_directory.hpp"

#include "base/clock.hpp"
#include "base/file.hpp"
#include "smime/cms_verifier.hpp"

#include <cerrno>
#include <fmt/format.h>

namespace pec::directory {

namespace {

constexpr char der_sequence = 0x30;  // LDIF can't begin with "0"

}  // namespace

Result<std::unique_ptr<FileDirectory>> FileDirectory::load(std::filesystem::path file,
                                                           std::filesystem::path signer_ca_file) {
  std::unique_ptr<FileDirectory> directory(
      new FileDirectory(std::move(file), std::move(signer_ca_file)));
  if (const auto loaded = directory->reload(); !loaded) return tl::unexpected(loaded.error());
  return directory;
}

std::shared_ptr<const ProvidersDirectory> FileDirectory::providers() const {
  return *providers_.lock();
}

Result<bool> FileDirectory::reload() {
  auto loaded = loaded_.lock();
  // Taken before reading: if the file changes meanwhile, the next call sees another state.
  const auto state = state_of_file();
  if (!state) return tl::unexpected(state.error());
  if (*state == *loaded) return false;

  const auto ldif = read_ldif();
  if (!ldif) return tl::unexpected(ldif.error());
  auto providers = ProvidersDirectory::from_ldif(*ldif);
  if (!providers) return bad_input(fmt::format("{}: {}", file_.string(), providers.error().detail));
  providers_.lock()->swap(*providers);  // the old one is freed after the lock, if nobody uses it
  *loaded = *state;
  return true;
}

Result<FileDirectory::FileState> FileDirectory::state_of_file() const {
  struct stat info {};
  if (stat(file_.c_str(), &info) != 0)
    return bad_input(fmt::format("can't read {}: {}; put the providers' directory there",
                                 file_.string(), errno_text(errno)));
  return FileState{info.st_dev, info.st_ino, info.st_size,
                   info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec};
}

Result<std::string> FileDirectory::read_ldif() const {
  auto content = read_file(file_);
  if (!content) return content;
  const bool is_signed = content->starts_with(der_sequence);
  if (!is_signed && signer_ca_file_.empty()) return content;
  if (!is_signed)
    return bad_input(
        fmt::format("{} is not signed, but {} says who must sign it: put the signed file (.p7m, "
                    "DER) in place",
                    file_.string(), signer_ca_file_.string()));
  if (signer_ca_file_.empty())
    return bad_input(fmt::format(
        "{} is signed: name a PEM file with the CA of its signer (directory.signer_ca_file)",
        file_.string()));

  const auto verifier = smime::CmsVerifier::load(signer_ca_file_);
  if (!verifier) return tl::unexpected(verifier.error());
  auto ldif = (*verifier)->enclosed_content(*content, SystemClock().now());
  if (!ldif) return bad_input(fmt::format("{}: {}", file_.string(), ldif.error().detail));
  return ldif;
}

}  // namespace pec::directory
