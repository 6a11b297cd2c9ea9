// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/ldif.hpp"

#include <fmt/format.h>
#include <lber.h>
// ldif.h needs what these two declare.
#include "base/c_handle.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <ldap.h>
#include <ldif.h>
#include <new>
#include <string>

namespace pec::directory {

namespace {

// libldap works in place: it cuts the text into lines, and unfolds and decodes each line where it
// lies. So the parser works on a copy, and counts lines in the original.
class Parser {
public:
  explicit Parser(std::string_view text)
      : original_(text), copy_(std::make_unique<char[]>(text.size() + 1)), next_(copy_.get()) {
    std::copy(text.begin(), text.end(), copy_.get());
  }

  Result<Ldif> parse() {
    if (const auto nul = original_.find('\0'); nul != std::string_view::npos)
      return error_at(copy_.get() + nul, "a NUL byte: not LDIF text");
    while (skip_empty_lines()) PEC_TRY_VOID(parse_record());
    return Ldif{std::move(copy_), std::move(entries_)};
  }

private:
  // False at the end of the text.
  bool skip_empty_lines() {
    while (next_ != nullptr && (*next_ == '\n' || *next_ == '\r')) ++next_;
    return next_ != nullptr && *next_ != '\0';
  }

  Result<void> parse_record() {
    bool in_entry = false;
    while (char* line = ldif_getline(&next_)) {
      PEC_TRY(const auto attribute, parse_line(line));
      const auto is = [&](std::string_view name) {
        return text::equals_ignoring_case(attribute.name, name);
      };
      if (in_entry) {
        if (is("dn")) return error_at(line, "a second dn in one record: an empty line is missing");
        if (is("changetype")) return error_at(line, "a change record: only content is accepted");
        entries_.back().attributes.push_back(attribute);
      } else if (is("dn")) {
        entries_.push_back({attribute.value, {}});
        in_entry = true;
      } else if (!is("version") || !entries_.empty()) {
        return error_at(line, "a record that does not begin with its dn");
      } else if (attribute.value != "1") {
        return error_at(line, "a version other than 1");
      }
    }
    return {};
  }

  Result<AttributeView> parse_line(char* line) const {
    const std::string_view whole(line);
    const auto colon = whole.find(':');
    if (colon == std::string_view::npos) return error_at(line, "not \"name: value\"");
    // In folded lines libldap leaves CRs, which it skips later.
    auto value = whole.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of('\r'), value.size()));
    if (value.starts_with('<'))  // libldap would fetch it
      return error_at(line, "a value given as URL: give the value itself");
    // Check this first, because libldap would complain on stderr.
    if (value.starts_with(':') && !is_base64(std::string(value.substr(1))))
      return error_at(line, "a value that is not base64");

    berval name{};
    berval content{};
    int must_free = 0;  // libldap sets it for URLs only
    if (ldif_parse_line2(line, &name, &content, &must_free) != 0)
      return error_at(line, "neither \"name: value\" nor \"name:: base64\"");
    AttributeView attribute{{name.bv_val, name.bv_len}, {content.bv_val, content.bv_len}};
    attribute.name = attribute.name.substr(0, attribute.name.find(';'));
    if (!is_name(attribute.name)) return error_at(line, "not the name of an attribute");
    return attribute;
  }

  // Blanks may come before the base64 text, not after it.
  static bool is_base64(std::string value) {
    std::erase(value, '\r');
    const auto all = value.substr(std::min(value.find_first_not_of(' '), value.size()));
    const auto digits = all.substr(0, all.find_last_not_of('=') + 1);
    const auto padding = all.size() - digits.size();
    return all.size() % 4 == 0 && padding <= 2 &&
           std::all_of(digits.begin(), digits.end(),
                       [](char c) { return is_letter_or_digit(c) || c == '+' || c == '/'; });
  }

  static bool is_letter_or_digit(char c) {
    const char l = text::lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9');
  }

  static bool is_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return is_letter_or_digit(c) || c == '-' || c == '.';
    });
  }

  tl::unexpected<Error> error_at(const char* where, std::string_view what) const {
    const auto* end = original_.data() + (where - copy_.get());
    return bad_input(fmt::format("line {}: {}", 1 + std::count(original_.data(), end, '\n'), what));
  }

  std::string_view original_;
  std::unique_ptr<char[]> copy_;
  char* next_;  // null at the end
  std::vector<EntryView> entries_;
};

}  // namespace

Result<Ldif> parse_ldif(std::string_view text) {
  return Parser(text).parse();
}

namespace {

// libldap's lines are two octets longer than requested; RFC 2849 allows 76.
constexpr ber_len_t line_width = 74;

void put_line(std::string& out, std::string_view name, std::string_view value) {
  const std::string name_z(name);
  const CHandle<char, ber_memfree> line(ldif_put_wrap(LDIF_PUT_VALUE, name_z.c_str(), value.data(),
                                                      static_cast<ber_len_t>(value.size()),
                                                      line_width));
  if (!line) throw std::bad_alloc();
  out += line.get();
}

}  // namespace

std::string format_ldif(const std::vector<EntryView>& entries) {
  std::string out;
  for (const auto& [dn, attributes] : entries) {
    if (!out.empty()) out += '\n';
    put_line(out, "dn", dn);
    for (const auto& [name, value] : attributes) put_line(out, name, value);
  }
  return out;
}

}  // namespace pec::directory
