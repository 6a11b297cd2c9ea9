// SPDX-License-Identifier: GPL-2.0-or-later

#include "dovecot-plugin/old_journal.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "dovecot-plugin/journal_table.hpp"
#include "mime/digest.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <fmt/format.h>
#include <optional>
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

std::optional<DeliveryState> state_in(std::string_view word) {
  if (word == "pending") return DeliveryState::pending;
  if (word == "saved") return DeliveryState::saved;
  if (word == "done") return DeliveryState::done;
  return std::nullopt;
}

std::optional<std::pair<std::string_view, DeliveryRecord>> parse_line(std::string_view line) {
  auto rest = line;
  const auto check = take_word(rest);
  if (check.size() != 8 || check != std::string_view(mime::sha256_hex(rest)).substr(0, 8))
    return std::nullopt;
  const auto key = take_word(rest);
  const auto state = state_in(take_word(rest));
  const auto digits = take_word(rest);
  std::int64_t at = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), at);
  if (key.size() != JournalTable::key_length || !state || error != std::errc() ||
      end != digits.data() + digits.size())
    return std::nullopt;
  return std::pair{key, DeliveryRecord{*state, Instant(std::chrono::seconds(at))}};
}

}  // namespace

std::string old_delivery_key(std::string_view message_id, std::string_view recipient) {
  return mime::sha256_hex(fmt::format("{}\n{}", message_id, text::lower(recipient)))
      .substr(0, JournalTable::key_length);
}

Result<std::uint64_t> read_old_journal(int fd, const std::filesystem::path& path,
                                       const TakeOldRecord& take) {
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

}  // namespace pec::delivery
