// SPDX-License-Identifier: GPL-2.0-or-later

#include "dovecot-plugin/journal_table.hpp"

#include "base/text.hpp"
#include "mime/digest.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <fmt/format.h>
#include <map>
#include <random>
#include <sys/stat.h>
#include <unistd.h>

namespace pec::delivery {

namespace {

constexpr std::string_view title = "pec-delivery-journal 2 ";
constexpr std::size_t check_length = 8;
constexpr std::size_t key_offset = check_length + 1;

template <class Number>
std::optional<Number> number(std::string_view digits) {
  Number value{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::string check_of(std::string_view content) {
  return mime::sha256_hex(content).substr(0, check_length);
}

// A line of the file: check, content, blanks, line end.
std::string format_line(std::string_view content, std::size_t length) {
  return fmt::format("{:<{}}\n", fmt::format("{} {}", check_of(content), content), length - 1);
}

// The content of a line, or nothing if the line is not whole.
std::optional<std::string_view> content_of(std::string_view line) {
  if (line.back() != '\n' || line[check_length] != ' ') return std::nullopt;
  const auto text = text::trim(line);
  if (text.size() <= key_offset) return std::nullopt;
  const auto content = text.substr(key_offset);
  if (text.substr(0, check_length) != check_of(content)) return std::nullopt;
  return content;
}

std::string record_text(std::string_view key, const DeliveryRecord& record) {
  return fmt::format("{} {} {}", key, name_in(state_names, record.state),
                     record.at.time_since_epoch().count());
}

std::optional<DeliveryRecord> record_in(std::string_view line) {
  const auto content = content_of(line);
  if (!content) return std::nullopt;
  const auto words = text::split(*content, ' ');
  if (words.size() != 3 || words[0].size() != JournalTable::key_length) return std::nullopt;
  const auto state = value_in(state_names, words[1]);
  const auto at = number<std::int64_t>(words[2]);
  if (!state || !at) return std::nullopt;
  return DeliveryRecord{*state, Instant(std::chrono::seconds(*at))};
}

bool is_of(std::string_view line, std::string_view key) {
  return line.substr(key_offset, JournalTable::key_length) == key;
}

bool is_free(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char octet) { return octet == '\0'; });
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const FileDescriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || fsync(directory.get()) != 0)
    return unavailable(
        fmt::format("can't sync the folder {}: {}", folder.string(), errno_text(errno)));
  return {};
}

}  // namespace

// Only these errors are the file's own fault: the disk can't be read, or the path is not a file.
tl::unexpected<Error> JournalTable::error(std::string_view what) const {
  const int cause = errno;
  auto text = fmt::format("can't {} {}: {}", what, path_.string(), errno_text(cause));
  if (cause == EIO || cause == EISDIR) return bad_input(std::move(text));
  return unavailable(std::move(text));
}

Result<JournalTable> JournalTable::create(const std::filesystem::path& path, Instant begun,
                                          std::uint64_t pages) {
  JournalTable table(
      path, FileDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)));
  if (!table.file_) return table.error("write");
  table.begun_ = begun;
  table.pages_ = pages;
  table.salt_ = fmt::format("{:08x}", std::random_device{}());
  const auto header =
      fmt::format("{}{} {} {}", title, begun.time_since_epoch().count(), pages, table.salt_);
  if (ftruncate(table.file_.get(), static_cast<off_t>((1 + pages) * page_size)) != 0)
    return table.error("write");
  PEC_TRY_VOID(table.write_line(0, 0, format_line(header, line_length)));
  return table;
}

Result<JournalTable> JournalTable::open(const std::filesystem::path& path) {
  JournalTable table(path, FileDescriptor(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK)));
  if (!table.file_) return table.error("open");
  struct stat info {};
  if (fstat(table.file_.get(), &info) != 0) return table.error("read");
  if (!S_ISREG(info.st_mode)) return bad_input(fmt::format("{} is not a file", path.string()));
  PEC_TRY_VOID(table.read_header());
  return table;
}

Result<void> JournalTable::read_header() {
  Page page;
  if (auto read = this->read(0, page); !read) return read;
  const auto content = content_of(std::string_view(page.data(), line_length));
  const auto damaged =
      bad_input(fmt::format("{} is damaged: its first line is not whole", path_.string()));
  if (!content || !content->starts_with(title)) return damaged;
  const auto words = text::split(content->substr(title.size()), ' ');
  if (words.size() != 3) return damaged;
  const auto begun = number<std::int64_t>(words[0]);
  const auto pages = number<std::uint64_t>(words[1]);
  if (!begun || !pages || *pages == 0 || *pages > largest) return damaged;
  begun_ = Instant(std::chrono::seconds(*begun));
  pages_ = *pages;
  salt_ = words[2];
  return {};
}

