// The providers' directory from a file (RFC 6109, 4.5): LDIF, or LDIF inside a signed CMS structure
// (`.p7m`, DER). Which of the two is seen from the content.
//
//     auto directory = FileDirectory::load("/var/lib/pec/providers.p7m",
//     "/etc/pec/directory-ca.pem"); auto snapshot = (*directory)->snapshot(); auto changed =
//     (*directory)->reload();       // from a signal or a timer
//
// Replace the file by renaming a whole one over it, never by writing into it. If a CA for the
// signature is given, an unsigned file is refused: else whoever can put a file in place would have
// no need of a signature. Any thread.
#pragma once

#include "base/guarded.hpp"
#include "base/result.hpp"
#include "directory/providers_directory.hpp"
#include "pec/ports.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <sys/stat.h>

namespace pec::directory {

class FileDirectory final : public Directory {
public:
  // `signer_ca_file`: PEM, whom to trust for the file's signature; empty if it is not signed.
  // Error: bad_input, with a sentence for the administrator.
  static Result<std::unique_ptr<FileDirectory>> load(std::filesystem::path file,
                                                     std::filesystem::path signer_ca_file);

  std::shared_ptr<const DirectorySnapshot> snapshot() const override { return providers(); }
  // The same, with the list of all providers.
  std::shared_ptr<const ProvidersDirectory> providers() const;

  // Reads the file again if it has changed; true if what it holds is now the snapshot. On error the
  // running snapshot stays, and the next call tries again.
  Result<bool> reload();

private:
  // What tells one state of the file from another.
  struct FileState {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    long long modified_ns = 0;

    bool operator==(const FileState&) const = default;
  };

  FileDirectory(std::filesystem::path file, std::filesystem::path signer_ca_file)
      : file_(std::move(file)), signer_ca_file_(std::move(signer_ca_file)) {}
  Result<FileState> state_of_file() const;
  Result<std::string> read_ldif() const;

  const std::filesystem::path file_;
  const std::filesystem::path signer_ca_file_;
  Guarded<FileState> loaded_;  // held while reloading: one at a time
  mutable Guarded<std::shared_ptr<const ProvidersDirectory>> providers_;
};

}  // namespace pec::directory
