// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/encoder.hpp"

#include "base/c_handle.hpp"
#include "mime/gmime.hpp"

namespace pec::mime {
namespace {

constexpr std::size_t line_limit = 76;  // RFC 2045, 6.7 (5) and 6.8

// Length of the line end at the start of `text`: CRLF, LF, or none.
std::size_t line_end_length(std::string_view text) {
  if (text.starts_with("\r\n")) return 2;
  return text.starts_with('\n') ? 1 : 0;
}

// One octet of text in quoted-printable. A blank needs quoting if it ends a line.
std::string quoted(char c, bool ends_line) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  const bool blank = c == ' ' || c == '\t';
  if (blank ? !ends_line : (byte > 0x20 && byte < 0x7f && c != '=')) return std::string(1, c);
  return {'=', digits[byte >> 4], digits[byte & 0xf]};
}

void free_text(GString* text) {
  g_string_free(text, TRUE);
}

}  // namespace

std::string encode_base64(std::string_view bytes) {
  GMimeEncoding state;
  g_mime_encoding_init_encode(&state, GMIME_CONTENT_ENCODING_BASE64);
  std::string encoded(g_mime_encoding_outlen(&state, bytes.size()), '\0');
  encoded.resize(g_mime_encoding_flush(&state, bytes.data(), bytes.size(), encoded.data()));

  std::string out;
  out.reserve(encoded.size() + encoded.size() / line_limit + 2);
  for (const char c : encoded) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

// GMime's encoder makes a line of 77 octets if a blank ends a line of 75.
std::string encode_quoted_printable(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  std::size_t used = 0;  // octets on the current output line
  for (std::size_t at = 0; at < text.size();) {
    if (const auto line_end = line_end_length(text.substr(at))) {
      out += "\r\n";
      used = 0;
      at += line_end;
      continue;
    }
    const auto rest = text.substr(at + 1);
    const bool ends_line = rest.empty() || line_end_length(rest) > 0;
    const std::string piece = quoted(text[at], ends_line);
    // The last octet of a line of text may fill the line. Any other leaves room for the soft break.
    if (used + piece.size() > (ends_line && !rest.empty() ? line_limit : line_limit - 1)) {
      out += "=\r\n";
      used = 0;
    }
    out += piece;
    used += piece.size();
    ++at;
  }
  if (used > 0) out += "=\r\n";  // the text has no last line end, nor has it when it is decoded
  return out;
}

// GMime 3.2.13's decoder stops at padding, even if more follows.
std::string decode_base64(std::string_view text) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  gint state = 0;
  guint save = 0;
  auto* octets = reinterpret_cast<guchar*>(out.data());  // GLib's type for bytes
  out.resize(g_base64_decode_step(text.data(), text.size(), octets, &state, &save));
  return out;
}

std::string decode_quoted_printable(std::string_view text) {
  GMimeEncoding state;
  g_mime_encoding_init_decode(&state, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
  std::string out(g_mime_encoding_outlen(&state, text.size()), '\0');
  out.resize(g_mime_encoding_flush(&state, text.data(), text.size(), out.data()));
  return out;
}

std::string encode_parameterised(std::string_view value, std::string_view name,
                                 std::string_view utf8) {
  start_gmime();
  const CHandle<GMimeParamList, g_object_unref> list(g_mime_param_list_new());
  g_mime_param_list_set_parameter(list.get(), std::string(name).c_str(), std::string(utf8).c_str());
  const CHandle<GMimeFormatOptions, g_mime_format_options_free> options(
      g_mime_format_options_new());
  g_mime_format_options_set_newline_format(options.get(), GMIME_NEWLINE_FORMAT_DOS);
  g_mime_format_options_set_param_encoding_method(options.get(),
                                                  GMIME_PARAM_ENCODING_METHOD_RFC2231);
  const CHandle<GString, free_text> text(g_string_new(std::string(value).c_str()));
  g_mime_param_list_encode(list.get(), options.get(), TRUE, text.get());
  std::string out = text->str;
  while (out.ends_with('\n') || out.ends_with('\r')) out.pop_back();
  return out;
}

}  // namespace pec::mime
