// SPDX-License-Identifier: GPL-2.0-or-later

// What a process gives up for good before it reads what others wrote. A flaw in ClamAV's parsers may
// hand it to an attacker; then this is what he has: read what the user may read, write what the user
// may write, use the processor, and answer the connections that come.
//
//     confine({.data = 6 << 30, .file_size = 500 << 20, .files = 1024, .threads = 1000});
//
// - No system call but those that scanning needs (seccomp, an allow list): no socket, no connection to
//   anywhere, no program, no process, no signal to others, no look into others, no change of rights.
//   Any other ends the process at once.
// - Rights can't be gained: setuid programs and file capabilities count for nothing (no_new_privs).
// - Nobody reads its memory: it is not dumpable, and leaves no core.
// - Memory, the size of a file, open files and threads are limited. A write beyond the limit fails,
//   and libclamav's complaint of that makes the scan fail.
//
// seccomp can't tell one path from another, and libclamav must open files. So the file system is
// guarded by other means: the user, who owns the temporary folder and nothing else, and the settings
// of the unit (systemd/pec-scanner.service).
//
// It holds for all threads that are started later, none may have been before. What libclamav loads
// when it starts must be there already. Throws std::system_error.
#pragma once

#include <cstdint>

namespace pec::scanner {

struct Limits {
  std::uint64_t data = 0;       // octets of memory that can be written
  std::uint64_t file_size = 0;  // octets
  std::uint64_t files = 0;
  std::uint64_t threads = 0;  // of the user, whatever process they are in
};

void confine(const Limits& limits);

// Rights and dumps alone, for the process that starts the other.
void renounce_rights();

}  // namespace pec::scanner
