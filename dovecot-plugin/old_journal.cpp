// SPDX-License-Identifier: GPL-2.0-or-later

#include "dovecot-plugin/old_journal.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "dovecot-plugin/delivery_journal.hpp"
#include "mime/digest.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <fmt/format.h>
#include <functional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace pec::delivery {

namespace {

constexpr std::size_t longest_line = 4096;  // a folder's name has 255 octets at most

std::string_view take_word(std::string_view& rest) {
  const auto blank = rest.find(' ');
  const auto word = rest.substr(0, blank);
  rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
  return word;
}

std::optional<std::pair<std::string_view, DeliveryRecord>> parse_line(std::string_view line) {
  auto rest = line;
  const auto check = take_word(rest);
  if (check.size() != 8 || check != std::string_view(mime::sha256_hex(rest)).substr(0, 8))
    return std::nullopt;
  const auto key = take_word(rest);
  const auto state = value_in(state_names, take_word(rest));
  const auto digits = take_word(rest);
  std::int64_t at = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), at);
  if (key.size() != JournalTable::key_length || !state || error != std::errc() ||
      end != digits.data() + digits.size())
    return std::nullopt;
  return std::pair{key, DeliveryRecord{*state, Instant(std::chrono::seconds(at))}};
}

using TakeRecord = std::function<Result<void>(std::string_view key, const DeliveryRecord& record)>;

// Calls `take` with each record, in the order of the file. Returns the number of damaged lines.
// Error: that of `take`; bad_input if the file can't be read; unavailable.
Result<std::uint64_t> read_records(int fd, const std::filesystem::path& path,
                                   const TakeRecord& take) {
  std::uint64_t damaged = 0;
  bool is_first = true;
  std::string rest;  // the beginning of a line whose end has not been read yet
  std::array<char, 65536> buffer;
  off_t at = 0;
  while (true) {
    const auto got = pread(fd, buffer.data(), buffer.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int cause = errno;
      auto why = fmt::format("can't read {}: {}", path.string(), errno_text(cause));
      return cause == EIO || cause == EISDIR ? bad_input(std::move(why))
                                             : unavailable(std::move(why));
    }
    if (got == 0) return damaged;
    at += got;
    std::string_view text(buffer.data(), static_cast<std::size_t>(got));
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
      rest.append(text.substr(0, end));
      text.remove_prefix(end + 1);
      if (const auto record = parse_line(rest)) {
        PEC_TRY_VOID(take(record->first, record->second));
      } else if (!is_first || !rest.starts_with("pec-delivery-journal 1 ")) {
        ++damaged;
      }
      is_first = false;
      rest.clear();
    }
    if (rest.size() < longest_line) rest.append(text);  // a longer line can't be a record
  }
}

}  // namespace

std::string old_delivery_key(std::string_view message_id, std::string_view recipient) {
  return mime::sha256_hex(fmt::format("{}\n{}", message_id, text::lower(recipient)))
      .substr(0, JournalTable::key_length);
}

std::string kept_old_key(std::string_view old_key) {
  return mime::sha256_hex(fmt::format("old\n{}", old_key)).substr(0, JournalTable::key_length);
}

Result<std::optional<OldJournal>> read_old_journal(const std::filesystem::path& path,
                                                   const std::filesystem::path& unfinished,
                                                   Instant now) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file && errno == ENOENT) return std::nullopt;
  struct stat info {};
  if (!file || fstat(file.get(), &info) != 0)
    return unavailable(fmt::format("can't open {}: {}", path.string(), errno_text(errno)));

  constexpr std::uint64_t octets_of_a_message = 3 * 85;
  constexpr std::uint64_t messages_of_a_page = 24;
  auto pages = std::clamp(
      static_cast<std::uint64_t>(info.st_size) / (octets_of_a_message * messages_of_a_page),
      JournalTable::smallest, JournalTable::largest);
  while (true) {
    auto table = JournalTable::create(unfinished, now, pages);
    if (!table) return unavailable(table.error().detail);
    bool has_room = true;
    const auto take = [&](std::string_view key, const DeliveryRecord& record) -> Result<void> {
      const bool counts =
          record.state == DeliveryState::saved || record.at + journal_lifetime > now;
      if (!counts || !has_room) return {};
      const auto put = table->put(kept_old_key(key), record);
      if (!put) return unavailable(put.error().detail);
      has_room = *put;
      return {};
    };
    PEC_TRY(const auto damaged_lines, read_records(file.get(), path, take));
    if (has_room || pages >= JournalTable::largest)
      return OldJournal{std::move(*table), has_room, damaged_lines};
    pages = JournalTable::outgrown(pages);
  }
}

}  // namespace pec::delivery
