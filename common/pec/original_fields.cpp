// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/original_fields.hpp"

#include "base/text.hpp"
#include "mime/comment.hpp"
#include "mime/encoded_word.hpp"
#include "pec/pec_fields.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace pec {

namespace {

// The rows with a maximum of 1 in the table of RFC 5322, 3.6. If there are two, nobody can say
// which one counts. The same holds for MIME's fields, since readers would see different parts, and
// for the field that asks for a receipt form. (MIME-Version is left out: it changes no reader's
// view.)
constexpr std::array single_fields = std::to_array<std::string_view>(
    {"From", "To", "Cc", "Bcc", "Reply-To", "Subject", "Message-ID", "Date", "Sender",
     "In-Reply-To", "References", "Content-Type", "Content-Transfer-Encoding",
     "Content-Disposition", receipt_form_field});

bool is_clean_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

// Printable ASCII, blanks, tabs; CR and LF as folds only.
bool is_clean_value(std::string_view value) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if ((c >= ' ' && c < '\x7f') || c == '\t') continue;
    const bool fold = c == '\r' && i + 2 < value.size() && value[i + 1] == '\n' &&
                      (value[i + 2] == ' ' || value[i + 2] == '\t');
    if (!fold) return false;
    ++i;
  }
  return true;
}

void note(std::vector<std::string>& names, const mime::HeaderField& field) {
  constexpr std::size_t most_names = 20;
  if (names.size() > most_names) return;
  const auto shown = text::printable(text::trim(field.name));
  if (std::none_of(names.begin(), names.end(), [&](const std::string& each) {
        return text::equals_ignoring_case(each, shown);
      }))
    names.push_back(names.size() < most_names ? shown : "...");
}

void take_addresses(std::vector<mime::Address>& all, const mime::HeaderField& field) {
  auto some = mime::parse_addresses(field.value);
  std::move(some.begin(), some.end(), std::back_inserter(all));
}

void take_content(OriginalFields& fields, const mime::HeaderField& field, bool first) {
  if (field.is("From"))
    take_addresses(fields.from, field);
  else if (field.is("To"))
    take_addresses(fields.to, field);
  else if (field.is("Cc"))
    take_addresses(fields.cc, field);
  else if (field.is("Reply-To"))
    take_addresses(fields.reply_to, field);
  else if (field.is("Bcc"))
    fields.has_bcc_value |= !field.unfolded().empty();
  else if (!first)
    return;
  else if (field.is("Date"))
    fields.date = field.unfolded();
  else if (field.is("Message-ID"))
    fields.message_id = field.unfolded();
  else if (field.is("Subject"))
    fields.subject = mime::decode_text(field.value);
}

}  // namespace

OriginalFields read_original(const mime::HeaderList& header) {
  OriginalFields fields;
  std::array<bool, single_fields.size()> seen{};
  for (const auto& field : header) {
    if (!is_clean_name(field.name) || !is_clean_value(field.value)) note(fields.unclean, field);
    if (field.value.size() >= surely_whole) note(fields.oversized, field);

    const auto single = static_cast<std::size_t>(
        std::distance(single_fields.begin(),
                      std::find_if(single_fields.begin(), single_fields.end(),
                                   [&](std::string_view name) { return field.is(name); })));
    if (single == single_fields.size()) continue;
    if (seen[single]) note(fields.repeated, field);
    take_content(fields, field, !seen[single]);
    seen[single] = true;
  }
  return fields;
}

std::string_view message_id_in(std::string_view unfolded) {
  const auto id = mime::without_leading_comments(unfolded);
  const auto end = id.find('>');
  if (!id.starts_with('<') || end == id.npos ||
      !mime::without_leading_comments(id.substr(end + 1)).empty())
    return unfolded;
  return id.substr(0, end + 1);
}

std::string client_message_id(const mime::HeaderList& header) {
  const auto value = header.unfolded("Message-ID");
  const std::string id(message_id_in(value));
  return is_message_id(id) ? id : std::string();
}

bool is_message_id(std::string_view value) {
  constexpr std::size_t longest = 998 - reference_field.size() - std::string_view(": ").size();
  if (value.size() < 3 || value.size() > longest) return false;
  if (value.front() != '<' || value.back() != '>') return false;
  const auto inside = value.substr(1, value.size() - 2);
  return std::all_of(inside.begin(), inside.end(),
                     [](char c) { return c > ' ' && c < '\x7f' && c != '<' && c != '>'; });
}

}  // namespace pec
