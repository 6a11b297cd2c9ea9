// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/address.hpp"

#include "base/text.hpp"
#include "mime/charset.hpp"
#include "mime/encoded_word.hpp"
#include "mime/header.hpp"

#include <algorithm>
#include <utility>

namespace pec::mime {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (text::lower(c) >= 'a' && text::lower(c) <= 'z');
}

// RFC 5322, 3.2.3
bool is_atext(char c) {
  return is_alphanumeric(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string::npos;
}

bool is_dot_atom(std::string_view text) {
  const auto atoms = text::split(text, '.');
  return std::all_of(atoms.begin(), atoms.end(), [](std::string_view atom) {
    return !atom.empty() && std::all_of(atom.begin(), atom.end(), is_atext);
  });
}

// The length of the quoted string or comment at the start of `text`, its delimiters included; all
// of the text if it isn't closed. Comments nest; a backslash hides the next character.
std::size_t enclosed_length(std::string_view text) {
  const bool quoted = text.starts_with('"');
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (quoted && text[i] == '"' && i > 0)
      return i + 1;
    else if (!quoted && text[i] == '(')
      ++depth;
    else if (!quoted && text[i] == ')' && --depth == 0)
      return i + 1;
  }
  return text.size();
}

// The text of quoted strings without quotes and backslashes, everything else as it is.
std::string unquoted(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size())
      out += text[++i];
    else if (text[i] != '"')
      out += text[i];
  }
  return out;
}

// Blanks beside the dots and the @ of an address (RFC 5322, 4.4) mean nothing. Anywhere else they
// stay, and make it invalid.
std::string without_idle_blanks(std::string_view text) {
  const auto joins = [](char c) { return c == '.' || c == '@'; };
  std::string out;
  for (text = text::trim(text); !text.empty();) {
    if (text.front() == '"') {
      out += text.substr(0, enclosed_length(text));
      text.remove_prefix(enclosed_length(text));
    } else if (is_blank(text.front())) {
      text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
      if (!joins(out.back()) && !joins(text.front())) out += ' ';
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

// Reads a list one mark at a time. text_ holds the text since the last address.
class ListReader {
public:
  std::vector<Address> read(std::string_view line) {
    while (!line.empty()) {
      std::size_t length = 1;
      switch (line.front()) {
        case '"':
          length = enclosed_length(line);
          text_ += line.substr(0, length);
          break;
        case '(':
          length = enclosed_length(line);
          comment_ = line.substr(1, length < 2 ? 0 : length - 2);
          text_ += ' ';
          break;
        case '<':
          open_bracket();
          break;
        case '>':
          finish();
          break;
        case ',':
        case ';':
          finish();
          break;  // the semicolon ends a group
        case ':':
          text_.clear();
          break;  // that was a group's name
        default:
          text_ += line.front();
      }
      line.remove_prefix(length);
    }
    finish();
    return std::move(addresses_);
  }

private:
  void open_bracket() {
    if (in_brackets_) finish();
    name_ = std::exchange(text_, {});
    in_brackets_ = true;
  }

  void finish() {
    const std::string_view name = in_brackets_ ? std::string_view(name_) : comment_;
    const std::string address = without_idle_blanks(text_);
    if (in_brackets_ || !address.empty())
      addresses_.push_back({decode_text(unquoted(name)), clean_line(address)});
    text_.clear();
    name_.clear();
    comment_ = {};
    in_brackets_ = false;
  }

  std::vector<Address> addresses_;
  std::string text_;          // of the address; or of the name, until the bracket comes
  std::string name_;          // the text before the bracket
  std::string_view comment_;  // the last one: serves as the name without brackets
  bool in_brackets_ = false;
};

bool is_quoted_string(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  const auto inside = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '"') return false;  // only behind a backslash
    if (inside[i] == '\\' && ++i == inside.size()) return false;
    if (inside[i] < ' ' || inside[i] >= '\x7f') return false;
  }
  return true;
}

bool is_8_bit(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

// Words, dots, and quoted strings. An encoded word is made of ASCII words (RFC 2047, 5). Raw 8-bit
// letters of careless clients are syntax marks to no reader.
bool is_plain_name(std::string_view name) {
  while (!name.empty()) {
    std::size_t length = 1;
    if (name.front() == '"')
      length = enclosed_length(name);
    else if (!is_atext(name.front()) && !is_blank(name.front()) && name.front() != '.' &&
             !is_8_bit(name.front()))
      return false;
    name.remove_prefix(length);
  }
  return true;
}

// The length of `text` before the first `mark` outside of quoted strings; all of it if there is no
// mark. Nothing if a quoted string is malformed.
std::optional<std::size_t> length_before(char mark, std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && text[at] != mark) {
    if (text[at] != '"') {
      ++at;
      continue;
    }
    std::string quotes(text.substr(at, enclosed_length(text.substr(at))));
    at += quotes.size();
    std::replace(quotes.begin(), quotes.end(), '\t', ' ');  // where a field was folded
    std::replace_if(quotes.begin(), quotes.end(), is_8_bit, '?');
    if (!is_quoted_string(quotes)) return std::nullopt;
  }
  return at;
}

std::optional<Address> read_plain_element(std::string_view text) {
  text = text::trim(text);
  const auto bracket = length_before('<', text);
  if (!bracket) return std::nullopt;
  std::string_view name;
  if (*bracket < text.size()) {
    if (!text.ends_with('>')) return std::nullopt;
    name = text::trim(text.substr(0, *bracket));
    text = text.substr(*bracket + 1, text.size() - *bracket - 2);
  }
  // Many clients repeat the address as the name: a reader of either one gets the same.
  if (!is_plain_name(name) && !same_address(name, text)) return std::nullopt;
  if (!plain_address(text)) return std::nullopt;
  if (domain_of(text).find(':') != std::string_view::npos) return std::nullopt;  // [IPv6:...]
  return Address{decode_text(unquoted(name)), std::string(text)};
}

// A local part as it is written: quoted if it needs quotes. Postfix quotes in the same way.
std::string quoted(std::string_view content) {
  if (is_dot_atom(content)) return std::string(content);
  std::string out = "\"";
  for (const char c : content) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// Labels of any length, or an address literal (RFC 5321, 4.1.3).
bool is_plain_domain(std::string_view domain) {
  const auto holds_only = [](std::string_view text, std::string_view marks) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
      return is_alphanumeric(c) || marks.find(c) != std::string_view::npos;
    });
  };
  if (domain.starts_with('[') && domain.ends_with(']'))
    return holds_only(domain.substr(1, domain.size() - 2), ".:-");
  const auto labels = text::split(domain, '.');
  return std::all_of(labels.begin(), labels.end(),
                     [&](std::string_view label) { return holds_only(label, "-_"); });
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && !label.starts_with('-') && !label.ends_with('-') &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-'; });
}

