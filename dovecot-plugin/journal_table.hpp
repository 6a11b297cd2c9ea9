// SPDX-License-Identifier: GPL-2.0-or-later

// One file of the delivery journal: a log of records, divided into pages by key. The records of a
// key are found and added in one page, so the size of the file does not matter.
//
//     auto table = JournalTable::create(home / "x.new", now, pages);
//     table->publish(home / "x.1");                     // on the disk, under its name, or neither
//     Result<bool> had_room = table->append(key, record);
//     table->sync();
//     table->last(key)                                  // the record
//
// delivery_journal.cpp describes the format. Errors: bad_input if the file is damaged, and can only
// be moved out of the way; unavailable for all others. This class locks nothing: its user must hold
// the journal's lock. One thread for each object.
#pragma once

#include "base/file.hpp"
#include "base/result.hpp"
#include "dovecot-plugin/delivery_record.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pec::delivery {

class JournalTable {
public:
  static constexpr std::size_t key_length = 32;
  static constexpr std::uint64_t smallest = 16;  // pages
  static constexpr std::uint64_t largest = std::uint64_t{1} << 19;
  static std::uint64_t outgrown(std::uint64_t pages) { return std::min(pages * 8, largest); }

  static Result<JournalTable> create(const std::filesystem::path& path, Instant begun,
                                     std::uint64_t pages);
  static Result<JournalTable> open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  Instant begun() const { return begun_; }
  std::uint64_t pages() const { return pages_; }

  // Syncs the file and gives it its name.
  Result<void> publish(const std::filesystem::path& path);

  Result<std::optional<DeliveryRecord>> last(std::string_view key) const;

  // False: the key's page is full; nothing was written.
  Result<bool> append(std::string_view key, const DeliveryRecord& record);
  // As append(), but overwrites an earlier record of that key. For a file that has no name yet.
  Result<bool> put(std::string_view key, const DeliveryRecord& record);
  Result<void> sync();

  // These take a file apart from its end: owed_in_last() returns the keys of the last `count` pages
  // that are `saved`, and cut_last() cuts these pages off. A page that was cut off is empty.
  using Owed = std::vector<std::pair<std::string, DeliveryRecord>>;
  Result<std::uint64_t> pages_left() const;
  Result<Owed> owed_in_last(std::uint64_t count) const;
  Result<void> cut_last(std::uint64_t count);

private:
  static constexpr std::size_t line_length = 64;
  static constexpr std::size_t page_size = 4096;
  using Page = std::array<char, page_size>;

  JournalTable(std::filesystem::path path, FileDescriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}
  tl::unexpected<Error> error(std::string_view what) const;
  std::uint64_t page_of(std::string_view key) const;
  Result<void> read_header();
  Result<void> read(std::uint64_t page, Page& content) const;
  Result<void> write_line(std::uint64_t page, std::size_t line, std::string_view text);

  std::filesystem::path path_;
  FileDescriptor file_;
  Instant begun_;
  std::uint64_t pages_ = 0;
  std::string salt_;
};

}  // namespace pec::delivery
