// SPDX-License-Identifier: GPL-2.0-or-later

// A disk that fails on command. The test program puts itself between SQLite and the kernel: writes
// through SQLite's table of system calls, syncing by defining fsync() and fdatasync() itself.
//
//     { const FailingDisk full(FailingDisk::write, ENOSPC);  CHECK_FALSE(ledger->record(entries));
//     } CHECK(ledger->record(entries));   // the disk is well again
//
// All threads see the same disk; one FailingDisk at a time.
#pragma once

#include <cstdint>

namespace pec {

class FailingDisk {
public:
  enum Operation { write, sync };
  FailingDisk(Operation operation, int error);
  ~FailingDisk();
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;
};

// How often the program has synced a file so far.
std::uint64_t syncs();

}  // namespace pec
