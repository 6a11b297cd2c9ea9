// SPDX-License-Identifier: GPL-2.0-or-later

// Where Postfix's aliases lead, by its own tables (virtual(5)), asked with its own postmap(1).
//
//     const PostfixAliases aliases({{"lmdb:/etc/postfix/aliases"}, "pec.alfa.example"});
//     if (auto good = aliases.check(); !good) complain(good.error().detail);
//     aliases.mailboxes_of("info@pec.alfa.example")   // {"anna@pec.alfa.example", "bruno@..."}
//
// As cleanup(8) does it: for each address the whole of it, in the domain `origin` the local part alone, then
// "@domain"; of each the first table that has it counts; what it leads to is looked up again. An address that
// leads to itself, among others, ends there. All that is to be looked up at once is asked with one postmap
// for each table.
//
// Errors: unavailable, with the table, and what is wrong: it can't be opened or asked, holds something that
// can't be read as an address, or leads to more than 1,000 addresses (as many as Postfix follows). Of addresses
// that lead in a circle nothing comes: Postfix delivers no such mail. Any thread; a call waits for postmap.
#pragma once

#include "pec/ports.hpp"

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace pec {

struct PostfixAliasOptions {
  std::vector<std::string> tables;  // "TYPE:NAME", as in main.cf
  std::string origin;               // Postfix's myorigin: the domain of addresses without one
  std::string postmap = "/usr/sbin/postmap";
  std::string postfix_config = "/etc/postfix";  // the folder of main.cf, which postmap reads
  std::chrono::milliseconds limit = std::chrono::seconds(10);  // for one run of postmap
};

class PostfixAliases final : public Aliases {
public:
  explicit PostfixAliases(PostfixAliasOptions options) : options_(std::move(options)) {}

  // Whether each table can be asked.
  Result<void> check() const;
  Result<std::vector<std::string>> mailboxes_of(const std::string& address) const override;

private:
  using Found = std::map<std::string, std::string>;  // value, by key

  Result<Found> look_up(const std::vector<std::string>& keys) const;
  Result<void> ask(const std::string& table, const std::string& keys, Found& found) const;
  std::vector<std::string> keys_of(const std::string& address) const;
  Result<std::vector<std::string>> led_to(const std::string& address, const Found& found) const;

  const PostfixAliasOptions options_;
};

}  // namespace pec
