#include "mime/gmime.hpp"

#include <array>

namespace pec::mime {

GMimeParserOptions* gmime_options() {
  // Initialised once, by whichever thread comes first; lives as long as the process.
  static GMimeParserOptions* const options = [] {
    g_mime_init();
    GMimeParserOptions* made = g_mime_parser_options_new();
    std::array<const char*, 3> charsets{"utf-8", "iso-8859-1", nullptr};
    g_mime_parser_options_set_fallback_charsets(made, charsets.data());
    return made;
  }();
  return options;
}

std::string utf8_or_latin1(std::string_view text) {
  std::string out(text);
  if (g_utf8_validate(out.data(), static_cast<gssize>(out.size()), nullptr)) return out;
  out.clear();
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xc0 | (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return out;
}

std::string clean_line(std::string_view text) {
  std::string out;
  for_each_character(utf8_or_latin1(text), [&](gunichar c, std::string_view octets) {
    const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0) || (c & 0xfffe) == 0xfffe;
    out += control ? std::string_view(" ") : octets;
  });
  return out;
}

}  // namespace pec::mime
