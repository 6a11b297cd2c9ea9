// SPDX-License-Identifier: GPL-2.0-or-later

// How libclamav scans a message, and what must be checked around it.
//
// Reading. libclamav asks for ranges of bytes through a callback, page by page, as if it read a
// file. So the rope is never copied as a whole. libclamav takes the handle of such a map for a file
// descriptor, and sometimes seeks in it. So our handle is -1, which is not a descriptor, and the
// callback finds the message through a variable of its thread. (libclamav reads in the thread that
// called it.)
//
// Results. cl_scanmap_callback also answers "clean" if it reached a limit, could not make a
// temporary folder, or had a full disk. So these checks are made:
// - A limit must raise an alert, whose name shows that it is not a virus.
// - The callback for each file must have come, first for the message itself, and as mail
//   (put_before_clamav makes sure of that).
// - An error of libclamav counts if the system call failed for a shortage.
// - The folder must have room before and after the scan, since libclamav ignores failed writes.
#include "scanner/clam_scan.hpp"

#include "antivirus/clam_mail.hpp"
#include "scanner/clam_messages.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace pec::scanner {

namespace {

using FMap = CHandle<cl_fmap_t, cl_fmap_close>;

// The slices of a rope, by their offset.
class RopeReader {
public:
  explicit RopeReader(const mime::Rope& message) {
    message.for_each([this](std::string_view slice) {
      slices_.push_back({size_, slice});
      size_ += slice.size();
    });
  }

  std::size_t size() const { return size_; }

  // As pread: returns the number of bytes, fewer than `count` only at the end.
  std::size_t read(char* out, std::size_t count, std::size_t offset) const {
    if (offset >= size_) return 0;
    auto slice = std::prev(std::upper_bound(
        slices_.begin(), slices_.end(), offset,
        [](std::size_t wanted, const Slice& each) { return wanted < each.offset; }));
    std::size_t done = 0;
    for (; done < count && slice != slices_.end(); ++slice) {
      const auto piece = slice->bytes.substr(offset + done - slice->offset, count - done);
      std::memcpy(out + done, piece.data(), piece.size());
      done += piece.size();
    }
    return done;
  }

private:
  struct Slice {
    std::size_t offset;
    std::string_view bytes;
  };

  std::vector<Slice> slices_;
  std::size_t size_ = 0;
};

thread_local const RopeReader* being_read = nullptr;

// Sets the rope that pec_pread_rope reads, for one scan.
struct BeingRead {
  explicit BeingRead(const RopeReader& reader) { being_read = &reader; }
  BeingRead(const BeingRead&) = delete;
  BeingRead& operator=(const BeingRead&) = delete;
  ~BeingRead() { being_read = nullptr; }
};

extern "C" off_t pec_pread_rope(void*, void* out, size_t count, off_t offset) {
  return static_cast<off_t>(
      being_read->read(static_cast<char*>(out), count, static_cast<std::size_t>(offset)));
}

using antivirus::found_clean;
using antivirus::scan_failed;

ScanResult error(std::string_view reason) {
  return scan_failed(ScanResult::Failure::error, reason);
}

cl_scan_options scan_options(const ClamOptions& options) {
  cl_scan_options wanted{};
  wanted.general = CL_SCAN_GENERAL_HEURISTICS;
  wanted.parse = ~0U;  // every kind of file that libclamav can read
  wanted.heuristic = CL_SCAN_HEURISTIC_EXCEEDS_MAX;
  if (options.encrypted_archives_are_viruses)
    wanted.heuristic |= CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE | CL_SCAN_HEURISTIC_ENCRYPTED_DOC;
  return wanted;
}

// True if there is room for the parts of a message, and of messages in it, as libclamav writes
// them.
bool has_room(const std::filesystem::path& folder, std::size_t message_size) {
  std::error_code unknown;
  const auto space = std::filesystem::space(folder, unknown);
  return !unknown && space.available >= 4 * message_size + 16'000'000;
}

std::filesystem::path temp_folder(const ClamOptions& options) {
  return options.temp_dir.empty() ? std::filesystem::temp_directory_path() : options.temp_dir;
}

ScanResult scan(const ClamDatabase& database, const ClamOptions& options,
                const mime::Rope& message) {
  const auto folder = temp_folder(options);
  const auto no_room = [&] {
    return error(
        fmt::format("{}: no such folder, or too little room to unpack a message", folder.string()));
  };
  if (!has_room(folder, message.size())) return no_room();

  ClamMessages messages;
  const mime::Rope mail = antivirus::put_before_clamav(message);
  const RopeReader reader(mail);
  if (reader.size() > options.max_scan_size)
    return error(fmt::format("not scanned: larger than {} octets", options.max_scan_size));
  const BeingRead reading(reader);
  void* const no_descriptor = reinterpret_cast<void*>(std::intptr_t{-1});
  constexpr int keep_few_pages = 1;
  const FMap map(
      cl_fmap_open_handle(no_descriptor, 0, reader.size(), pec_pread_rope, keep_few_pages));
  if (!map) return error("libclamav can't map the message: " + messages.errors());

  FirstFile first;
  const char* virus = nullptr;
  unsigned long blocks = 0;
  auto wanted = scan_options(options);
  errno = 0;  // libclamav's messages are judged by it
  const auto verdict =
      cl_scanmap_callback(map.get(), nullptr, &virus, &blocks, database.engine(), &wanted, &first);
  if (verdict == CL_VIRUS)
    return virus ? antivirus::verdict_on(virus) : error("libclamav raised an alert without a name");
  if (verdict == CL_ETIMEOUT)
    return scan_failed(ScanResult::Failure::timeout, "not scanned to its end in the time allowed");
  if (verdict != CL_CLEAN)
    return error(fmt::format("{} {}", cl_strerror(verdict), messages.errors()));
  if (!first.seen) return error("libclamav did not begin: " + messages.errors());
  if (!first.is_mail) return error("libclamav did not take the message for mail");
  if (!messages.first_shortage().empty()) return error(messages.first_shortage());
  if (!has_room(folder, message.size())) return no_room();
  return found_clean();
}

}  // namespace

ScanResult scan_message(const ClamDatabase& database, const ClamOptions& options,
                        const mime::Rope& message) noexcept try {
  return scan(database, options, message);
} catch (const std::exception& problem) {
  return error(problem.what());
}

}  // namespace pec::scanner
