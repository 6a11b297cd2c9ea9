// SPDX-License-Identifier: GPL-2.0-or-later

// One connection to an LDAP server, with time limits, for the directory's queries.
// ldap_transaction.hpp makes changes.
//
//     auto connection = LdapConnection::open(server);
//     auto entries = connection->search(search);
//     for (const EntryView& entry : entries->views) ...        // into entries->pages
//
// Errors: unavailable, "URL: libldap's message; how to correct it". One thread.
#pragma once

#include "base/c_handle.hpp"
#include "base/result.hpp"
#include "directory/entry.hpp"
#include "directory/ldap_source.hpp"
#include "directory/ldap_time_limit.hpp"

#include <ldap.h>
#include <memory>
#include <string>
#include <vector>

namespace pec::directory {

using LdapMessage = CHandle<LDAPMessage, ldap_msgfree>;

struct LdapEntries {
  std::vector<LdapMessage> pages;  // the owners of the views
  std::vector<EntryView> views;
};

class LdapConnection {
  friend class LdapTransaction;

public:
  // Connects, over TLS if the URL says so, and binds.
  static Result<LdapConnection> open(const LdapServer& server);

  // All values of this entry's contextCSN; empty if the server keeps none.
  Result<std::string> context_csn(const std::string& base);

  // This entry with all its user attributes; empty if it does not exist.
  Result<LdapEntries> entry(const std::string& dn);

  // All `object_class` entries at or below `base`, with these attributes.
  Result<LdapEntries> search(const std::string& base, const std::string& object_class,
                             std::vector<std::string> attributes);

private:
  struct Unbind {
    void operator()(LDAP* ldap) const noexcept { ldap_unbind_ext_s(ldap, nullptr, nullptr); }
  };
  // A search; the pointers are into the caller's strings.
  struct Question {
    const char* base;
    int scope;
    const char* filter;
    std::vector<char*> attributes;  // null at the end
  };

  explicit LdapConnection(const LdapServer& server)
      : server_(&server), socket_(std::make_unique<LdapSocket>()) {}
  Result<void> set_options();
  Result<void> bind();
  // Returns libldap's code.
  int ask(const Question& question, LDAPControl* control, LdapMessage& answer);
  Result<LdapMessage> ask(const Question& question, LDAPControl* control);
  // The cookie of the next page; empty after the last one.
  Result<std::string> next_cookie(LDAPMessage* page);
  Result<void> add_views(LDAPMessage* page, std::vector<EntryView>& views);
  bool is_over_tls() const;
  tl::unexpected<Error> failed(int code, std::string_view remedy) const;
  tl::unexpected<Error> not_reached(int code) const;

  const LdapServer* server_;
  std::unique_ptr<LdapSocket> socket_;
  std::unique_ptr<LDAP, Unbind> ldap_;
};

}  // namespace pec::directory
