// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/header.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <stdexcept>

namespace pec::mime {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// A name may end in blanks before the colon (RFC 5322, 4.5: obsolete, but still in use).
std::string_view without_trailing_blanks(std::string_view name) {
  while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
  return name;
}

bool is_field_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(),
                                      [](char c) { return c > ' ' && c < '\x7f' && c != ':'; });
}

// The first line of `text`, its line end included; all of it if it has none.
std::string_view first_line(std::string_view text) {
  const auto end = text.find('\n');
  return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

// Puts a CR before each LF that has none.
std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '\n' && !out.ends_with('\r')) out += '\r';
    out += c;
  }
  return out;
}

}  // namespace

bool holds_only_folds(std::string_view value) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\n') return false;
    if (value[i] != '\r') continue;
    if (i + 2 >= value.size() || value[i + 1] != '\n' || !is_blank(value[i + 2])) return false;
    ++i;
  }
  return true;
}

std::string HeaderField::unfolded() const {
  std::string out;
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c != '\r' && c != '\n') {
      out += c;
      continue;
    }
    if (c == '\r' && i + 1 < value.size() && value[i + 1] == '\n') ++i;
    const bool fold = i + 1 < value.size() && value[i] == '\n' && is_blank(value[i + 1]);
    if (!fold) out += ' ';  // a stray CR or LF: the result is always one line
  }
  return std::string(text::trim(out));
}

bool HeaderField::is(std::string_view other_name) const {
  return text::equals_ignoring_case(without_trailing_blanks(name), other_name);
}

std::string HeaderField::wire() const {
  return name + ":" + value + "\r\n";
}

void HeaderList::add_raw(std::string name, std::string raw_value) {
  fields_.push_back({std::move(name), std::move(raw_value)});
}

void HeaderList::add(std::string name, std::string_view value) {
  if (!is_field_name(name)) throw std::invalid_argument("not a header field name");
  if (!holds_only_folds(value))
    throw std::invalid_argument("line break in the value of header field " + name);
  add_raw(std::move(name), " " + std::string(value));
}

const HeaderField* HeaderList::find(std::string_view name) const {
  const auto found =
      std::find_if(begin(), end(), [&](const HeaderField& field) { return field.is(name); });
  return found == end() ? nullptr : &*found;
}

std::vector<const HeaderField*> HeaderList::find_all(std::string_view name) const {
  std::vector<const HeaderField*> found;
  for (const HeaderField& field : fields_)
    if (field.is(name)) found.push_back(&field);
  return found;
}

std::string HeaderList::unfolded(std::string_view name) const {
  const HeaderField* field = find(name);
  return field ? field->unfolded() : std::string();
}

std::string HeaderList::wire() const {
  std::string out;
  for (const HeaderField& field : fields_) out += field.wire();
  return out;
}

ParsedHeader parse_header(std::string_view message, const HeaderStop& stop_at) {
  ParsedHeader parsed;
  std::size_t at = 0;
  const auto next_line = [&] { return first_line(message.substr(at)); };
  const auto stopped = [&](std::string_view line) { return stop_at && stop_at(line); };

  while (at < message.size()) {
    const std::string_view line = next_line();
    if (stopped(line)) break;
    if (text::without_line_end(line).empty()) {
      at += line.size();
      break;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) break;
    const std::string_view name = line.substr(0, colon);
    if (!is_field_name(without_trailing_blanks(name))) break;

    const std::size_t value_begin = at + colon + 1;
    at += line.size();
    while (at < message.size() && is_blank(message[at]) && !stopped(next_line()))
      at += next_line().size();
    const auto value = text::without_line_end(message.substr(value_begin, at - value_begin));
    parsed.fields.add_raw(std::string(name), with_crlf(value));
  }
  parsed.body_offset = at;
  return parsed;
}

}  // namespace pec::mime
