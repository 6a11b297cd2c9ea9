#include "mime/gmime.hpp"

namespace pec::mime {

GMimeParserOptions* gmime_options() {
  static GMimeParserOptions* const options = [] {
    g_mime_init();
    return g_mime_parser_options_get_default();
  }();
  return options;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char* invalid = nullptr;
    g_utf8_validate_len(text.data(), text.size(), &invalid);
    const auto valid = static_cast<std::size_t>(invalid - text.data());
    out += text.substr(0, valid);
    text.remove_prefix(valid);
    if (text.empty()) break;
    const auto byte = static_cast<unsigned char>(text.front());
    if (byte < 0x80) {  // NUL, which GLib never takes for text
      out += text.front();
    } else {
      out += static_cast<char>(0xc0 | (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3f));
    }
    text.remove_prefix(1);
  }
  return out;
}

std::string clean_line(std::string_view text) {
  std::string out;
  for_each_character(valid_utf8(text), [&](gunichar c, std::string_view octets) {
    const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0) || (c & 0xfffe) == 0xfffe;
    out += control ? std::string_view(" ") : octets;
  });
  return out;
}

std::string decode_base64(std::string_view text) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  gint state = 0;
  guint save = 0;
  // GLib writes bytes and calls them guchar.
  auto* octets = reinterpret_cast<guchar*>(out.data());
  out.resize(g_base64_decode_step(text.data(), text.size(), octets, &state, &save));
  return out;
}

}  // namespace pec::mime
