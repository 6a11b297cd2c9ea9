// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/body_spool.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

namespace pec::mime {
namespace {

class Mapping {
public:
  Mapping(void* address, std::size_t size, FileDescriptor file)
      : address_(address),
        size_(size),
        descriptor_(std::move(file)),
        file_{descriptor_.get(), static_cast<const char*>(address)} {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { munmap(address_, size_); }

  const MappedFile& file() const { return file_; }

private:
  void* address_;
  std::size_t size_;
  FileDescriptor descriptor_;
  MappedFile file_;
};

tl::unexpected<Error> failed(std::string_view what, const std::filesystem::path& dir, int error) {
  return unavailable(
      fmt::format("can't {} a temporary file in {}: {}", what, dir.string(), errno_text(error)),
      ErrorSource::disk);
}

// A file without a name, for reading and writing. Only its owner may open it again: the receiver of
// a descriptor could open it through /proc in any mode that the file allows.
Result<FileDescriptor> open_unnamed(const std::filesystem::path& dir) {
  FileDescriptor file(open(dir.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file) return file;
  // Not every file system can do this, nor every kernel (EISDIR).
  if (errno != EOPNOTSUPP && errno != EISDIR) return failed("create", dir, errno);
  std::string name = (dir / "pec-body.XXXXXX").string();
  file = FileDescriptor(mkostemp(name.data(), O_CLOEXEC));
  if (!file || unlink(name.c_str()) != 0) return failed("create", dir, errno);
  return file;
}

// The same file, open for reading only.
FileDescriptor reopen(const FileDescriptor& file) {
  const auto path = fmt::format("/proc/self/fd/{}", file.get());
  return FileDescriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

}  // namespace

Result<void> BodySpool::append(std::string_view chunk) {
  if (!file_ && memory_.size() + chunk.size() <= memory_limit) {
    memory_ += chunk;
    return {};
  }
  if (!file_) {
    PEC_TRY(auto file, open_unnamed(temp_dir_));
    file_ = std::move(file);
    if (auto ok = write(memory_); !ok) return ok;
    memory_ = std::string();  // gives the memory back; clear() would keep it
  }
  return write(chunk);
}

Result<Bytes> BodySpool::finish() {
  if (!file_) return Bytes::of(std::exchange(memory_, {}));
  FileDescriptor file = reopen(std::exchange(file_, {}));
  const std::size_t size = std::exchange(written_, 0);
  if (!file) return failed("reopen", temp_dir_, errno);
  void* address = mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  if (address == MAP_FAILED) return failed("map", temp_dir_, errno);
  auto owner = std::make_shared<const Mapping>(address, size, std::move(file));
  const MappedFile* mapped = &owner->file();
  return Bytes{std::move(owner), {static_cast<const char*>(address), size}, mapped};
}

Result<void> BodySpool::write(std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t done = ::write(file_.get(), octets.data(), octets.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return failed("write", temp_dir_, errno);
    written_ += static_cast<std::size_t>(done);
    octets.remove_prefix(static_cast<std::size_t>(done));
  }
  return {};
}

}  // namespace pec::mime
