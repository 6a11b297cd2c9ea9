// SPDX-License-Identifier: GPL-2.0-or-later

#include "antivirus/virus_metadata.hpp"

#include "base/file.hpp"
#include "mime/encoded_word.hpp"

#include <fmt/format.h>
#include <sstream>
#include <stdexcept>
#include <toml++/toml.h>
#include <utility>

namespace pec::antivirus {

namespace {

// TOML is UTF-8, but SMTP may bring any bytes. The library would drop some bytes that are not
// UTF-8.
std::string utf8(std::string_view text) {
  if (mime::is_utf8(text)) return std::string(text);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xc0 | (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return out;
}

toml::date_time to_toml(Instant at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  return {toml::date(static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day())),
          toml::time(time.hours().count(), time.minutes().count(), time.seconds().count()),
          toml::time_offset{}};
}

Instant from_toml(const toml::date_time& at) {
  const std::chrono::year_month_day date(std::chrono::year(at.date.year),
                                         std::chrono::month(at.date.month),
                                         std::chrono::day(at.date.day));
  const std::chrono::minutes offset(at.offset ? at.offset->minutes : 0);
  return std::chrono::sys_days(date) + std::chrono::hours(at.time.hour) +
         std::chrono::minutes(at.time.minute) + std::chrono::seconds(at.time.second) - offset;
}

// The value at a key; throws if it isn't there, or is of another type.
template <class T>
T value_of(const toml::table& table, std::string_view key) {
  auto value = table[key].value_exact<T>();
  if (!value) throw std::runtime_error(fmt::format("no proper value for \"{}\"", key));
  return std::move(*value);
}

std::vector<std::string> recipients_of(const toml::table& table) {
  const auto* array = table["recipients"].as_array();
  if (array == nullptr || !(array->empty() || array->is_homogeneous<std::string>()))
    throw std::runtime_error("no proper value for \"recipients\"");
  std::vector<std::string> recipients;
  array->for_each([&](const toml::value<std::string>& each) { recipients.push_back(each.get()); });
  return recipients;
}

// Throws if the content is wrong, and says why.
KeptVirus parse_metadata(std::string_view content, std::string_view id) {
  const auto table = toml::parse(content);
  KeptVirus kept{.id = value_of<std::string>(table, "id"),
                 .at = from_toml(value_of<toml::date_time>(table, "at")),
                 .virus = value_of<std::string>(table, "virus"),
                 .role = value_of<std::string>(table, "role"),
                 .sender = value_of<std::string>(table, "sender"),
                 .recipients = recipients_of(table),
                 .pec_id = value_of<std::string>(table, "pec_id"),
                 .message_id = value_of<std::string>(table, "message_id")};
  if (kept.id != id) throw std::runtime_error(fmt::format("it is of another message, {}", kept.id));
  return kept;
}

}  // namespace

std::string format_metadata(const KeptVirus& kept) {
  toml::array recipients;
  for (const auto& recipient : kept.recipients) recipients.push_back(utf8(recipient));
  const toml::table table{
      {"id", kept.id},
      {"at", to_toml(kept.at)},
      {"virus", utf8(kept.virus)},
      {"role", utf8(kept.role)},
      {"sender", utf8(kept.sender)},
      {"recipients", std::move(recipients)},
      {"pec_id", utf8(kept.pec_id)},
      {"message_id", utf8(kept.message_id)},
  };
  std::ostringstream out;
  // One line for each value, whatever it holds: no multi-line strings.
  out << toml::toml_formatter(table, toml::format_flags::allow_unicode_strings) << '\n';
  return out.str();
}

Result<KeptVirus> read_metadata(const std::filesystem::path& path, std::string_view id) {
  PEC_TRY(const auto content, read_file(path));
  try {
    return parse_metadata(content, id);
  } catch (const std::exception& error) {  // toml::parse_error is one, too
    return bad_input(fmt::format("{} is damaged: {}", path.string(), error.what()));
  }
}

}  // namespace pec::antivirus
