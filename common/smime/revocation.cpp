// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/revocation.hpp"

#include "smime/certificate.hpp"
#include "smime/openssl_errors.hpp"
#include "smime/pem_blocks.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <openssl/x509v3.h>

namespace pec::smime {

namespace {

using Outcome = SignatureCheck::Outcome;

// Critical extensions limit a list: to some certificates or reasons, or to changes since another
// list. The absence of a certificate from such a list proves nothing.
bool has_critical_extension(const X509_CRL& crl) {
  for (int i = 0; i < X509_CRL_get_ext_count(&crl); ++i)
    if (X509_EXTENSION_get_critical(X509_CRL_get_ext(&crl, i)) != 0) return true;
  return false;
}

// OpenSSL sorts a list's entries at the first search: do that here, where no other thread sees the
// list yet. (After X509_CRL_sort() the signature would not match.)
void sort_entries(X509_CRL* crl) {
  const CHandle<ASN1_INTEGER, ASN1_INTEGER_free> any(ASN1_INTEGER_new());
  X509_REVOKED* ignored = nullptr;
  if (any) X509_CRL_get0_by_serial(crl, &ignored, any.get());
}

RevocationAnswer undetermined(std::string_view what, const X509& certificate) {
  const auto urls = crl_urls(certificate);
  const auto from = urls.empty() ? "" : ", from " + urls.front();
  return {Outcome::undetermined,
          fmt::format("{}, so nobody can tell whether the certificate of {} is revoked: put the "
                      "authority's current CRL there{}",
                      what, subject_text(certificate), from)};
}

}  // namespace

std::string_view crl_flaw(X509_CRL* crl, X509* issuer) {
  OpenSslErrors errors;
  if ((X509_get_key_usage(issuer) & KU_CRL_SIGN) == 0)  // absent: all bits are set
    return "the authority's certificate is not one that signs CRLs";
  if (X509_CRL_verify(crl, X509_get0_pubkey(issuer)) != 1)
    return "the one there is not signed with the authority's key";
  if (has_critical_extension(*crl))
    return "the one there is not the authority's whole list, as its critical extension says";
  return {};
}

Result<RevocationLists> RevocationLists::from_pem(std::string_view pem, std::filesystem::path file,
                                                  std::chrono::hours grace) {
  constexpr PemKind kind{"CRL", "openssl crl -inform DER"};
  PEC_TRY(auto crls, pem_blocks<Crl, PEM_read_bio_X509_CRL>(pem, file, kind));

  RevocationLists lists;
  lists.file_ = std::move(file);
  lists.grace_ = grace;
  for (auto& crl : crls) {
    const auto issued = instant_of(X509_CRL_get0_lastUpdate(crl.get()));
    const auto replaced = instant_of(X509_CRL_get0_nextUpdate(crl.get()));
    if (!issued || !replaced)
      return bad_input(
          fmt::format("CRL {} in {} has no readable thisUpdate or nextUpdate: get one that "
                      "has both from its authority",
                      lists.lists_.size() + 1, lists.file_.string()));
    sort_entries(crl.get());
    lists.lists_.push_back({std::move(crl), *issued, *replaced});
  }
  std::stable_sort(lists.lists_.begin(), lists.lists_.end(),
                   [](const List& a, const List& b) { return a.this_update > b.this_update; });
  return lists;
}

RevocationAnswer RevocationLists::check(const STACK_OF(X509) * path, Instant at) const {
  RevocationAnswer answer;
  for (int i = 0; i + 1 < sk_X509_num(path); ++i) {
    auto one = check_one(sk_X509_value(path, i), sk_X509_value(path, i + 1), at);
    if (one.outcome == Outcome::untrusted) return one;
    if (i == 0) answer = std::move(one);
  }
  return answer;
}

RevocationAnswer RevocationLists::check_one(X509* certificate, X509* issuer, Instant at) const {
  std::string_view why;
  const auto usable = [&](const List& list) {
    if (X509_NAME_cmp(X509_CRL_get_issuer(list.crl.get()), X509_get_subject_name(issuer)) != 0)
      return false;
    why = crl_flaw(list.crl.get(), issuer);
    return why.empty();
  };
  const auto list = std::find_if(lists_.begin(), lists_.end(), usable);
  if (list == lists_.end())
    return undetermined(fmt::format("{} has no CRL of {}{}", file_.string(), subject_text(*issuer),
                                    why.empty() ? "" : fmt::format(" ({})", why)),
                        *certificate);

  X509_REVOKED* entry = nullptr;
  constexpr int is_revoked = 1;  // 0: no entry; 2: an entry with removeFromCRL
  if (X509_CRL_get0_by_cert(list->crl.get(), &entry, certificate) == is_revoked) {
    // A date that can't be read counts as long past.
    const auto since = instant_of(X509_REVOKED_get0_revocationDate(entry)).value_or(Instant{});
    if (since <= at)
      return {Outcome::untrusted, fmt::format("the certificate of {} was revoked on {}",
                                              subject_text(*certificate), utc_text(since))};
  }
  if (list->next_update + grace_ < at)
    return undetermined(fmt::format("the CRL of {} in {} counted until {}", subject_text(*issuer),
                                    file_.string(), utc_text(list->next_update)),
                        *certificate);
  return {};
}

std::vector<const RevocationLists::List*> RevocationLists::newest() const {
  std::vector<const List*> all;
  for (const auto& list : lists_) {
    const auto* issuer = X509_CRL_get_issuer(list.crl.get());
    const auto is_older = [&](const List* other) {
      return X509_NAME_cmp(issuer, X509_CRL_get_issuer(other->crl.get())) == 0;
    };
    if (std::none_of(all.begin(), all.end(), is_older)) all.push_back(&list);
  }
  return all;
}

std::optional<Instant> RevocationLists::first_end() const {
  std::optional<Instant> first;
  for (const auto* list : newest())
    if (!first || list->next_update < *first) first = list->next_update;
  return first;
}

PartState RevocationLists::state(Instant now) const {
  const auto lists = newest();
  std::string late;
  for (const auto* list : lists) {
    if (list->next_update >= now) continue;
    const auto end = list->next_update + grace_;
    if (!late.empty()) late += "; ";
    late += fmt::format("the CRL of {} in {} counted until {}, and {} {}",
                        name_text(*X509_CRL_get_issuer(list->crl.get())), file_.string(),
                        utc_text(list->next_update),
                        end >= now ? "is used until" : "mail of its providers waits since",
                        utc_text(end));
  }
  if (!late.empty()) return {false, late + ": put the authority's current CRL there"};
  return {true,
          fmt::format("{}: {} of {} CRLs up to date", file_.string(), lists.size(), lists.size())};
}

}  // namespace pec::smime
