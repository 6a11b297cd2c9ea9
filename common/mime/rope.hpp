// SPDX-License-Identifier: GPL-2.0-or-later

// A rope is the text of a message as a list of slices: strings of ours and ranges of a mapped
// original. Nothing of the size of a message is copied when it is composed, digested or written.
//
//     Rope rope;
//     rope.append("--boundary\r\n");          // takes the string
//     rope.append(original);                  // Bytes: shares ownership, copies nothing
//     rope.for_each([&](std::string_view slice) { digest.update(slice); });
//
// Invariants: no slice is empty; every slice is kept alive by its own owner, so ropes may be
// copied, joined and passed between threads freely. Immutable bytes throughout.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pec::mime {

// A file that is mapped as a whole, for who would hand on its descriptor and not its bytes.
struct MappedFile {
  int descriptor;     // open for reading alone
  const char* begin;  // where its first octet lies in memory
};

// Immutable bytes and whatever keeps them alive (a string, a mapped file).
struct Bytes {
  std::shared_ptr<const void> owner;
  std::string_view view;
  const MappedFile* file = nullptr;  // that they are a range of, kept by the owner; null: of none

  static Bytes of(std::string text);
  // A range of these bytes, with the same owner.
  Bytes sub(std::size_t offset, std::size_t count = std::string_view::npos) const {
    return {owner, view.substr(offset, count), file};
  }
};

class Rope {
public:
  Rope() = default;
  explicit Rope(std::string text) { append(std::move(text)); }

  void append(std::string text);
  void append(Bytes bytes);
  void append(const Rope& other);

  std::size_t size() const { return size_; }

  template <class Function>
  void for_each(Function&& function) const {
    for (const Bytes& slice : slices_) function(slice.view);
  }

  const std::vector<Bytes>& slices() const { return slices_; }

  std::string str() const;  // copies everything: for small ropes and for tests

private:
  std::vector<Bytes> slices_;
  std::size_t size_ = 0;
};

}  // namespace pec::mime
