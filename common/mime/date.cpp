#include "mime/date.hpp"

#include "base/c_handle.hpp"
#include "mime/gmime.hpp"

#include <string>

namespace pec::mime {

bool is_date(std::string_view unfolded_value) {
  start_gmime();
  const CHandle<GDateTime, g_date_time_unref> date(
      g_mime_utils_header_decode_date(std::string(unfolded_value).c_str()));
  return date != nullptr;
}

}  // namespace pec::mime
