#include "mime/encoded_word.hpp"

#include "base/text.hpp"
#include "mime/encoder.hpp"
#include "mime/gmime.hpp"
#include "mime/header.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace pec::mime {
namespace {

constexpr std::size_t line_limit = 78;  // RFC 5322, 2.1.1
constexpr std::size_t word_limit = 75;  // RFC 2047, 2
constexpr std::string_view word_begin = "=?utf-8?B?";
constexpr std::string_view word_end = "?=";

// A word with the blanks before it: the unit that a line is folded at.
std::vector<std::string_view> tokens_of(std::string_view line) {
  std::vector<std::string_view> tokens;
  while (!line.empty()) {
    const auto word = std::min(line.find_first_not_of(' '), line.size());
    const auto end = std::min(line.find(' ', word), line.size());
    tokens.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return tokens;
}

// Whether a token would not come through as it is: outside ASCII, looking like an encoded word, too
// long for a line, or with blanks at the very ends, which readers trim.
bool needs_encoding(std::string_view token, bool is_first, std::size_t room) {
  const bool ascii = std::all_of(token.begin(), token.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return !ascii || token.find("=?") != std::string_view::npos || token.size() > room ||
         token.ends_with(' ') || (is_first && token.starts_with(' '));
}

// Writes a field value, and knows how full its last line is.
class FoldingWriter {
public:
  explicit FoldingWriter(std::size_t first_line_used) : column_(first_line_used) {}

  void plain(std::string_view token) {
    if (column_ + token.size() > line_limit) fold();
    write(token);
  }

  // `run` as encoded words, as many as it takes; characters are never split.
  void encoded(std::string_view run) {
    while (!run.empty()) {
      const bool blank_first = !out_.empty() && !at_line_begin();
      if (capacity(blank_first) < 15) {  // not worth beginning a word on this line
        fold();
        write(" ");
        continue;
      }
      if (blank_first) write(" ");
      const auto chunk = whole_characters(run, capacity(false));
      std::string base64 = encode_base64(chunk);
      write(word_begin);
      write(text::trim(base64));
      write(word_end);
      run.remove_prefix(chunk.size());
    }
  }

  std::string take() { return std::move(out_); }

private:
  bool at_line_begin() const { return out_.ends_with("\r\n "); }
  void fold() {
    out_ += "\r\n";
    column_ = 0;
  }
  void write(std::string_view octets) {
    out_ += octets;
    column_ += octets.size();
  }
  // How many octets an encoded word can carry on the rest of this line.
  std::size_t capacity(bool blank_first) const {
    const std::size_t used = column_ + (blank_first ? 1 : 0);
    const std::size_t room = std::min(line_limit - std::min(used, line_limit), word_limit);
    const std::size_t frame = word_begin.size() + word_end.size();
    return room > frame ? (room - frame) / 4 * 3 : 0;
  }
  static std::string_view whole_characters(std::string_view run, std::size_t limit) {
    if (run.size() <= limit) return run;
    while ((static_cast<unsigned char>(run[limit]) & 0xc0) == 0x80) --limit;
    return run.substr(0, limit);
  }

  std::string out_;
  std::size_t column_;
};

// Letters that no decomposition takes to ASCII and GLib's table lacks.
std::string_view plain_letters(gunichar c) {
  constexpr std::pair<gunichar, std::string_view> letters[] = {
      {0x110, "D"}, {0x111, "d"},   {0x126, "H"},  {0x127, "h"},   {0x131, "i"},    {0x138, "q"},
      {0x14a, "N"}, {0x14b, "n"},   {0x166, "T"},  {0x167, "t"},   {0x18f, "E"},    {0x259, "e"},
      {0x192, "f"}, {0x1e9e, "SS"}, {0x2020, "+"}, {0x2030, "%o"}, {0x2126, "Ohm"},
  };
  for (const auto& [letter, plain] : letters)
    if (letter == c) return plain;
  return {};
}

// ASCII for one character beyond Latin-1; empty for what only decorates or joins its neighbours.
std::string transliterated(gunichar c, std::string_view octets) {
  if (g_unichar_ismark(c) || g_unichar_type(c) == G_UNICODE_FORMAT) return {};
  if (const auto plain = plain_letters(c); !plain.empty()) return std::string(plain);
  // "C" names the table to use: GLib's own, whatever the process's locale is.
  const GCharPtr ascii(g_str_to_ascii(std::string(octets).c_str(), "C"));
  return ascii.get();
}

}  // namespace

std::string decode_text(std::string_view raw_value) {
  std::string line = HeaderField{"", std::string(raw_value)}.unfolded();
  std::replace(line.begin(), line.end(), '\0', ' ');  // GMime takes C strings
  // Behind the last "?=" there is no encoded word. GMime would look for its end at each "=?" anew:
  // seconds for a hostile field.
  const auto last_end = line.rfind(word_end);
  if (last_end == std::string::npos) return clean_line(line);
  const std::string rest = line.substr(last_end + word_end.size());
  line.resize(last_end + word_end.size());
  const GCharPtr decoded(g_mime_utils_header_decode_text(gmime_options(), line.c_str()));
  return clean_line(decoded.get()) + clean_line(rest);
}

std::string encode_text(std::string_view utf8, std::size_t first_line_used) {
  const std::string line = clean_line(utf8);
  const auto tokens = tokens_of(line);

  // One run of encoded words from the first token that needs it to the last; plain around it, so
  // that a plain prefix can be read in the raw header too.
  std::size_t run_begin = tokens.size(), run_end = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::size_t room =
        i == 0 ? line_limit - std::min(first_line_used, line_limit) : line_limit;
    if (!needs_encoding(tokens[i], i == 0, room)) continue;
    run_begin = std::min(run_begin, i);
    run_end = i + 1;
  }

  FoldingWriter writer(first_line_used);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i < run_begin || i >= run_end) {
      writer.plain(tokens[i]);
    } else if (i == run_begin) {
      // The blank before an encoded word stands outside of it.
      const char* begin = tokens[i].data() + (i > 0 ? 1 : 0);
      const char* end = tokens[run_end - 1].data() + tokens[run_end - 1].size();
      writer.encoded({begin, static_cast<std::size_t>(end - begin)});
    }
  }
  return writer.take();
}

std::string to_latin1(std::string_view utf8) {
  // NUL would end GLib's strings; no text has a use for it.
  std::string valid = utf8_or_latin1(utf8);
  std::replace(valid.begin(), valid.end(), '\0', ' ');
  const GCharPtr composed(g_utf8_normalize(valid.c_str(), -1, G_NORMALIZE_NFC));
  std::string out;
  for_each_character(composed.get(), [&](gunichar c, std::string_view octets) {
    if (c < 0x100)
      out += static_cast<char>(c);
    else
      out += transliterated(c, octets);
  });
  return out;
}

}  // namespace pec::mime
