// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/encoded_word.hpp"

#include "base/text.hpp"
#include "mime/charset.hpp"
#include "mime/encoder.hpp"
#include "mime/header.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace pec::mime {
namespace {

constexpr std::size_t line_limit = 76;  // RFC 2047, 2: for every line that has encoded words
constexpr std::size_t word_limit = 75;  // RFC 2047, 2
constexpr std::string_view word_begin = "=?utf-8?B?";
constexpr std::string_view word_end = "?=";

// The Q encoding (RFC 2047, 4.2).
std::string decode_q(std::string_view content) {
  std::string out;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const bool hex = content[i] == '=' && i + 2 < content.size() &&
                     g_ascii_isxdigit(content[i + 1]) && g_ascii_isxdigit(content[i + 2]);
    if (hex) {
      out += static_cast<char>(g_ascii_xdigit_value(content[i + 1]) * 16 +
                               g_ascii_xdigit_value(content[i + 2]));
      i += 2;
    } else {
      out += content[i] == '_' ? ' ' : content[i];
    }
  }
  return out;
}

struct EncodedWord {
  std::string charset;     // lower case
  std::string octets;      // decoded
  std::size_t length = 0;  // of its text
};

// =?charset*language?encoding?text?= at the start of `text`. Blanks in it are accepted.
std::optional<EncodedWord> read_encoded_word(std::string_view text) {
  const auto charset_end = text.find('?', 2);
  if (charset_end == text.npos || text.substr(charset_end).size() < 3) return std::nullopt;
  std::string_view charset = text.substr(2, charset_end - 2);
  charset = charset.substr(0, charset.find('*'));
  const bool named = !charset.empty() && std::all_of(charset.begin(), charset.end(), [](char c) {
    return g_ascii_isalnum(c) || c == '-' || c == '_' || c == '.' || c == ':';
  });
  const auto begin = charset_end + 3;
  const auto end = text.find(word_end, begin);
  if (!named || text[begin - 1] != '?' || end == text.npos) return std::nullopt;
  const auto content = text.substr(begin, end - begin);
  EncodedWord word{text::lower(charset), {}, end + word_end.size()};
  switch (text::lower(text[begin - 2])) {
    case 'b':
      word.octets = decode_base64(content);
      return word;
    case 'q':
      word.octets = decode_q(content);
      return word;
    default:
      return std::nullopt;
  }
}

// Words with the blanks before them: a line is folded between these.
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

// Whether a token must be encoded to arrive unchanged: if it is not ASCII, looks like an encoded
// word, is too long for a line, or has blanks at the very ends, which readers trim.
bool needs_encoding(std::string_view token, bool is_first, std::size_t room) {
  const bool ascii = std::all_of(token.begin(), token.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return !ascii || token.find("=?") != std::string_view::npos || token.size() > room ||
         token.ends_with(' ') || (is_first && token.starts_with(' '));
}

// Writes a field value, and counts the octets on its last line.
class FoldingWriter {
public:
  explicit FoldingWriter(std::size_t first_line_used) : column_(first_line_used) {}

  void plain(std::string_view token) {
    if (column_ + token.size() > line_limit) fold();
    write(token);
  }

  // Writes `run` as encoded words, as many as needed. Characters are never split.
  void encoded(std::string_view run) {
    while (!run.empty()) {
      const bool blank_first = !out_.empty() && !at_line_begin();
      if (capacity(blank_first) < 15) {  // too little room for a word on this line
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
  // The number of octets that an encoded word can hold on the rest of this line.
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

}  // namespace

std::string decode_text(std::string_view raw_value) {
  const std::string line = HeaderField{"", std::string(raw_value)}.unfolded();
  // No word ends behind the last "?=". If each "=?" searched for an end there, a hostile field
  // would take seconds.
  const auto last_end = line.rfind(word_end);
  const auto words = std::string_view(line).substr(0, last_end == line.npos ? 0 : last_end + 2);

  std::string out;
  EncodedWord run;          // words in one character set: senders may split characters
  std::size_t read_to = 0;  // the line is decoded up to here, except for the run
  for (auto at = words.find("=?"); at != words.npos;) {
    auto word = read_encoded_word(words.substr(at));
    if (!word) {
      at = words.find("=?", at + 2);
      continue;
    }
    const auto between = words.substr(read_to, at - read_to);
    const bool joined = run.length > 0 && between.find_first_not_of(" \t") == between.npos;
    if (!joined || run.charset != word->charset) {
      out += clean_line(run.charset, run.octets);
      run = {word->charset, {}, 0};
    }
    if (!joined) out += clean_line(between);
    run.octets += word->octets;
    run.length += word->length;
    read_to = at + word->length;
    at = words.find("=?", read_to);
  }
  return out + clean_line(run.charset, run.octets) +
         clean_line(std::string_view(line).substr(read_to));
}

std::string encode_text(std::string_view utf8, std::size_t first_line_used) {
  const std::string line = clean_line(utf8);
  const auto tokens = tokens_of(line);

  // There is one run of encoded words, from the first token that needs it to the last. The rest
  // stays plain, so people can read a plain prefix in the raw header.
  std::size_t run_begin = tokens.size(), run_end = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::size_t room =
        i == 0 ? line_limit - std::min(first_line_used, line_limit) : line_limit;
    if (!needs_encoding(tokens[i], i == 0, room)) continue;
    // A blank at the end is encoded with the word before it: a run does not begin with a blank.
    const bool blank_alone = tokens[i] == " " && i > 0;
    run_begin = std::min(run_begin, blank_alone ? i - 1 : i);
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

bool is_utf8(std::string_view text) {
  return g_utf8_validate_len(text.data(), text.size(), nullptr) != FALSE;
}

}  // namespace pec::mime
