#include "mime/digest.hpp"

#include "mime/gmime.hpp"

namespace pec::mime {

std::string sha1_hex(std::string_view bytes) {
  const GCharPtr hex(g_compute_checksum_for_data(
      G_CHECKSUM_SHA1, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
  return hex.get();
}

}  // namespace pec::mime
