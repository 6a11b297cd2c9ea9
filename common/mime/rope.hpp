// SPDX-License-Identifier: GPL-2.0-or-later

// A rope is the text of a message as a list of slices: our own strings, and ranges of a mapped
// original. Composing, digesting or writing a message copies nothing of its size.
//
//     Rope rope;
//     rope.append("--boundary\r\n");          // takes the string
//     rope.append(original);                  // Bytes: shares ownership, copies nothing
//     rope.for_each([&](std::string_view slice) { digest.update(slice); });
//
// Invariants: no slice is empty, and each slice's own owner keeps it alive. So ropes may be copied,
// joined and passed between threads freely. The bytes never change.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pec::mime {

// A file that is mapped as a whole. A reader may hand on its descriptor instead of its bytes.
struct MappedFile {
  int descriptor;     // open for reading only
  const char* begin;  // address of its first octet in memory
};

// Immutable bytes, and the owner that keeps them alive (a string, a mapped file).
struct Bytes {
  std::shared_ptr<const void> owner;
  std::string_view view;
  const MappedFile* file = nullptr;  // the mapped file that they lie in; null: none

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

  std::string str() const;  // copies everything: for small ropes and tests

private:
  std::vector<Bytes> slices_;
  std::size_t size_ = 0;
};

}  // namespace pec::mime
