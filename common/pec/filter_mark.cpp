#include "pec/filter_mark.hpp"

#include "base/text.hpp"

#include <algorithm>

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

}  // namespace

Unmarked take_mark(const mime::HeaderList& header, const FilterOptions& options) {
  if (options.header.empty()) return {SpamLevel::not_spam, header};
  Unmarked unmarked;
  for (const auto& field : header) {
    if (field.is(options.header))
      unmarked.level = std::max(unmarked.level, level_of(field.unfolded(), options));
    if (is_the_filters(field, options)) continue;
    // As Postfix's table wrote it: in this spelling, not in any case.
    const bool aside = field.name.starts_with(moved_aside);
    unmarked.header.add_raw(aside ? field.name.substr(moved_aside.size()) : field.name,
                            field.value);
  }
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
