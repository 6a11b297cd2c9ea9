// SPDX-License-Identifier: GPL-2.0-or-later

// The rights that a process gives up for good before it reads bytes from others. A flaw in ClamAV's
// parsers may put the process into an attacker's hands. He can then only read and write as its user
// may, use the processor, and answer incoming connections.
//
//     confine({.data = 6 << 30, .file_size = 500 << 20, .files = 1024, .threads = 1000});
//
// - System calls: only those that scanning needs (seccomp, an allow list). So no socket, no
//   connection to anywhere, no program, no process, no signal to others, no look into others, no
//   change of rights. Any other call ends the process at once.
// - Rights: none can be gained. Setuid programs and file capabilities have no effect
//   (no_new_privs).
// - Memory: nobody can read it. The process is not dumpable, and leaves no core.
// - Limits: on memory, the size of a file, open files and threads. A write beyond the limit fails;
//   libclamav then reports an error, and the scan fails.
//
// seccomp can't tell paths apart, and libclamav must open files. So two other things protect the
// file system: the user, who owns only the temporary folder, and the settings of the unit
// (systemd/pec-scanner.service).
//
// It holds for all threads that start later; start none before. libclamav must have loaded its
// libraries already. Throws std::system_error.
#pragma once

#include <cstdint>

namespace pec::scanner {

struct Limits {
  std::uint64_t data = 0;       // octets of memory that can be written
  std::uint64_t file_size = 0;  // octets
  std::uint64_t files = 0;
  std::uint64_t threads = 0;  // of the user, in all its processes
};

void confine(const Limits& limits);

// Gives up rights and dumps only, for the process that starts the worker.
void renounce_rights();

}  // namespace pec::scanner
