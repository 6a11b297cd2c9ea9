#include "mime/digest.hpp"

#include "base/c_handle.hpp"

#include <glib.h>

namespace pec::mime {

std::string sha1_hex(std::string_view bytes) {
  const CHandle<char, g_free> hex(g_compute_checksum_for_data(
      G_CHECKSUM_SHA1, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
  return hex.get();
}

}  // namespace pec::mime
