// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/digest.hpp"

#include "base/c_handle.hpp"

#include <glib.h>

namespace pec::mime {

namespace {

std::string hex_digest(GChecksumType type, std::string_view bytes) {
  const CHandle<char, g_free> hex(g_compute_checksum_for_data(
      type, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
  return hex.get();
}

void add(GChecksum* sum, std::string_view bytes) {
  g_checksum_update(sum, reinterpret_cast<const unsigned char*>(bytes.data()),
                    static_cast<gssize>(bytes.size()));
}

}  // namespace

std::string sha1_hex(std::string_view bytes) {
  return hex_digest(G_CHECKSUM_SHA1, bytes);
}

std::string sha256_hex(std::string_view bytes) {
  return hex_digest(G_CHECKSUM_SHA256, bytes);
}

std::string sha256_hex(const Rope& bytes) {
  const CHandle<GChecksum, g_checksum_free> sum(g_checksum_new(G_CHECKSUM_SHA256));
  bytes.for_each([&](std::string_view slice) { add(sum.get(), slice); });
  return g_checksum_get_string(sum.get());
}

std::string sha256(std::string_view bytes) {
  const CHandle<GChecksum, g_checksum_free> sum(g_checksum_new(G_CHECKSUM_SHA256));
  add(sum.get(), bytes);
  std::string digest(32, '\0');
  gsize size = digest.size();
  g_checksum_get_digest(sum.get(), reinterpret_cast<guint8*>(digest.data()), &size);
  return digest;
}

}  // namespace pec::mime
