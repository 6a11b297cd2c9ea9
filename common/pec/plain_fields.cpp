// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/plain_fields.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace pec::plain {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_printable(char c) {
  return c >= ' ' && c < '\x7f';
}

// Fewer than RFC 2045 allows: only those without a meaning in RFC 2231 and RFC 2047.
bool is_token_character(char c) {
  return is_letter_or_digit(c) || std::string_view("-_.+").find(c) != std::string_view::npos;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(),
                                      [](char c) { return c > ' ' && c < '\x7f' && c != ':'; });
}

// No NUL. A line end must be followed by a blank.
bool is_one_field(std::string_view value) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\0' || value[i] == '\n') return false;
    if (value[i] != '\r') continue;
    if (i + 2 >= value.size() || value[i + 1] != '\n' || !is_blank(value[i + 2])) return false;
    ++i;
  }
  return true;
}

// The field's value with a LF for each fold.
Read<std::string> plain_line(const mime::HeaderField& field) {
  constexpr std::size_t longest = 998;
  if (field.value.size() > longest)
    return because(fmt::format("{} has more than {} octets", field.name, longest));
  const auto without_cr = text::replace_all(field.value, "\r\n", "\n");
  for (const auto line : text::split(without_cr, '\n')) {
    if (text::trim(line).empty()) return because(fmt::format("{} has an empty line", field.name));
    if (!std::all_of(line.begin(), line.end(), [](char c) { return is_printable(c) || c == '\t'; }))
      return because(fmt::format("{} holds characters other than ASCII", field.name));
  }
  return std::string(text::trim(without_cr));
}

// The one field of a name; nothing if there is none.
Read<const mime::HeaderField*> single(const mime::HeaderList& header, std::string_view name) {
  const auto fields = header.find_all(name);
  if (fields.size() > 1) return because(fmt::format("{} occurs more than once", name));
  return fields.empty() ? nullptr : fields.front();
}

// The plain line of the one field of a name; nothing if there is none.
Read<std::optional<std::string>> single_line(const mime::HeaderList& header,
                                             std::string_view name) {
  PEC_TRY(const auto* const field, single(header, name));
  if (field == nullptr) return std::nullopt;
  return plain_line(*field);
}

// type/subtype *(";" name "=" (token / quoted-string)) [";"], with blanks and folds only around the
// semicolons.
class TypeReader {
public:
  explicit TypeReader(std::string_view line) : rest_(line) {}

  Read<ContentType> read() {
    ContentType type;
    const auto main = token();
    if (main.empty() || !take('/')) return unclear("type");
    const auto sub = token();
    if (sub.empty()) return unclear("type");
    type.value = text::lower(main) + "/" + text::lower(sub);
    for (skip_blanks(); !rest_.empty(); skip_blanks()) {
      if (!take(';')) return unclear("a parameter");
      skip_blanks();
      if (rest_.empty()) break;
      const auto name = text::lower(token());
      if (name.empty() || !take('=')) return unclear("a parameter's name");
      auto value = take('"') ? quoted() : std::optional(std::string(token()));
      if (!value || value->empty()) return unclear("the parameter " + name);
      if (!type.parameters.emplace(name, std::move(*value)).second)
        return because(fmt::format("Content-Type has the parameter {} twice", name));
    }
    return type;
  }

private:
  static tl::unexpected<std::string> unclear(const std::string& what) {
    return because("Content-Type can be read in more than one way: " + what);
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_blanks() {
    while (!rest_.empty() && (is_blank(rest_.front()) || rest_.front() == '\n'))
      rest_.remove_prefix(1);
  }

  std::string_view token() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_token_character);
    const auto found = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(found.size());
    return found;
  }

  // No quoted pairs, folds, tabs or encoded words. No semicolons: simple readers cut there.
  std::optional<std::string> quoted() {
    const auto end = rest_.find('"');
    if (end == rest_.npos) return std::nullopt;
    std::string value(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    const bool plain = std::all_of(value.begin(), value.end(),
                                   [](char c) { return is_printable(c) && c != '\\' && c != ';'; });
    if (!plain || value.find("=?") != value.npos) return std::nullopt;
    return value;
  }

  std::string_view rest_;
};

}  // namespace

bool is_letter_or_digit(char c) {
  const char low = text::lower(c);
  return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9');
}

Read<void> check_fields(const mime::HeaderList& header) {
  for (const auto& field : header) {
    if (!is_plain_name(field.name))
      return because(fmt::format("the field name \"{}\" can be read in more than one way",
                                 text::printable(field.name)));
    if (!is_one_field(field.value))
      return because(fmt::format("the field {} holds a stray line end", field.name));
  }
  return {};
}

std::string ContentType::parameter(std::string_view name) const {
  const auto found = parameters.find(std::string(name));
  return found == parameters.end() ? std::string() : found->second;
}

Read<std::optional<ContentType>> type_of(const mime::HeaderList& header) {
  PEC_TRY(const auto line, single_line(header, "Content-Type"));
  if (!line) return std::nullopt;
  return TypeReader(*line).read();
}

// RFC 2046, 5.1.1. A boundary that ends with "--" looks like a closing delimiter.
Read<std::string> boundary_of(const ContentType& type) {
  constexpr std::size_t longest = 70;
  auto boundary = type.parameter("boundary");
  const bool plain = std::all_of(boundary.begin(), boundary.end(), [](char c) {
    return is_letter_or_digit(c) || std::string_view("'()+_,-./:=? ").find(c) != std::string::npos;
  });
  if (boundary.empty()) return because("a multipart has no boundary");
  if (!plain || boundary.size() > longest || boundary.ends_with(' ') || boundary.ends_with("--"))
    return because("a boundary can be read in more than one way");
  return boundary;
}

Read<std::string> encoding_of(const mime::HeaderList& header) {
  PEC_TRY(const auto line, single_line(header, "Content-Transfer-Encoding"));
  if (!line) return std::string();
  if (!std::all_of(line->begin(), line->end(), is_token_character))
    return because("Content-Transfer-Encoding can be read in more than one way");
  return text::lower(*line);
}

Read<void> check_unencoded(const mime::HeaderList& header) {
  PEC_TRY(const auto encoding, encoding_of(header));
  constexpr std::array identities{"", "7bit", "8bit", "binary"};
  if (std::find(identities.begin(), identities.end(), encoding) == identities.end())
    return because(fmt::format("a multipart is encoded: {}", encoding));
  return {};
}

Read<void> check_version(const mime::HeaderList& header) {
  PEC_TRY(const auto* const field, single(header, "MIME-Version"));
  if (field == nullptr || field->unfolded() != "1.0")
    return because("there is no MIME-Version: 1.0");
  return {};
}

}  // namespace pec::plain
