// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/setup/facts.hpp"

#include "base/c_handle.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "pecctl/host_addresses.hpp"
#include "pecctl/setup/host_parts.hpp"
#include "pecctl/setup/own_files.hpp"
#include "pecctl/setup/tools.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <netdb.h>
#include <unistd.h>

namespace pec::pecctl {

namespace {

namespace fs = std::filesystem;

Result<void> look_at_addresses(Facts& facts) {
  PEC_TRY(const auto addresses, host_addresses());
  for (const auto& each : addresses)
    if (!each.is_loopback)
      facts.addresses.push_back(each.text);
    else if (each.text == "127.0.0.1" || each.text == "::1")
      facts.loopback.push_back(each.text);
  return {};
}

// The name with its domain that the resolver gives for the host's own name.
std::string full_host_name() {
  std::array<char, 256> own{};
  if (gethostname(own.data(), own.size() - 1) != 0) return {};
  addrinfo wanted{};
  wanted.ai_flags = AI_CANONNAME;
  addrinfo* got = nullptr;
  if (getaddrinfo(own.data(), nullptr, &wanted, &got) != 0) return {};
  const CHandle<addrinfo, freeaddrinfo> found(got);
  const std::string name = found->ai_canonname == nullptr ? "" : found->ai_canonname;
  return name.find('.') == std::string::npos || name.starts_with("localhost") ? ""
                                                                              : text::lower(name);
}

// Nothing if the program has no configuration, or is not there.
std::vector<std::string> words_of(std::vector<std::string> command) {
  const auto said = output_of(std::move(command));
  return said ? words_in(*said) : std::vector<std::string>();
}

std::string first_word_of(std::vector<std::string> command) {
  auto words = words_of(std::move(command));
  return words.empty() ? "" : std::move(words.front());
}

// Of a name, such as Postfix's $myhostname, its addresses. Addresses and words such as "all" stay.
std::vector<std::string> with_addresses(const std::vector<std::string>& words) {
  std::vector<std::string> all;
  for (const auto& word : words) {
    addrinfo* got = nullptr;
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    const bool is_name = word.find_first_of(".:") != std::string::npos || word == "localhost";
    if (!is_name || word.find(':') != std::string::npos ||
        getaddrinfo(word.c_str(), nullptr, &wanted, &got) != 0) {
      all.push_back(word);
      continue;
    }
    const CHandle<addrinfo, freeaddrinfo> found(got);
    for (const auto* each = found.get(); each != nullptr; each = each->ai_next)
      all.push_back(address_text(each->ai_addr));
  }
  return all;
}

void look_at_postfix(Facts& facts) {
  facts.postfix_version = first_word_of({"postconf", "-dh", "mail_version"});
  if (!fs::exists("/etc/postfix/main.cf")) return;
  facts.postfix_interfaces = with_addresses(words_of({"postconf", "-hx", "inet_interfaces"}));
  facts.postfix_without_v6 =
      words_of({"postconf", "-hx", "inet_protocols"}) == std::vector<std::string>{"ipv4"};
  facts.postfix_instances = words_of({"postconf", "-hx", "multi_instance_directories"});
  for (const auto* setting :
       {"mydestination", "virtual_alias_domains", "virtual_mailbox_domains", "relay_domains"}) {
    auto& list = facts.ordinary_domains.emplace_back(DomainList{setting, {}, {}});
    for (const auto& word : words_of({"postconf", "-hx", setting}))
      if (word.find(':') == std::string::npos)
        list.words.push_back(text::lower(word));
      else
        list.tables.push_back(word);
  }
}

// A mailbox that is not empty, where Debian's programs and guides put them.
bool has_ordinary_mail(const Facts& facts) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/var/mail", error))
    if (entry.path().filename() != "root" && entry.is_regular_file(error) &&
        entry.file_size(error) > 0)
      return true;
  for (const auto& home : fs::directory_iterator("/home", error))
    if (fs::exists(home.path() / "Maildir", error)) return true;
  return std::any_of(
      facts.ordinary_domains.begin(), facts.ordinary_domains.end(), [](const auto& list) {
        return list.setting.starts_with("virtual_") && !(list.words.empty() && list.tables.empty());
      });
}

// Dovecot takes the last setting that it reads: after our file, those of conf.d that follow by
// name, and local.conf.
std::string file_that_sets_listen_last() {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/etc/dovecot/conf.d", error))
    if (entry.path().extension() == ".conf" && entry.path() > own_dovecot_path)
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  files.emplace_back("/etc/dovecot/local.conf");
  std::string last;
  for (const auto& file : files)
    if (const auto text = read_file(file); text && sets_listen(*text)) last = file.string();
  return last;
}

void look_at_dovecot(Facts& facts) {
  facts.dovecot_version = first_word_of({"dovecot", "--version"});
  facts.has_dovecot_plugin = fs::exists("/usr/lib/dovecot/modules/lib99_pec_plugin.so");
  if (fs::exists("/etc/dovecot/dovecot.conf"))
    facts.dovecot_listen = with_addresses(words_of({"doveconf", "-h", "listen"}));
  facts.dovecot_listen_after = file_that_sets_listen_last();
}

bool has_virus_database() {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/var/lib/clamav", error))
    if (const auto kind = entry.path().extension(); kind == ".cvd" || kind == ".cld") return true;
  return false;
}

}  // namespace

Result<Facts> look_at_host() {
  Facts facts;
  if (const auto release = read_file("/etc/os-release"))
    facts.distribution = distribution_in(*release);
  facts.host_name = full_host_name();
  PEC_TRY_VOID(look_at_addresses(facts));
  PEC_TRY(const auto sockets, output_of({"ss", "-Hltnp"}));
  facts.listeners = listeners_in(sockets);
  look_at_postfix(facts);
  look_at_dovecot(facts);
  facts.has_systemd = fs::exists("/run/systemd/system");
  facts.has_ordinary_mail = has_ordinary_mail(facts);
  facts.has_virus_database = has_virus_database();
  return facts;
}

Result<void> ask_tables(Facts& facts, const std::string& domain) {
  for (auto& list : facts.ordinary_domains)
    for (const auto& table : list.tables) {
      // Status 1 is its answer "no".
      PEC_TRY(const bool has_it, succeeds({"postmap", "-q", domain, table}));
      if (has_it) list.words.push_back(domain);
    }
  return {};
}

std::vector<std::string> free_addresses(const Facts& facts) {
  if (!facts.has_ordinary_mail) return facts.addresses;
  std::vector<std::string> free;
  for (const auto& address : facts.addresses) {
    const bool taken = std::any_of(
        facts.postfix_interfaces.begin(), facts.postfix_interfaces.end(), [&](const auto& word) {
          return word == "all" || word == address || word == "[" + address + "]";
        });
    if (!taken) free.push_back(address);
  }
  return free;
}

}  // namespace pec::pecctl
