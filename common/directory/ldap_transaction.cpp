// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/ldap_transaction.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <lber.h>
#include <memory>
#include <thread>

namespace pec::directory {

namespace {

constexpr std::chrono::milliseconds pause{100};

using BervalHandle = CHandle<berval, ber_bvfree>;
struct BerFree {
  void operator()(BerElement* ber) const noexcept { ber_free(ber, 1); }
};
using BerHandle = std::unique_ptr<BerElement, BerFree>;

// The name of a certificate attribute must say that the value is binary (RFC 4523, 2.1).
std::string name_to_send(std::string_view name) {
  constexpr std::string_view certificate = "providerCertificate";
  return std::string(name) + (text::equals_ignoring_case(name, certificate) ? ";binary" : "");
}

int operation_of(AttributeChange::Kind kind) {
  switch (kind) {
    case AttributeChange::Kind::add:
      return LDAP_MOD_ADD;
    case AttributeChange::Kind::remove:
      return LDAP_MOD_DELETE;
    case AttributeChange::Kind::replace:
      return LDAP_MOD_REPLACE;
  }
  throw std::logic_error("no such kind of change");
}

// Attributes as libldap takes them: lists of pointers, with null at the end. The change owns the
// values, and libldap does not change them.
class Modifications {
public:
  explicit Modifications(const EntryChange& change) : all_(change.attributes.size()) {
    for (std::size_t i = 0; i < all_.size(); ++i) {
      all_[i].fill(change.attributes[i]);
      list_.push_back(&all_[i].modification);
    }
    list_.push_back(nullptr);
  }
  LDAPMod** list() { return list_.data(); }

private:
  struct One {
    std::string name;
    std::vector<berval> values;
    std::vector<berval*> list;
    LDAPMod modification{};

    void fill(const AttributeChange& change) {
      name = name_to_send(change.name);
      values.reserve(change.values.size());
      for (const auto value : change.values)
        values.push_back({.bv_len = value.size(), .bv_val = const_cast<char*>(value.data())});
      for (auto& value : values) list.push_back(&value);
      list.push_back(nullptr);
      modification.mod_op = operation_of(change.kind) | LDAP_MOD_BVALUES;
      modification.mod_type = name.data();
      modification.mod_bvalues = list.data();
    }
  };

