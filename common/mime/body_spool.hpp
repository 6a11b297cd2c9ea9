// SPDX-License-Identifier: GPL-2.0-or-later

// Collects the body of a message that comes in chunks: up to 1 MiB in memory, and beyond that in an
// unlinked temporary file. The complete file is mapped. So a 50 MB message costs page cache, not
// anonymous memory, and nothing stays on disk when the process dies.
//
//     BodySpool spool(temp_dir);
//     if (auto ok = spool.append(chunk); !ok) ...   // disk full: unavailable
//     Result<Bytes> body = spool.finish();
//
// Bytes in the file name it (Bytes::file), open for reading only.
//
// Errors: unavailable, with the directory and the cause. The spool is of no further use then. Used
// by one session at a time. The mapping lives as long as any Bytes of it.
#pragma once

#include "base/file.hpp"
#include "base/result.hpp"
#include "mime/rope.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace pec::mime {

class BodySpool {
public:
  static constexpr std::size_t memory_limit = std::size_t{1} << 20;

  explicit BodySpool(std::filesystem::path temp_dir) : temp_dir_(std::move(temp_dir)) {}

  Result<void> append(std::string_view chunk);
  // Octets of memory that it takes. The file takes none.
  std::size_t in_memory() const { return memory_.capacity(); }
  Result<Bytes> finish();  // once; afterwards the spool is empty and may be used again

private:
  Result<void> write(std::string_view octets);

  std::filesystem::path temp_dir_;
  std::string memory_;   // the body while it is small
  FileDescriptor file_;  // all of it, once it is large
  std::size_t written_ = 0;
};

}  // namespace pec::mime
