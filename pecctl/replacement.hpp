// SPDX-License-Identifier: GPL-2.0-or-later

// A file that replaces another, whole or not at all. It is written beside the other and is on the
// disk before it gets the name. So a reader sees the old file or the new one, even after a crash.
//
//     PEC_TRY(auto fresh, Replacement::write("/var/lib/pec/crl.pem", text));
//     auto done = fresh.put_in_place();        // without this, the new file is deleted
//
// Errors: unavailable, one sentence for the administrator. One thread.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace pec::pecctl {

// Nothing: there is no such file.
Result<std::optional<std::string>> read_file_if_there(const std::filesystem::path& file);

// A symbolic link stays where its end is replaced. `file` itself, if it is not there.
std::filesystem::path end_of_links(const std::filesystem::path& file);

class Replacement {
public:
  // Everybody can read it: for public data. With a group, only its owner and this group can. Error:
  // bad_input if there is no such group.
  static Result<Replacement> write(std::filesystem::path target, std::string_view content,
                                   const std::string& group = {});
  // For a file that another program has written beside `target`.
  Replacement(std::filesystem::path target, std::filesystem::path temporary)
      : target_(std::move(target)), temporary_(std::move(temporary)) {}

  Replacement(Replacement&& other) noexcept
      : target_(std::move(other.target_)), temporary_(std::exchange(other.temporary_, {})) {}
  Replacement& operator=(Replacement&&) = delete;
  ~Replacement();

  const std::filesystem::path& temporary() const { return temporary_; }
  // Gives it the owner and the mode of this file; nothing is done if there is none.
  Result<void> take_after(const std::filesystem::path& model);
  Result<void> put_in_place();

private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;  // empty: nothing to clear away
};

}  // namespace pec::pecctl
