// SPDX-License-Identifier: GPL-2.0-or-later

// Settings for libclamav, as the configuration gives them.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace pec::scanner {

struct ClamOptions {
  std::filesystem::path database_dir = "/var/lib/clamav";
  std::filesystem::path temp_dir;             // folder for unpacked files; empty: the system's
  std::chrono::hours max_database_age{0};     // 0: no limit
  std::uint64_t max_scan_size = 400'000'000;  // bytes of one message with all that is unpacked
  std::uint32_t max_recursion = 17;           // layers of archives and attached messages
  std::chrono::milliseconds max_scan_time = std::chrono::minutes(2);  // 0: no limit
  // Password-protected files can't be scanned. True: they count as viruses; false: they are
  // ignored.
  bool encrypted_archives_are_viruses = false;
};

}  // namespace pec::scanner
