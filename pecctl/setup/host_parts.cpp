// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/host_parts.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <regex>

namespace pec::pecctl {

namespace {

// "[::1]", "127.0.0.53%lo", "0.0.0.0": as Listener has them.
std::string address_of(std::string address) {
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  address = address.substr(0, address.find('%'));
  return address == "0.0.0.0" || address == "::" ? "*" : address;
}

std::optional<Listener> listener_in(const std::string& line) {
  // State, two queues, the local address and port, the peer's, and perhaps whose it is.
  static const std::regex form(
      R"re(\S+\s+\d+\s+\d+\s+(\S+):(\d+)\s+\S+(?:\s+users:\(\("([^"]*)",pid=(\d+).*)?\s*)re");
  std::smatch parts;
  if (!std::regex_match(line, parts, form)) return std::nullopt;
  Listener listener{address_of(parts[1]), 0, parts[3], 0};
  listener.port = static_cast<unsigned>(text::number(parts[2].str()).value_or(0));
  listener.pid = static_cast<unsigned>(text::number(parts[4].str()).value_or(0));
  return listener;
}

std::string value_in(std::string_view os_release, std::string_view name) {
  for (const auto line : text::split(os_release, '\n')) {
    const auto at = line.find('=');
    if (at == std::string_view::npos || line.substr(0, at) != name) continue;
    auto value = text::trim(line.substr(at + 1));
    if (value.size() > 1 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    return std::string(value);
  }
  return {};
}

}  // namespace

std::vector<Listener> listeners_in(std::string_view text) {
  std::vector<Listener> listeners;
  for (const auto line : text::split(text, '\n'))
    if (auto listener = listener_in(std::string(line))) listeners.push_back(std::move(*listener));
  return listeners;
}

std::string distribution_in(std::string_view os_release) {
  return std::string(
      text::trim(value_in(os_release, "ID") + " " + value_in(os_release, "VERSION_ID")));
}

std::vector<std::string> words_in(std::string_view list) {
  std::vector<std::string> words;
  constexpr std::string_view between = ", \t\r\n";
  for (auto at = list.find_first_not_of(between); at != std::string_view::npos;
       at = list.find_first_not_of(between)) {
    list.remove_prefix(at);
    const auto end = std::min(list.find_first_of(between), list.size());
    words.emplace_back(list.substr(0, end));
    list.remove_prefix(end);
  }
  return words;
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool sets_listen(std::string_view dovecot_conf) {
  for (const auto line : text::split(dovecot_conf, '\n')) {
    auto rest = text::trim(line);
    if (!rest.starts_with("listen")) continue;
    rest.remove_prefix(std::string_view("listen").size());
    if (text::trim(rest).starts_with('=')) return true;
  }
  return false;
}

bool covers(const std::string& listener, const std::string& address) {
  return listener == "*" || listener == address;
}

}  // namespace pec::pecctl
