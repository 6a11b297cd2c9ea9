// Files that hold a key or a secret: refused if anyone but their owner may read or write them.
//
//     auto key = read_private_file("/etc/pec/signing.key");
//     if (!key) return tl::unexpected(key.error());   // detail: what, where, how to mend
//
// Any thread.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>

namespace pec::smime {

// The whole file. Error: bad_input, with a sentence for the administrator.
Result<std::string> read_private_file(const std::filesystem::path& path);

}  // namespace pec::smime
