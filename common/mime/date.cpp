#include "mime/date.hpp"

#include "base/c_handle.hpp"
#include "mime/gmime.hpp"

#include <string>

namespace pec::mime {

std::optional<Instant> parse_date(std::string_view unfolded_value) {
  start_gmime();
  const CHandle<GDateTime, g_date_time_unref> date(
      g_mime_utils_header_decode_date(std::string(unfolded_value).c_str()));
  if (date == nullptr) return std::nullopt;
  return Instant(std::chrono::seconds(g_date_time_to_unix(date.get())));
}

bool is_date(std::string_view unfolded_value) {
  return parse_date(unfolded_value).has_value();
}

}  // namespace pec::mime
