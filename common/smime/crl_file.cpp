// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/crl_file.hpp"

#include "smime/openssl_errors.hpp"
#include "smime/pem_blocks.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>
#include <utility>

namespace pec::smime {

namespace {

constexpr PemKind kind{"CRL", "openssl crl -inform DER"};

Result<Crl> read_crl(std::string_view bytes) {
  OpenSslErrors errors;
  if (bytes.starts_with("-----BEGIN")) {
    PEC_TRY(auto blocks, pem_blocks<Crl, PEM_read_bio_X509_CRL>(bytes, "what was fetched", kind));
    if (blocks.size() != 1) return bad_input(fmt::format("{} CRLs instead of one", blocks.size()));
    return std::move(blocks.front());
  }
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* end = at + bytes.size();
  Crl crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(bytes.size())));
  if (!crl) return bad_input("not a CRL: " + errors.take());
  if (at != end) return bad_input("bytes follow the CRL");
  return crl;
}

struct Period {
  Instant from, until;
};

Result<Period> period_of(const X509_CRL& crl) {
  const auto from = instant_of(X509_CRL_get0_lastUpdate(&crl));
  const auto until = instant_of(X509_CRL_get0_nextUpdate(&crl));
  if (!from || !until) return bad_input("it has no readable thisUpdate or nextUpdate");
  return Period{*from, *until};
}

bool is_by(const X509_CRL& crl, const X509& authority) {
  return X509_NAME_cmp(X509_CRL_get_issuer(&crl), X509_get_subject_name(&authority)) == 0;
}

}  // namespace

Result<CrlFile> CrlFile::from_pem(std::string_view pem, std::vector<Certificate> authorities,
                                  const std::filesystem::path& path) {
  CrlFile file;
  file.authorities_ = std::move(authorities);
  if (pem.empty()) return file;
  PEC_TRY(auto lists, pem_blocks<Crl, PEM_read_bio_X509_CRL>(pem, path, kind));
  file.lists_ = std::move(lists);
  return file;
}

Result<std::string> CrlFile::put(std::string_view fetched, Instant now) {
  PEC_TRY(auto crl, read_crl(fetched));
  PEC_TRY(const auto authority, authority_of(crl.get()));
  const auto whose = "the CRL of " + subject_text(*authority);

  const auto period = period_of(*crl);
  if (!period) return bad_input(fmt::format("{}: {}", whose, period.error().detail));
  if (period->from > now)
    return bad_input(
        fmt::format("{} counts from {} on, which is in the future: check this host's clock", whose,
                    utc_text(period->from)));
  if (period->until <= now)
    return bad_input(fmt::format("{} counted until {}: ask the authority for a current one", whose,
                                 utc_text(period->until)));

  const auto done = fmt::format("{} counts until {}", whose, utc_text(period->until));
  Crl* old = list_of(authority);
  if (old == nullptr) {
    lists_.push_back(std::move(crl));
  } else {
    if (X509_CRL_match(old->get(), crl.get()) == 0) return done;
    if (const auto known = period_of(**old); known && known->from > period->from)
      return bad_input(fmt::format("{} is of {}, older than the one in place, of {}", whose,
                                   utc_text(period->from), utc_text(known->from)));
    *old = std::move(crl);
  }
  changed_ = true;
  return done;
}

// The authority whose key signed it: several certificates may have one name.
Result<X509*> CrlFile::authority_of(X509_CRL* crl) const {
  std::string_view why = "that authority is not trusted: add its certificate to trust.ca_file";
  for (const auto& authority : authorities_) {
    if (!is_by(*crl, *authority)) continue;
    why = crl_flaw(crl, authority.get());
    if (why.empty()) return authority.get();
  }
  return bad_input(fmt::format("a CRL of {}, but {}", name_text(*X509_CRL_get_issuer(crl)), why));
}

Crl* CrlFile::list_of(X509* authority) {
  const auto found = std::find_if(lists_.begin(), lists_.end(), [&](const Crl& list) {
    return is_by(*list, *authority) && crl_flaw(list.get(), authority).empty();
  });
  return found == lists_.end() ? nullptr : &*found;
}

std::string CrlFile::to_pem() const {
  OpenSslErrors errors;
  const CHandle<BIO, BIO_free> out(BIO_new(BIO_s_mem()));
  for (const auto& list : lists_)
    if (!out || PEM_write_bio_X509_CRL(out.get(), list.get()) != 1)
      throw std::runtime_error("can't encode a CRL: " + errors.take());
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace pec::smime
