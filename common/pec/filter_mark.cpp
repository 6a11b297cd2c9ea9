// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/filter_mark.hpp"

#include "base/text.hpp"
#include "mime/comment.hpp"

#include <algorithm>
#include <optional>

namespace pec {

namespace {

bool is_the_filters(const mime::HeaderField& field, const FilterOptions& options) {
  return field.is(options.header) ||
         std::any_of(options.added_fields.begin(), options.added_fields.end(),
                     [&](const std::string& beginning) {
                       return text::starts_with_ignoring_case(field.name, beginning);
                     });
}

SpamLevel level_of(std::string_view value, const FilterOptions& options) {
  if (text::starts_with_ignoring_case(value, options.spam)) return SpamLevel::spam;
  if (text::starts_with_ignoring_case(value, options.suspected)) return SpamLevel::suspected;
  return SpamLevel::not_spam;
}

// "dmarc=fail (p=reject) header.from=x": a method and its result; a comment may precede either.
SenderCheck sender_check_in(std::string_view value) {
  std::optional<SenderCheck> by_dmarc, by_spf;
  const auto note = [](std::optional<SenderCheck>& known, SenderCheck fresh) {
    known = std::min(known.value_or(fresh), fresh);
  };
  for (auto part : text::split(value, ';')) {
    part = text::trim(mime::without_leading_comments(part));
    const auto result = part.substr(0, part.find_first_of(" \t("));
    const auto is = [&](std::string_view wanted) {
      return text::equals_ignoring_case(result, wanted);
    };
    if (is("dmarc=pass")) note(by_dmarc, SenderCheck::pass);
    if (is("dmarc=fail")) note(by_dmarc, SenderCheck::fail);
    if (is("spf=fail")) note(by_spf, SenderCheck::fail);
  }
  return by_dmarc.value_or(by_spf.value_or(SenderCheck::unknown));
}

}  // namespace

Unmarked take_mark(const mime::HeaderList& header, const FilterOptions& options) {
  Unmarked unmarked;
  if (options.header.empty()) {
    unmarked.header = header;
    return unmarked;
  }
  std::optional<SenderCheck> sender_check;
  for (const auto& field : header) {
    if (field.is(options.header))
      unmarked.level = std::max(unmarked.level, level_of(field.unfolded(), options));
    if (is_the_filters(field, options)) {
      if (!field.is("Authentication-Results")) continue;
      const auto found = sender_check_in(field.unfolded());
      sender_check = std::min(sender_check.value_or(found), found);
      continue;
    }
    // Exactly in the spelling that Postfix's table writes.
    const bool aside = field.name.starts_with(moved_aside);
    unmarked.header.add_raw(aside ? field.name.substr(moved_aside.size()) : field.name,
                            field.value);
  }
  unmarked.sender_check = sender_check.value_or(SenderCheck::unknown);
  return unmarked;
}

std::string_view wire_name(SpamLevel level) {
  switch (level) {
    case SpamLevel::spam:
      return "spam";
    case SpamLevel::suspected:
      return "suspected";
    case SpamLevel::not_spam:
      break;
  }
  return {};
}

}  // namespace pec
