// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/charset.hpp"

#include "base/c_handle.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace pec::mime {
namespace {

// The name in mail, and iconv's name if it differs. Mail that says ISO-8859-1 but has octets
// between 0x80 and 0x9f means Windows' extension of it: all clients read it so.
constexpr std::pair<std::string_view, const char*> charsets[] = {
    {"iso-8859-1", "CP1252"},  {"iso-8859-2", nullptr},   {"iso-8859-3", nullptr},
    {"iso-8859-4", nullptr},   {"iso-8859-5", nullptr},   {"iso-8859-6", nullptr},
    {"iso-8859-7", nullptr},   {"iso-8859-8", nullptr},   {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-9", nullptr},   {"iso-8859-10", nullptr},  {"iso-8859-13", nullptr},
    {"iso-8859-14", nullptr},  {"iso-8859-15", nullptr},  {"iso-8859-16", nullptr},
    {"latin1", "CP1252"},      {"windows-1250", nullptr}, {"windows-1251", nullptr},
    {"windows-1252", nullptr}, {"windows-1253", nullptr}, {"windows-1254", nullptr},
    {"windows-1255", nullptr}, {"windows-1256", nullptr}, {"windows-1257", nullptr},
    {"windows-1258", nullptr}, {"cp1250", nullptr},       {"cp1251", nullptr},
    {"cp1252", nullptr},       {"cp437", nullptr},        {"cp850", nullptr},
    {"ibm850", nullptr},       {"cp866", nullptr},        {"koi8-r", nullptr},
    {"koi8-u", nullptr},       {"macintosh", nullptr},    {"x-mac-roman", "MACINTOSH"},
    {"gb2312", "GB18030"},     {"gbk", "GB18030"},        {"gb18030", nullptr},
    {"big5", nullptr},         {"big5-hkscs", nullptr},   {"euc-jp", nullptr},
    {"euc-kr", nullptr},       {"ks_c_5601-1987", "UHC"}, {"iso-2022-jp", nullptr},
    {"iso-2022-kr", nullptr},  {"shift_jis", "CP932"},    {"x-sjis", "CP932"},
    {"windows-31j", "CP932"},  {"windows-874", nullptr},  {"tis-620", nullptr},
    {"utf-16", nullptr},       {"utf-16be", nullptr},     {"utf-16le", nullptr},
};

}  // namespace

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
    if (byte < 0x80) {  // NUL, which GLib never accepts as text
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

std::string clean_line(std::string_view charset, std::string_view octets) {
  const std::string name = text::lower(charset);
  const auto* known = std::find_if(std::begin(charsets), std::end(charsets),
                                   [&](const auto& each) { return each.first == name; });
  if (known == std::end(charsets)) return clean_line(octets);
  gsize length = 0;
  const CHandle<char, g_free> converted(g_convert_with_fallback(
      octets.data(), static_cast<gssize>(octets.size()), "UTF-8",
      known->second ? known->second : name.c_str(), "?", nullptr, &length, nullptr));
  return clean_line(converted ? std::string_view(converted.get(), length) : octets);
}

}  // namespace pec::mime
