// SPDX-License-Identifier: GPL-2.0-or-later

// How libclamav is to work: values, as the configuration gives them.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace pec::scanner {

struct ClamOptions {
  std::filesystem::path database_dir = "/var/lib/clamav";
  std::filesystem::path temp_dir;             // for what is unpacked; empty: the system's
  std::chrono::hours max_database_age{0};     // 0: any age will do
  std::uint64_t max_scan_size = 400'000'000;  // bytes of one message with all that is unpacked
  std::uint32_t max_recursion = 17;           // layers of archives and attached messages
  std::chrono::milliseconds max_scan_time = std::chrono::minutes(2);  // 0: no limit
  // What is locked with a password can't be scanned: a virus, or nothing to speak of.
  bool encrypted_archives_are_viruses = false;
};

}  // namespace pec::scanner
