// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/rope.hpp"

namespace pec::mime {

Bytes Bytes::of(std::string text) {
  auto owner = std::make_shared<const std::string>(std::move(text));
  const std::string_view view = *owner;
  return {std::move(owner), view};
}

void Rope::append(std::string text) {
  if (!text.empty()) append(Bytes::of(std::move(text)));
}

void Rope::append(Bytes bytes) {
  if (bytes.view.empty()) return;
  size_ += bytes.view.size();
  slices_.push_back(std::move(bytes));
}

void Rope::append(const Rope& other) {
  // By index, and by the count of now: `other` may be this same rope.
  const std::size_t count = other.slices_.size();
  for (std::size_t i = 0; i < count; ++i) append(Bytes(other.slices_[i]));
}

std::string Rope::str() const {
  std::string out;
  out.reserve(size_);
  for_each([&](std::string_view slice) { out += slice; });
  return out;
}

}  // namespace pec::mime
