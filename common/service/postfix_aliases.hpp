// SPDX-License-Identifier: GPL-2.0-or-later

// Finds where Postfix's aliases lead. It asks Postfix's own tables (virtual(5)) with postmap(1).
//
//     const PostfixAliases aliases({{"lmdb:/etc/pec/postfix/aliases"}, "pec.alfa.example"});
//     if (auto good = aliases.check(); !good) complain(good.error().detail);
//     aliases.mailboxes_of("info@pec.alfa.example")   // {"anna@pec.alfa.example", "bruno@..."}
//
// It follows the rules of cleanup(8). For each address it looks up the whole address, then the
// local part alone (in the domain `origin` only), then "@domain". The first table that has a key
// counts. It looks up each result again; an address that leads to itself, among others, ends there.
// Each round runs postmap once for each table.
//
// Errors: unavailable, with the table and what is wrong. The table can't be opened or asked, an
// entry can't be read as an address, or an alias leads to more than 1,000 addresses (as many as
// Postfix follows). Addresses that lead in a circle lead nowhere: Postfix does not deliver such
// mail. Any thread; a call waits for postmap.
#pragma once

#include "pec/ports.hpp"

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace pec::service {

struct PostfixAliasOptions {
  std::vector<std::string> tables;  // "TYPE:NAME", as in main.cf
  std::string origin;               // Postfix's myorigin: the domain of addresses without one
  std::string postmap = "/usr/sbin/postmap";
  std::string postfix_config = "/etc/postfix-pec";  // the folder of main.cf, which postmap reads
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

}  // namespace pec::service
