// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/parameterised.hpp"

#include "base/text.hpp"
#include "mime/charset.hpp"
#include "mime/encoded_word.hpp"
#include "mime/header.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace pec::mime {
namespace {

// More than any honest field has. It keeps a hostile field from costing much memory.
constexpr std::size_t max_octets = std::size_t{64} << 10;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// The line cut at its semicolons, except in quotes and comments. A comment becomes a blank. A
// parenthesis within a word does not begin a comment: it is part of a badly quoted file name.
std::vector<std::string> pieces_of(std::string_view line) {
  std::vector<std::string> pieces(1);
  bool quoted = false;
  int comment_depth = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    std::string& piece = pieces.back();
    const bool pair = c == '\\' && i + 1 < line.size() && (quoted || comment_depth > 0);
    if (comment_depth > 0) {
      if (c == '(') ++comment_depth;
      if (c == ')' && --comment_depth == 0) piece += ' ';
      if (pair) ++i;
    } else if (pair) {
      piece += c;
      piece += line[++i];
    } else if (!quoted && c == '(' && (piece.empty() || is_blank(piece.back()))) {
      comment_depth = 1;
    } else if (!quoted && c == ';') {
      pieces.emplace_back();
    } else {
      if (c == '"') quoted = !quoted;
      piece += c;
    }
  }
  return pieces;
}

std::string without_blanks(std::string_view text) {
  std::string out;
  std::remove_copy_if(text.begin(), text.end(), std::back_inserter(out), is_blank);
  return out;
}

// A quoted string's content, or the text as it is.
std::string unquoted(std::string_view text) {
  if (!text.starts_with('"')) return std::string(text);
  std::string out;
  for (std::size_t i = 1; i < text.size() && text[i] != '"'; ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hex = text[i] == '%' && i + 2 < text.size() && g_ascii_isxdigit(text[i + 1]) &&
                     g_ascii_isxdigit(text[i + 2]);
    if (!hex) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(g_ascii_xdigit_value(text[i + 1]) * 16 +
                             g_ascii_xdigit_value(text[i + 2]));
    i += 2;
  }
  return out;
}

// A parameter in the form of RFC 2231: sections by number, the character set in the first.
struct Extended {
  std::string charset;
  std::map<unsigned, std::string> sections;

  // name*=, name*0=, name*0*=, name*1= ...; `suffix`: the text after the first star.
  void add(std::string_view suffix, std::string value) {
    const bool encoded = suffix.empty() || suffix.ends_with('*');
    unsigned number = 0;
    std::from_chars(suffix.data(), suffix.data() + suffix.size(), number);
    if (encoded && number == 0) {
      const auto charset_end = value.find('\'');
      const auto language_end =
          charset_end == value.npos ? value.npos : value.find('\'', charset_end + 1);
      if (language_end != value.npos) {
        charset = value.substr(0, charset_end);
        value.erase(0, language_end + 1);
      }
    }
    sections.emplace(number, encoded ? percent_decoded(value) : std::move(value));
  }

  std::string octets() const {
    std::string out;
    unsigned expected = 0;
    for (const auto& [number, text] : sections) {
      if (number != expected++) break;  // a section is missing: the rest can't be placed
      out += text;
    }
    return out;
  }
};

}  // namespace

std::string ParameterisedValue::parameter(std::string_view name) const {
  const auto found = parameters.find(text::lower(name));
  return found == parameters.end() ? std::string() : found->second;
}

ParameterisedValue parse_parameterised(std::string_view raw_value) {
  std::string line = HeaderField{"", std::string(raw_value)}.unfolded();
  line.resize(std::min(line.size(), max_octets));
  const auto pieces = pieces_of(line);

  ParameterisedValue parsed{text::lower(without_blanks(pieces.front())), {}};
  std::map<std::string, Extended> extended;
  for (auto piece = pieces.begin() + 1; piece != pieces.end(); ++piece) {
    const auto equals = piece->find('=');
    if (equals == piece->npos) continue;
    const std::string name = text::lower(without_blanks(piece->substr(0, equals)));
    std::string value = unquoted(text::trim(std::string_view(*piece).substr(equals + 1)));
    const auto star = name.find('*');
    if (star != name.npos)
      extended[name.substr(0, star)].add(std::string_view(name).substr(star + 1), std::move(value));
    else
      parsed.parameters.emplace(name, name == "boundary" ? std::move(value) : decode_text(value));
  }
  for (const auto& [name, value] : extended)
    parsed.parameters[name] =
        name == "boundary" ? value.octets() : clean_line(value.charset, value.octets());
  return parsed;
}

}  // namespace pec::mime