// The last label of a name is never all digits (RFC 3696, 2): it would look like an IP address.
bool is_host_name(std::string_view domain) {
  const auto labels = text::split(domain, '.');
  return domain.size() <= 253 && labels.size() >= 2 &&
         std::all_of(labels.begin(), labels.end(), is_label) &&
         labels.back().find_first_not_of("0123456789") != std::string_view::npos;
}

}  // namespace

std::vector<Address> parse_addresses(std::string_view raw_value) {
  return ListReader().read(HeaderField{"", std::string(raw_value)}.unfolded());
}

std::optional<std::vector<Address>> read_plain_addresses(std::string_view raw_value) {
  if (!holds_only_folds(raw_value)) return std::nullopt;
  const auto line = HeaderField{"", std::string(raw_value)}.unfolded();
  std::string_view rest = line;
  std::vector<Address> all;
  for (;;) {
    const auto end = length_before(',', rest);
    if (!end) return std::nullopt;
    auto element = read_plain_element(rest.substr(0, *end));
    if (!element) return std::nullopt;
    all.push_back(std::move(*element));
    if (*end == rest.size()) return all;
    rest.remove_prefix(*end + 1);
  }
}

bool is_valid_address(std::string_view address) {
  const auto local = local_part_of(address);
  return local.size() <= 64 && address.size() <= 254 && is_host_name(domain_of(address)) &&
         (is_dot_atom(local) || is_quoted_string(local));
}

std::string_view domain_of(std::string_view address) {
  const auto at = address.rfind('@');
  return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

std::string_view local_part_of(std::string_view address) {
  const auto at = address.rfind('@');
  return at == std::string_view::npos ? std::string_view() : address.substr(0, at);
}

std::optional<std::string> plain_address(std::string_view written) {
  const auto local = local_part_of(written);
  const auto domain = domain_of(written);
  if (!is_plain_domain(domain)) return std::nullopt;
  if (is_dot_atom(local)) return std::string(written);
  if (!is_quoted_string(local)) return std::nullopt;
  const auto content = unquoted(local);
  if (content.empty() || content.find('@') != std::string::npos) return std::nullopt;
  return quoted(content) + "@" + std::string(domain);
}

std::string with_quotes(std::string_view unquoted) {
  const auto at = unquoted.rfind('@');
  if (at == std::string_view::npos) return std::string(unquoted);
  return quoted(unquoted.substr(0, at)) + std::string(unquoted.substr(at));
}

std::string canonical_address(std::string_view address) {
  const auto local = local_part_of(address);
  if (!is_quoted_string(local)) return text::lower(address);
  return text::lower(quoted(unquoted(local)) + "@" + std::string(domain_of(address)));
}

bool same_address(std::string_view a, std::string_view b) {
  return canonical_address(a) == canonical_address(b);
}

}  // namespace pec::mime
