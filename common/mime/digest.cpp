// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/digest.hpp"

#include "base/c_handle.hpp"
#include "base/text.hpp"

#include <glib.h>

namespace pec::mime {

namespace {

// Gives `feed` where the bytes go; returns the digest's octets.
template <class Feed>
std::string digest(GChecksumType type, const Feed& feed) {
  const CHandle<GChecksum, g_checksum_free> sum(g_checksum_new(type));
  feed([&](std::string_view bytes) {
    g_checksum_update(sum.get(), reinterpret_cast<const guchar*>(bytes.data()),
                      static_cast<gssize>(bytes.size()));
  });
  auto size = static_cast<gsize>(g_checksum_type_get_length(type));
  std::string octets(size, '\0');
  g_checksum_get_digest(sum.get(), reinterpret_cast<guint8*>(octets.data()), &size);
  return octets;
}

}  // namespace

std::string sha1_hex(std::string_view bytes) {
  return text::hex(digest(G_CHECKSUM_SHA1, [&](const auto& add) { add(bytes); }));
}

std::string sha256(std::string_view bytes) {
  return digest(G_CHECKSUM_SHA256, [&](const auto& add) { add(bytes); });
}

std::string sha256_hex(std::string_view bytes) {
  return text::hex(sha256(bytes));
}

std::string sha256_hex(const Rope& bytes) {
  return text::hex(digest(G_CHECKSUM_SHA256, [&](const auto& add) { bytes.for_each(add); }));
}

}  // namespace pec::mime
