// SPDX-License-Identifier: GPL-2.0-or-later

#include "unit/ledger/disk_faults.hpp"

#include <atomic>
#include <cerrno>
#include <sqlite3.h>
#include <stdexcept>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::atomic<int> write_error{0};
std::atomic<int> sync_error{0};
std::atomic<std::uint64_t> sync_count{0};

ssize_t faulty_pwrite(int fd, const void* data, size_t size, off_t offset) {
  if (write_error != 0) return errno = write_error, -1;
  return pwrite(fd, data, size, offset);
}

int faulty_sync(long call, int fd) {
  ++sync_count;
  if (sync_error != 0) return errno = sync_error, -1;
  return static_cast<int>(syscall(call, fd));
}

void replace_pwrite() {
  sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
  for (const char* name : {"pwrite", "pwrite64"}) {
    const auto function = reinterpret_cast<sqlite3_syscall_ptr>(&faulty_pwrite);
    const int code = vfs->xSetSystemCall(vfs, name, function);
    if (code != SQLITE_OK && code != SQLITE_NOTFOUND)
      throw std::runtime_error("SQLite does not let its writes be replaced");
  }
}

}  // namespace

extern "C" int fsync(int fd) {
  return faulty_sync(SYS_fsync, fd);
}
extern "C" int fdatasync(int fd) {
  return faulty_sync(SYS_fdatasync, fd);
}

namespace pec {

FailingDisk::FailingDisk(Operation operation, int error) {
  static const bool replaced = (replace_pwrite(), true);
  (operation == write ? write_error : sync_error) = replaced ? error : 0;
}

FailingDisk::~FailingDisk() {
  write_error = sync_error = 0;
}

std::uint64_t syncs() {
  return sync_count;
}

}  // namespace pec
