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

}  // namespace

std::string sha1_hex(std::string_view bytes) {
  return hex_digest(G_CHECKSUM_SHA1, bytes);
}

std::string sha256_hex(std::string_view bytes) {
  return hex_digest(G_CHECKSUM_SHA256, bytes);
}

}  // namespace pec::mime
