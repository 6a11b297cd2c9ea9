// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/postfix_aliases.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "mime/address.hpp"
#include "service/command.hpp"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <set>
#include <unistd.h>
#include <utility>

namespace pec::service {

namespace {

constexpr std::size_t most_addresses = 1000;

// postmap also warns of harmless things, such as a source that is newer than its table. A fault
// that prevents an answer is fatal.
std::string complaint_in(std::string_view errors) {
  for (const auto line : text::split(errors, '\n'))
    if (!text::trim(line).empty() && line.find(": warning: ") == std::string_view::npos)
      return text::printable(text::trim(line));
  return {};
}

// Splits a list as Postfix does, at commas and blanks outside quotes.
std::vector<std::string> elements_of(std::string_view value) {
  std::vector<std::string> elements;
  std::string element;
  bool quoted = false, escaped = false;
  const auto end = [&] {
    if (!element.empty()) elements.push_back(std::exchange(element, {}));
  };
  for (const char c : value) {
    if (!quoted && (c == ',' || c == ' ' || c == '\t')) {
      end();
      continue;
    }
    element += c;
    if (c == '"' && !escaped) quoted = !quoted;
    escaped = quoted && c == '\\' && !escaped;
  }
  end();
  return elements;
}

// "localhost", "[192.0.2.1]": Postfix delivers there, and no provider manages such a domain.
bool is_no_mail_domain(std::string_view domain) {
  return !domain.empty() && (domain.front() == '[' || domain.find('.') == std::string_view::npos);
}

// Refuses a key that postmap would read as two lines, or as an empty one.
bool can_be_asked(const std::string& key) {
  return !key.empty() && text::is_printable(key);
}

}  // namespace

std::vector<std::string> PostfixAliases::keys_of(const std::string& address) const {
  const std::string local(mime::local_part_of(address)), domain(mime::domain_of(address));
  std::vector<std::string> keys{address};
  if (text::equals_ignoring_case(domain, options_.origin)) keys.push_back(local);
  keys.push_back("@" + domain);
  return keys;
}

Result<void> PostfixAliases::ask(const std::string& table, const std::string& keys,
                                 Found& found) const {
  const auto answer = ask_command(
      {options_.postmap, "-c", options_.postfix_config, "-q", "-", table}, keys, options_.limit);
  const auto failed = [&](const std::string& why) {
    return unavailable(fmt::format("can't ask Postfix's table {}: {}; repair the table, let the "
                                   "service's user read it, or correct aliases.tables",
                                   table, why),
                       ErrorSource::aliases);
  };
  if (!answer) return failed(answer.error().detail);
  if (const auto complaint = complaint_in(answer->errors); !complaint.empty())
    return failed(complaint);
  if (answer->status != 0 && (answer->status != 1 || !answer->output.empty()))
    return failed(fmt::format("{} exited with {}", options_.postmap, answer->status));
  for (const auto line : text::split(answer->output, '\n')) {
    const auto tab = line.find('\t');
    if (tab != std::string_view::npos) found.emplace(line.substr(0, tab), line.substr(tab + 1));
  }
  return {};
}

// The first table that has a key counts.
Result<PostfixAliases::Found> PostfixAliases::look_up(const std::vector<std::string>& keys) const {
  std::string lines;
  for (const auto& key : keys)
    if (can_be_asked(key)) lines += key + "\n";
  Found found;
  for (const auto& table : options_.tables) PEC_TRY_VOID(ask(table, lines, found));
  return found;
}

// The address itself if no table has it. "@domain" as a value keeps the local part.
Result<std::vector<std::string>> PostfixAliases::led_to(const std::string& address,
                                                        const Found& found) const {
  const auto keys = keys_of(address);
  const auto key = std::find_if(keys.begin(), keys.end(),
                                [&](const std::string& one) { return found.contains(one); });
  if (key == keys.end()) return std::vector{address};
  std::vector<std::string> addresses;
  for (const auto& element : elements_of(found.at(*key))) {
    std::string each(text::without_brackets(element));
    if (each.starts_with('@')) each.insert(0, mime::local_part_of(address));
    if (mime::domain_of(each).empty()) each += "@" + options_.origin;
    if (is_no_mail_domain(mime::domain_of(each))) continue;
    if (!mime::is_valid_address(each))
      return unavailable(fmt::format("Postfix's tables lead {} to something that is not an "
                                     "address: {}; correct it in one of {}",
                                     text::printable(*key), text::printable(element),
                                     fmt::join(options_.tables, " ")),
                         ErrorSource::aliases);
    addresses.push_back(mime::canonical_address(each));
  }
  return addresses;
}

Result<void> PostfixAliases::check() const {
  if (access(options_.postmap.c_str(), X_OK) != 0)
    return unavailable(
        fmt::format(
            "can't run {}: {}; let the service's user execute it, or correct aliases.postmap",
            options_.postmap, errno_text(errno)),
        ErrorSource::aliases);
  Found found;
  for (const auto& table : options_.tables)
    if (auto asked = ask(table, "postmaster@" + options_.origin + "\n", found); !asked)
      return asked;
  return {};
}

Result<std::vector<std::string>> PostfixAliases::mailboxes_of(const std::string& address) const {
  std::set<std::string> ends, seen{mime::canonical_address(address)};
  std::vector<std::string> open(seen.begin(), seen.end());
  while (!open.empty()) {
    if (seen.size() > most_addresses)
      return unavailable(
          fmt::format("{} leads to more than {} addresses; correct it in one of {}",
                      text::printable(address), most_addresses, fmt::join(options_.tables, " ")),
          ErrorSource::aliases);
    std::vector<std::string> keys, next;
    for (const auto& each : open)
      for (auto& key : keys_of(each)) keys.push_back(std::move(key));
    PEC_TRY(const auto found, look_up(keys));
    for (const auto& each : open) {
      PEC_TRY(const auto addresses, led_to(each, found));
      for (const auto& one : addresses) {
        if (one == each) ends.insert(one);
        if (seen.insert(one).second) next.push_back(one);
      }
    }
    open = std::move(next);
  }
  return std::vector<std::string>(ends.begin(), ends.end());
}

}  // namespace pec::service
