// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/ldap_connection.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <lber.h>

namespace pec::directory {

namespace {

// Entries in one page: each may hold thousands of domains.
constexpr ber_int_t page_size = 20;

struct BerFree {
  void operator()(BerElement* ber) const noexcept { ber_free(ber, 0); }
};
using BerHandle = std::unique_ptr<BerElement, BerFree>;
using ControlHandle = CHandle<LDAPControl, ldap_control_free>;
using ControlsHandle = CHandle<LDAPControl*, ldap_controls_free>;
using ValuesHandle = CHandle<berval*, ldap_value_free_len>;
// From ldap_get_attribute_ber: we own the array, but the message owns its octets.
using ValueArray = CHandle<berval, ber_memfree>;
// libber allocates it for us.
using LdapText = CHandle<char, ldap_memfree>;

timeval to_timeval(std::chrono::seconds seconds) {
  return {.tv_sec = seconds.count(), .tv_usec = 0};
}

std::string_view view_of(const berval& value) {
  return value.bv_val == nullptr ? std::string_view()
                                 : std::string_view(value.bv_val, value.bv_len);
}

}  // namespace

tl::unexpected<Error> LdapConnection::failed(int code, std::string_view remedy) const {
  char* text = nullptr;
  if (ldap_ != nullptr) ldap_get_option(ldap_.get(), LDAP_OPT_DIAGNOSTIC_MESSAGE, &text);
  const LdapText diagnostic(text);
  std::string what = ldap_err2string(code);
  const bool says_something = diagnostic != nullptr && *diagnostic != '\0' &&
                              std::string_view(diagnostic.get()) != "(unknown error code)";
  if (says_something) what += fmt::format(" ({})", text::printable(diagnostic.get()));
  return unavailable(fmt::format("{}: {}; {}", server_->url, what, remedy));
}

tl::unexpected<Error> LdapConnection::not_reached(int code) const {
  std::string remedy = "see that the server runs and answers";
  if (is_over_tls())
    remedy += fmt::format(", and that its certificate is for this name and of an authority in {}",
                          server_->ca_file.string());
  return failed(code, remedy + ", or correct directory.source");
}

bool LdapConnection::is_over_tls() const {
  return server_->url.starts_with("ldaps://");
}

Result<LdapConnection> LdapConnection::open(const LdapServer& server) {
  LdapConnection connection(server);
  LDAP* ldap = nullptr;
  if (const int code = ldap_initialize(&ldap, server.url.c_str()); code != LDAP_SUCCESS)
    return connection.failed(code, "correct directory.source");
  connection.ldap_.reset(ldap);
  if (!connection.socket_->watch(ldap)) return internal_error("libldap has no connect callback");
  PEC_TRY_VOID(connection.set_options());
  PEC_TRY_VOID(connection.bind());
  return connection;
}

Result<void> LdapConnection::set_options() {
  const int version = LDAP_VERSION3, demand = LDAP_OPT_X_TLS_DEMAND,
            tls_1_2 = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2, as_client = 0;
  const auto connect_limit = to_timeval(server_->connect_limit);
  const auto answer_limit = to_timeval(server_->answer_limit);
  const auto set = [&](int option, const void* value) {
    return ldap_set_option(ldap_.get(), option, value) == LDAP_OPT_SUCCESS;
  };
  if (!set(LDAP_OPT_PROTOCOL_VERSION, &version) || !set(LDAP_OPT_NETWORK_TIMEOUT, &connect_limit) ||
      !set(LDAP_OPT_TIMEOUT, &answer_limit) || !set(LDAP_OPT_REFERRALS, LDAP_OPT_OFF))
    return internal_error("libldap does not take its options");
  if (!is_over_tls()) return {};
  // All of them are set here, because a file such as ldap.conf may contain others.
  if (!set(LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) ||
      !set(LDAP_OPT_X_TLS_CACERTFILE, server_->ca_file.c_str()) ||
      !set(LDAP_OPT_X_TLS_PROTOCOL_MIN, &tls_1_2) || !set(LDAP_OPT_X_TLS_NEWCTX, &as_client))
    return unavailable(
        fmt::format("{}: no TLS with the authorities in {}; put their certificates there, PEM, "
                    "readable by the service's user, or correct directory.ca_file",
                    server_->url, server_->ca_file.string()));
  return {};
}

// Without a dn this binds anonymously. It also makes the connection.
Result<void> LdapConnection::bind() {
  const auto* mechanism = server_->as_user ? "EXTERNAL" : LDAP_SASL_SIMPLE;
  auto password = server_->bind_password;
  berval credentials{.bv_len = password.size(), .bv_val = password.data()};
  const TimeLimit limit(*socket_, server_->connect_limit);
  const int code = ldap_sasl_bind_s(ldap_.get(), server_->bind_dn.c_str(), mechanism, &credentials,
                                    nullptr, nullptr, nullptr);
  if (code == LDAP_SUCCESS) return {};
  const bool not_let_in = code == LDAP_INVALID_CREDENTIALS || code == LDAP_INAPPROPRIATE_AUTH;
  if (!not_let_in) return not_reached(code);
  return failed(code, "correct directory.bind_dn or what is in directory.bind_password_file");
}

int LdapConnection::ask(const Question& question, LDAPControl* control, LdapMessage& answer) {
  auto wait = to_timeval(server_->answer_limit);
  const TimeLimit limit(*socket_, server_->answer_limit + std::chrono::seconds(1));
  LDAPControl* controls[] = {control, nullptr};
  LDAPMessage* message = nullptr;
  const int code = ldap_search_ext_s(ldap_.get(), question.base, question.scope, question.filter,
                                     const_cast<char**>(question.attributes.data()), 0, controls,
                                     nullptr, &wait, LDAP_NO_LIMIT, &message);
  answer.reset(message);
  return code;
}

Result<LdapMessage> LdapConnection::ask(const Question& question, LDAPControl* control) {
  LdapMessage answer;
  const int code = ask(question, control, answer);
  if (code == LDAP_SUCCESS) return answer;
  if (code == LDAP_NO_SUCH_OBJECT)
    return failed(
        code, fmt::format("load the providers' directory into it: it has no {}", question.base));
  return not_reached(code);
}

Result<LdapEntries> LdapConnection::entry(const std::string& dn) {
  std::string all = LDAP_ALL_USER_ATTRIBUTES;
  LdapEntries entries;
  LdapMessage answer;
  const int code =
      ask({dn.c_str(), LDAP_SCOPE_BASE, "(objectClass=*)", {all.data(), nullptr}}, nullptr, answer);
  if (code == LDAP_NO_SUCH_OBJECT) return entries;
  if (code != LDAP_SUCCESS) return not_reached(code);
  PEC_TRY_VOID(add_views(answer.get(), entries.views));
  entries.pages.push_back(std::move(answer));
  return entries;
}

Result<std::string> LdapConnection::context_csn(const std::string& base) {
  std::string name = "contextCSN";
  PEC_TRY(auto answer,
          ask({base.c_str(), LDAP_SCOPE_BASE, "(objectClass=*)", {name.data(), nullptr}}, nullptr));
  auto* entry = ldap_first_entry(ldap_.get(), answer.get());
  if (entry == nullptr) return std::string();
  const ValuesHandle values(ldap_get_values_len(ldap_.get(), entry, name.c_str()));
  std::vector<std::string> csns;
  for (int i = 0; i < ldap_count_values_len(values.get()); ++i)
    csns.emplace_back(view_of(*values.get()[i]));
  std::sort(csns.begin(), csns.end());
  return text::join(csns, " ");
}

Result<LdapEntries> LdapConnection::search(const std::string& base, const std::string& object_class,
                                           std::vector<std::string> attributes) {
  const auto filter = fmt::format("(objectClass={})", object_class);
  Question question{base.c_str(), LDAP_SCOPE_SUBTREE, filter.c_str(), {}};
  for (auto& name : attributes) question.attributes.push_back(name.data());
  question.attributes.push_back(nullptr);

  LdapEntries entries;
  std::string cookie;
  do {
    berval place{.bv_len = cookie.size(), .bv_val = cookie.data()};
    LDAPControl* made = nullptr;
    if (ldap_create_page_control(ldap_.get(), page_size, &place, 'F', &made) != LDAP_SUCCESS)
      return internal_error("libldap makes no control for pages");
    const ControlHandle control(made);
    PEC_TRY(auto page, ask(question, control.get()));
    PEC_TRY(auto next, next_cookie(page.get()));
    cookie = std::move(next);
    PEC_TRY_VOID(add_views(page.get(), entries.views));
    entries.pages.push_back(std::move(page));
  } while (!cookie.empty());
  return entries;
}

Result<std::string> LdapConnection::next_cookie(LDAPMessage* page) {
  int result = LDAP_SUCCESS;
  LDAPControl** found = nullptr;
  if (const int code =
          ldap_parse_result(ldap_.get(), page, &result, nullptr, nullptr, nullptr, &found, 0);
      code != LDAP_SUCCESS)
    return not_reached(code);
  const ControlsHandle controls(found);
  auto* paging = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, found, nullptr);
  if (paging == nullptr) return std::string();  // the server does not page: this was all
  ber_int_t estimate = 0;
  berval place{};
  if (const int code = ldap_parse_pageresponse_control(ldap_.get(), paging, &estimate, &place);
      code != LDAP_SUCCESS)
    return not_reached(code);
  const LdapText cookie(place.bv_val);
  return std::string(view_of(place));
}

Result<void> LdapConnection::add_views(LDAPMessage* page, std::vector<EntryView>& views) {
  for (auto* message = ldap_first_entry(ldap_.get(), page); message != nullptr;
       message = ldap_next_entry(ldap_.get(), message)) {
    BerElement* begun = nullptr;
    berval dn{};
    int code = ldap_get_dn_ber(ldap_.get(), message, &begun, &dn);
    const BerHandle rest(begun);
    EntryView entry{view_of(dn), {}};
    while (code == LDAP_SUCCESS) {
      berval name{};
      berval* values = nullptr;
      code = ldap_get_attribute_ber(ldap_.get(), message, rest.get(), &name, &values);
      const ValueArray held(values);
      if (code != LDAP_SUCCESS || name.bv_val == nullptr) break;
      const auto without_options = view_of(name).substr(0, view_of(name).find(';'));
      for (auto* value = values; value != nullptr && value->bv_val != nullptr; ++value)
        entry.attributes.push_back({without_options, view_of(*value)});
    }
    if (code != LDAP_SUCCESS) return not_reached(code);
    views.push_back(std::move(entry));
  }
  return {};
}

}  // namespace pec::directory