  std::vector<One> all_;
  std::vector<LDAPMod*> list_;
};

// Finds the failed request in the answer to the end: { messageID OPTIONAL, ... }. -1: none is
// named.
int failed_request(const berval* answer) {
  if (answer == nullptr) return -1;
  const BerHandle ber(ber_init(const_cast<berval*>(answer)));
  ber_len_t size = 0;
  ber_int_t id = -1;
  const bool there = ber != nullptr && ber_skip_tag(ber.get(), &size) == LBER_SEQUENCE &&
                     ber_peek_tag(ber.get(), &size) == LBER_INTEGER &&
                     ber_get_int(ber.get(), &id) == LBER_INTEGER;
  return there ? id : -1;
}

// { commit BOOLEAN DEFAULT TRUE, identifier OCTET STRING }
BervalHandle end_request(bool commit, std::string& id) {
  const BerHandle ber(ber_alloc_t(LBER_USE_DER));
  berval identifier{.bv_len = id.size(), .bv_val = id.data()};
  berval* request = nullptr;
  if (ber == nullptr || ber_printf(ber.get(), "{") < 0 ||
      (!commit && ber_printf(ber.get(), "b", 0) < 0) ||
      ber_printf(ber.get(), "ON}", &identifier) < 0 || ber_flatten(ber.get(), &request) != 0)
    throw std::bad_alloc();
  return BervalHandle(request);
}

std::size_t size_of(const EntryChange& change) {
  std::size_t size = change.dn.size();
  for (const auto& attribute : change.attributes)
    for (const auto value : attribute.values) size += value.size() + 2;
  return size;
}

}  // namespace

Result<void> LdapTransaction::apply(const std::vector<EntryChange>& changes) {
  if (changes.empty()) return {};
  Changes at_once, at_last;
  for (const auto& change : changes) (change.of_family ? at_last : at_once).push_back(&change);
  if (!at_once.empty())
    if (auto done = make_at_once(at_once); !done) return done;
  if (auto done = remove_at_last(at_last); !done) return done;
  return tell_readers();
}

Result<void> LdapTransaction::make_at_once(const Changes& changes) {
  if (auto started = start(); !started) return started;
  auto kept = keep(changes);
  std::this_thread::sleep_for(pause);
  auto ended = end(kept.has_value(), changes);
  return kept ? ended : kept;  // if that failed, there was nothing to commit
}

Result<void> LdapTransaction::start() {
  const TimeLimit limit(*connection_->socket_, connection_->server_->answer_limit);
  berval* answered = nullptr;
  const int code = ldap_txn_start_s(connection_->ldap_.get(), nullptr, nullptr, &answered);
  const BervalHandle id(answered);
  if (code == LDAP_SUCCESS) {
    if (id != nullptr && id->bv_val != nullptr) id_.assign(id->bv_val, id->bv_len);
    return {};
  }
  if (code == LDAP_PROTOCOL_ERROR || code == LDAP_UNWILLING_TO_PERFORM)
    return connection_->failed(
        code,
        "it has no transactions (RFC 5805), without which half of the directory might be changed: "
        "use a server that has, such as OpenLDAP 2.5 with an mdb database; nothing was changed");
  return refused(code, nullptr);
}

Result<void> LdapTransaction::keep(const Changes& changes) {
  LDAPControl control{};
  std::string oid = LDAP_CONTROL_TXN_SPEC;
  control.ldctl_oid = oid.data();
  control.ldctl_value = {.bv_len = id_.size(), .bv_val = id_.data()};
  control.ldctl_iscritical = 1;
  for (const auto* change : changes) {
    int message_id = -1;
    const int code = ask(*change, &control, message_id);
    if (code != LDAP_SUCCESS && code != LDAP_TXN_SPECIFY_OKAY) return refused(code, change);
    message_ids_.push_back(message_id);
  }
  return {};
}

int LdapTransaction::ask(const EntryChange& change, LDAPControl* control, int& message_id) {
  auto* ldap = connection_->ldap_.get();
  const auto answer_limit = connection_->server_->answer_limit;
  const TimeLimit limit(*connection_->socket_, answer_limit);
  LDAPControl* controls[] = {control, nullptr};
  Modifications modifications(change);
  const std::string dn(change.dn);
  int code = LDAP_OTHER;
  switch (change.kind) {
    case EntryChange::Kind::add:
      code = ldap_add_ext(ldap, dn.c_str(), modifications.list(), controls, nullptr, &message_id);
      break;
    case EntryChange::Kind::modify:
      code =
          ldap_modify_ext(ldap, dn.c_str(), modifications.list(), controls, nullptr, &message_id);
      break;
    case EntryChange::Kind::remove:
      code = ldap_delete_ext(ldap, dn.c_str(), controls, nullptr, &message_id);
      break;
  }
  if (code != LDAP_SUCCESS) return code;
  timeval wait{.tv_sec = answer_limit.count(), .tv_usec = 0};
  LDAPMessage* answered = nullptr;
  const int got = ldap_result(ldap, message_id, LDAP_MSG_ALL, &wait, &answered);
  const LdapMessage answer(answered);
  if (got == 0) return LDAP_TIMEOUT;
  if (got < 0) {
    ldap_get_option(ldap, LDAP_OPT_RESULT_CODE, &code);
    return code;
  }
  int result = LDAP_OTHER;
  code = ldap_parse_result(ldap, answered, &result, nullptr, nullptr, nullptr, nullptr, 0);
  return code == LDAP_SUCCESS ? result : code;
}

Result<void> LdapTransaction::end(bool commit, const Changes& changes) {
  const TimeLimit limit(*connection_->socket_, connection_->server_->answer_limit);
  const auto request = end_request(commit, id_);
  berval* answered = nullptr;
  char* name = nullptr;
  const int code = ldap_extended_operation_s(connection_->ldap_.get(), LDAP_EXOP_TXN_END,
                                             request.get(), nullptr, nullptr, &name, &answered);
  const CHandle<char, ldap_memfree> held_name(name);
  const BervalHandle answer(answered);
  if (code == LDAP_SUCCESS) return {};
  if (code < 0)  // libldap's own code: no answer has come
    return connection_->failed(
        code, "nobody knows whether the changes were made: run this again, to make or find them");
  const auto found =
      std::find(message_ids_.begin(), message_ids_.end(), failed_request(answer.get()));
  const auto index = static_cast<std::size_t>(found - message_ids_.begin());
  return refused(code, found == message_ids_.end() ? nullptr : changes[index]);
}

Result<void> LdapTransaction::remove_at_last(const Changes& changes) {
  for (const auto* change : changes) {
    int message_id = -1;
    if (const int code = ask(*change, nullptr, message_id); code != LDAP_SUCCESS)
      return connection_->failed(
          code, fmt::format("the new state is there, but \"{}\" is still beside it: run this again",
                            text::printable(change->dn)));
  }
  return {};
}

Result<void> LdapTransaction::tell_readers() {
  const EntryChange nothing{EntryChange::Kind::modify,
                            base_dn,
                            {{AttributeChange::Kind::replace, "managedDomains", {}}},
                            false};
  int message_id = -1;
  const int code = ask(nothing, nullptr, message_id);
  if (code == LDAP_SUCCESS) return {};
  return connection_->failed(
      code,
      "all changes were made, but programs that read it may not see them before the next ones: "
      "restart pec-milter");
}

tl::unexpected<Error> LdapTransaction::refused(int code, const EntryChange* change) const {
  auto remedy = fmt::format(
      "{}{}, and nothing was changed", code < 0 ? "no answer" : "it refuses the changes",
      change == nullptr ? "" : fmt::format(", at entry \"{}\"", text::printable(change->dn)));
  if (code == LDAP_INSUFFICIENT_ACCESS || code == LDAP_STRONG_AUTH_REQUIRED)
    remedy +=
        ": give write access to the user of directory.bind_dn, or, through ldapi without bind_dn, "
        "to "
        "the user that runs this program";
  if (code == LDAP_SERVER_DOWN && change != nullptr)
    remedy += fmt::format(
        ": look into its log; OpenLDAP ends the connection if a request (here of {} octets) is "
        "larger than its olcSockbufMaxIncomingAuth",
        size_of(*change));
  return connection_->failed(code, remedy);
}

}  // namespace pec::directory
