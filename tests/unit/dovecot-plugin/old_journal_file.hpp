// SPDX-License-Identifier: GPL-2.0-or-later

// A delivery journal in the format of the last version.
#pragma once

#include "dovecot-plugin/old_journal.hpp"
#include "mime/digest.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <string>
#include <string_view>

// Adds one record about this message for bob@b.example to the file in the folder; returns its key.
inline std::string write_old_journal(const std::filesystem::path& folder,
                                     std::string_view message_id, std::string_view state,
                                     long long at = 1795324282) {
  const auto path = folder / "pec-delivery-journal";
  const bool is_new = !std::filesystem::exists(path);
  std::ofstream file(path, std::ios::binary | std::ios::app);
  if (is_new) file << "pec-delivery-journal 1 1795324282\n";
  auto key = pec::delivery::old_delivery_key(message_id, "bob@b.example");
  const auto content = fmt::format("{} {} {} 17 Posta in arrivo", key, state, at);
  file << pec::mime::sha256_hex(content).substr(0, 8) << ' ' << content << '\n';
  return key;
}