Result<void> JournalTable::publish(const std::filesystem::path& path) {
  if (fsync(file_.get()) != 0 || rename(path_.c_str(), path.c_str()) != 0) return error("write");
  path_ = path;
  return sync_folder(path.parent_path());
}

std::uint64_t JournalTable::page_of(std::string_view key) const {
  const auto digest = mime::sha256_hex(fmt::format("{}{}", salt_, key));
  std::uint64_t hash = 0;
  std::from_chars(digest.data(), digest.data() + 16, hash, 16);
  return 1 + hash % pages_;
}

Result<void> JournalTable::read(std::uint64_t page, Page& content) const {
  std::size_t have = 0;
  while (have < content.size()) {
    const auto got = pread(file_.get(), content.data() + have, content.size() - have,
                           static_cast<off_t>(page * page_size + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return error("read");
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  std::fill(content.begin() + static_cast<std::ptrdiff_t>(have), content.end(), '\0');
  return {};
}

Result<void> JournalTable::write_line(std::uint64_t page, std::size_t line, std::string_view text) {
  if (text.size() != line_length) return internal_error("a line of the journal is too long");
  auto at = static_cast<off_t>(page * page_size + line * line_length);
  while (!text.empty()) {
    const auto put = pwrite(file_.get(), text.data(), text.size(), at);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return error("write");
    text.remove_prefix(static_cast<std::size_t>(put));
    at += put;
  }
  return {};
}

Result<std::optional<DeliveryRecord>> JournalTable::last(std::string_view key) const {
  Page page;
  PEC_TRY_VOID(this->read(page_of(key), page));
  std::optional<DeliveryRecord> found;
  for (std::size_t at = 0; at < page_size; at += line_length) {
    const std::string_view line(page.data() + at, line_length);
    if (!is_of(line, key)) continue;
    if (const auto record = record_in(line)) found = record;
  }
  return found;
}

Result<bool> JournalTable::append(std::string_view key, const DeliveryRecord& record) {
  const auto number = page_of(key);
  Page page;
  PEC_TRY_VOID(this->read(number, page));
  std::size_t used = page_size / line_length;
  while (used > 0 && is_free({page.data() + (used - 1) * line_length, line_length})) --used;
  if (used == page_size / line_length) return false;
  PEC_TRY_VOID(write_line(number, used, format_line(record_text(key, record), line_length)));
  return true;
}

Result<bool> JournalTable::put(std::string_view key, const DeliveryRecord& record) {
  const auto number = page_of(key);
  Page page;
  PEC_TRY_VOID(this->read(number, page));
  for (std::size_t line = 0; line < page_size / line_length; ++line) {
    const std::string_view text(page.data() + line * line_length, line_length);
    if (!is_free(text) && !is_of(text, key)) continue;
    PEC_TRY_VOID(write_line(number, line, format_line(record_text(key, record), line_length)));
    return true;
  }
  return false;
}

Result<void> JournalTable::sync() {
  if (fdatasync(file_.get()) != 0) return error("write");
  return {};
}

Result<std::uint64_t> JournalTable::pages_left() const {
  struct stat info {};
  if (fstat(file_.get(), &info) != 0) return error("read");
  const auto pages = (static_cast<std::uint64_t>(info.st_size) + page_size - 1) / page_size;
  return std::min(pages_, pages == 0 ? 0 : pages - 1);
}

Result<JournalTable::Owed> JournalTable::owed_in_last(std::uint64_t count) const {
  PEC_TRY(const auto left, pages_left());
  Owed owed;
  Page page;
  for (auto number = left - std::min(count, left) + 1; number <= left; ++number) {
    PEC_TRY_VOID(this->read(number, page));
    std::map<std::string_view, DeliveryRecord> last;
    for (std::size_t at = 0; at < page_size; at += line_length) {
      const std::string_view line(page.data() + at, line_length);
      if (is_free(line)) continue;
      if (const auto record = record_in(line)) last[line.substr(key_offset, key_length)] = *record;
    }
    for (const auto& [key, record] : last)
      if (record.state == DeliveryState::saved) owed.emplace_back(key, record);
  }
  return owed;
}

Result<void> JournalTable::cut_last(std::uint64_t count) {
  PEC_TRY(const auto left, pages_left());
  const auto pages = 1 + left - std::min(count, left);
  if (ftruncate(file_.get(), static_cast<off_t>(pages * page_size)) != 0) return error("cut");
  return {};
}

}  // namespace pec::delivery
