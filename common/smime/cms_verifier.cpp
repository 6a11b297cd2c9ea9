// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/cms_verifier.hpp"

#include "base/file.hpp"
#include "smime/certificate.hpp"
#include "smime/cms_bounds.hpp"
#include "smime/openssl_errors.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/x509v3.h>

namespace pec::smime {

using Store = CHandle<X509_STORE, X509_STORE_free>;

// The two files' content: trusted certificates, and revocations (nothing: not checked).
struct TrustSnapshot {
  Store authorities;
  std::optional<RevocationLists> revocations;
};

namespace {

using Outcome = SignatureCheck::Outcome;
using Cms = CHandle<CMS_ContentInfo, CMS_ContentInfo_free>;

void free_certificates(STACK_OF(X509) * certificates) {
  sk_X509_pop_free(certificates, X509_free);
}
using CertificateStack = CHandle<STACK_OF(X509), free_certificates>;

// A CMS with exactly one signer, whose certificate is inside.
struct OneSigner {
  Cms cms;
  CMS_SignerInfo* info = nullptr;  // owned by cms
  X509* certificate = nullptr;     // owned by cms
};

SignatureCheck outcome(Outcome outcome, std::string reason) {
  SignatureCheck check;
  check.outcome = outcome;
  check.reason = std::move(reason);
  return check;
}

// Step 1. Error detail: why it is unreadable.
Result<OneSigner> read_one_signer(std::string_view der) {
  OpenSslErrors errors;
  PEC_TRY_VOID(check_cms_bounds(der));
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* end = at + der.size();
  OneSigner one;
  one.cms.reset(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(der.size())));
  if (!one.cms) return bad_input("the signature is not a CMS structure: " + errors.take());
  if (at != end) return bad_input("bytes follow the signature's CMS structure");
  if (OBJ_obj2nid(CMS_get0_type(one.cms.get())) != NID_pkcs7_signed)
    return bad_input("the CMS structure is not signed-data");

  STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(one.cms.get());
  const int count = signers == nullptr ? 0 : sk_CMS_SignerInfo_num(signers);
  if (count != 1)
    return bad_input(fmt::format("the signature has {} signers instead of one", count));

  one.info = sk_CMS_SignerInfo_value(signers, 0);
  CMS_set1_signers_certs(one.cms.get(), nullptr, 0);
  CMS_SignerInfo_get0_algs(one.info, nullptr, &one.certificate, nullptr, nullptr);
  if (one.certificate == nullptr)
    return bad_input("the signer's certificate is not in the signature");
  return one;
}

// Step 2. This does the work of CMS_verify(), which has two faults. It computes every digest that
// the structure lists, and a hostile one lists thousands. It copies the content in small blocks,
// which costs a tenth of the digest.
Result<void> check_integrity(const OneSigner& one, std::string_view content) {
  OpenSslErrors errors;
  X509_ALGOR* algorithm = nullptr;
  CMS_SignerInfo_get0_algs(one.info, nullptr, nullptr, &algorithm, nullptr);
  const EVP_MD* digest = EVP_get_digestbyobj(algorithm->algorithm);
  if (digest == nullptr) return bad_input("the signature's digest is of an unknown kind");

  const CHandle<BIO, BIO_free> holder(BIO_new(BIO_f_md()));  // CMS takes the digest from it
  EVP_MD_CTX* context = nullptr;                             // owned by holder
  const bool digested = BIO_set_md(holder.get(), digest) == 1 &&
                        BIO_get_md_ctx(holder.get(), &context) == 1 &&
                        EVP_DigestUpdate(context, content.data(), content.size()) == 1;
  // If there are signed attributes, the signature is over them, and one of them is the digest.
  const bool has_attributes = CMS_signed_get_attr_count(one.info) >= 0;
  if (!digested || (has_attributes && CMS_SignerInfo_verify(one.info) != 1) ||
      CMS_SignerInfo_verify_content(one.info, holder.get()) != 1)
    return bad_input("the signature does not match the content: " + errors.take());
  return {};
}

bool digest_accepted(int nid) {
  constexpr std::array accepted{NID_sha1, NID_sha224, NID_sha256, NID_sha384, NID_sha512};
  return std::find(accepted.begin(), accepted.end(), nid) != accepted.end();
}

// OpenSSL's security levels have no step between "anything" and "no SHA-1", hence this. Returns
// what is too weak, or nothing. A trust anchor's own signature proves nothing, and is ignored.
std::string weakness(const OneSigner& one, const STACK_OF(X509) * path) {
  X509_ALGOR* message_digest = nullptr;
  CMS_SignerInfo_get0_algs(one.info, nullptr, nullptr, &message_digest, nullptr);
  const int message_nid = OBJ_obj2nid(message_digest->algorithm);
  if (!digest_accepted(message_nid))
    return fmt::format("digest {} is not accepted", OBJ_nid2sn(message_nid));
  for (int i = 0; i < sk_X509_num(path); ++i) {
    X509* certificate = sk_X509_value(path, i);
    constexpr int rsa_1024_bits = 80;
    const EVP_PKEY* key = X509_get0_pubkey(certificate);
    if (key == nullptr || EVP_PKEY_get_security_bits(key) < rsa_1024_bits)
      return fmt::format("the key of {} is too weak", subject_text(*certificate));
    int nid = NID_undef;
    if (i + 1 < sk_X509_num(path) &&
        (X509_get_signature_info(certificate, &nid, nullptr, nullptr, nullptr) != 1 ||
         !digest_accepted(nid)))
      return fmt::format("the certificate of {} is signed with a digest that is not accepted",
                         subject_text(*certificate));
  }
  return {};
}

// The second of notAfter is still valid (RFC 5280, 4.1.2.5); OpenSSL ends one second earlier.
int count_last_second(int good, X509_STORE_CTX* context) noexcept {
  if (good != 0 || X509_STORE_CTX_get_error(context) != X509_V_ERR_CERT_HAS_EXPIRED) return good;
  const X509* certificate = X509_STORE_CTX_get_current_cert(context);
  const auto at = X509_VERIFY_PARAM_get_time(X509_STORE_CTX_get0_param(context));
  return ASN1_TIME_cmp_time_t(X509_get0_notAfter(certificate), at) == 0 ? 1 : 0;
}

// The result if no revocation lists are configured.
enum class WithoutLists { is_not_asked, is_undetermined };

// Step 3. Outcome valid, untrusted or undetermined.
SignatureCheck check_trust(const OneSigner& one, const TrustSnapshot& trust, Instant at,
                           WithoutLists without_lists) {
  OpenSslErrors errors;
  SignatureCheck check;
  check.certificate = to_der(*one.certificate);
  check.addresses = rfc822_names(*one.certificate);
  const auto ends_as = [&](Outcome outcome, std::string reason) {
    check.outcome = outcome;
    check.reason = std::move(reason);
    return check;
  };

  const CertificateStack carried(CMS_get1_certs(one.cms.get()));
  const CHandle<X509_STORE_CTX, X509_STORE_CTX_free> context(X509_STORE_CTX_new());
  if (!context ||
      X509_STORE_CTX_init(context.get(), trust.authorities.get(), one.certificate, carried.get()) !=
          1 ||
      X509_STORE_CTX_set_default(context.get(), "smime_sign") != 1)
    return ends_as(Outcome::undetermined, "can't check the certificate: " + errors.take());
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, at.time_since_epoch().count());
  X509_VERIFY_PARAM_set_auth_level(parameters, 0);  // weakness() decides
  X509_STORE_CTX_set_verify_cb(context.get(), count_last_second);

  const int verdict = X509_verify_cert(context.get());
  if (verdict < 0)
    return ends_as(Outcome::undetermined, "can't check the certificate: " + errors.take());
  if (verdict == 0) {
    const X509* culprit = X509_STORE_CTX_get_current_cert(context.get());
    if (culprit == nullptr) culprit = one.certificate;
    return ends_as(
        Outcome::untrusted,
        fmt::format("{}: {}", subject_text(*culprit),
                    X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))));
  }
  const STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(context.get());
  if (auto weak = weakness(one, path); !weak.empty())
    return ends_as(Outcome::untrusted, std::move(weak));
  // The trust file may name the signer itself, and not its authority. That alone makes the signer
  // trusted. The path may still hold issuers: those that the sender chose to send.
  const bool named_itself = X509_STORE_CTX_get_num_untrusted(context.get()) == 0;
  if (named_itself) return ends_as(Outcome::valid, "");
  if (!trust.revocations && without_lists == WithoutLists::is_undetermined)
    return ends_as(
        Outcome::undetermined,
        fmt::format("no list of revoked certificates is named (trust.crl_file), so nobody "
                    "can tell whether the certificate of {} is revoked: name a file "
                    "with its authority's CRL there",
                    subject_text(*one.certificate)));
  if (!trust.revocations) return ends_as(Outcome::valid, "");
  auto answer = trust.revocations->check(path, at);
  return ends_as(answer.outcome, std::move(answer.reason));
}

// OpenSSL's purpose for mail accepts nonRepudiation alone. The providers' profile does not (RFC
// 6109, 5.5).
bool may_sign_mail(X509* certificate) {
  return (X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE) != 0;  // absent: all bits are set
}

// Nothing if it is not under the signature, occurs twice, or can't be read.
std::optional<Instant> signing_time(const CMS_SignerInfo& signer) {
  OpenSslErrors errors;
  auto* info = const_cast<CMS_SignerInfo*>(&signer);  // OpenSSL's readers want it so
  constexpr int only_one = -3;
  const ASN1_OBJECT* wanted = OBJ_nid2obj(NID_pkcs9_signingTime);
  for (const int type : {V_ASN1_UTCTIME, V_ASN1_GENERALIZEDTIME}) {
    const auto* time =
        static_cast<const ASN1_TIME*>(CMS_signed_get0_data_by_OBJ(info, wanted, only_one, type));
    if (time == nullptr) continue;
    if (const auto instant = instant_of(time)) return *instant;
  }
  return std::nullopt;
}

Result<Store> make_store(std::string_view pem, const std::filesystem::path& ca_file) {
  OpenSslErrors errors;
  PEC_TRY(const auto authorities, certificates_from_pem(pem, ca_file));
  Store store(X509_STORE_new());
  if (!store || X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN) != 1)
    return internal_error("can't make a certificate store: " + errors.take());
  for (const auto& authority : authorities) {
    // OpenSSL reads the extensions at their first use: do that here, before threads share them.
    X509_check_purpose(authority.get(), -1, 0);
    if (X509_STORE_add_cert(store.get(), authority.get()) != 1)
      return internal_error(fmt::format("can't trust {} of {}: {}", subject_text(*authority),
                                        ca_file.string(), errors.take()));
  }
  return store;
}

}  // namespace

Result<std::unique_ptr<CmsVerifier>> CmsVerifier::load(std::filesystem::path ca_file,
                                                       std::filesystem::path crl_file,
                                                       std::chrono::hours crl_grace) {
  std::unique_ptr<CmsVerifier> verifier(
      new CmsVerifier(std::move(ca_file), std::move(crl_file), crl_grace));
  PEC_TRY_VOID(verifier->reload());
  return verifier;
}

Result<bool> CmsVerifier::reload() {
  auto loaded = loaded_.lock();
  PEC_TRY(auto files, read_files());
  if (*loaded == files) return false;

  PEC_TRY(auto trust, make_trust(files));
  trust_.lock()->swap(trust);  // the old one is freed after the lock, if nobody uses it
  *loaded = std::move(files);
  return true;
}

Result<CmsVerifier::Files> CmsVerifier::read_files() const {
  PEC_TRY(auto authorities, read_file(ca_file_));
  if (crl_file_.empty()) return Files{std::move(authorities), ""};
  PEC_TRY(auto crls, read_file(crl_file_));
  return Files{std::move(authorities), std::move(crls)};
}

Result<std::shared_ptr<const TrustSnapshot>> CmsVerifier::make_trust(const Files& files) const {
  auto trust = std::make_shared<TrustSnapshot>();
  PEC_TRY(auto store, make_store(files.authorities, ca_file_));
  trust->authorities = std::move(store);
  if (!crl_file_.empty()) {
    PEC_TRY(auto lists, RevocationLists::from_pem(files.crls, crl_file_, crl_grace_));
    trust->revocations = std::move(lists);
  }
  return trust;
}

std::shared_ptr<const TrustSnapshot> CmsVerifier::snapshot() const {
  return *trust_.lock();
}

Watch::Seen CmsVerifier::look(Instant now) {
  auto renewed = reload();
  auto state = revocation_state(now).value_or(
      PartState{false,
                "no list of revoked certificates is named (trust.crl_file), so a message that is "
                "signed with one is believed: this is for trials alone; name a file there, and "
                "have \"pecctl crl update\" fill it"});
  if (!renewed) state = {false, renewed.error().detail + "; still in use: " + state.text};
  return {std::move(state), std::move(renewed)};
}

std::optional<PartState> CmsVerifier::revocation_state(Instant now) const {
  const auto trust = snapshot();
  if (!trust->revocations) return std::nullopt;
  return trust->revocations->state(now);
}

std::optional<Instant> CmsVerifier::first_end_of_lists() const {
  const auto trust = snapshot();
  return trust->revocations ? trust->revocations->first_end() : std::nullopt;
}

SignatureCheck CmsVerifier::verify(std::string_view content, std::string_view cms,
                                   Instant at) const {
  OpenSslErrors errors;
  const auto one = read_one_signer(cms);
  if (!one) return outcome(Outcome::unreadable, one.error().detail);
  if (CMS_is_detached(one->cms.get()) != 1)
    return outcome(Outcome::unreadable, "the signature is not detached: it has content of its own");
  if (const auto intact = check_integrity(*one, content); !intact)
    return outcome(Outcome::damaged, intact.error().detail);

  auto check = check_trust(*one, *snapshot(), at, WithoutLists::is_not_asked);
  if (check.outcome == Outcome::valid && !may_sign_mail(one->certificate)) {
    check.outcome = Outcome::untrusted;
    check.reason =
        fmt::format("{}: keyUsage lacks digitalSignature", subject_text(*one->certificate));
  }
  return check;
}

Result<SignedContent> CmsVerifier::enclosed_content(std::string_view cms, Instant at,
                                                    Revocation revocation) const {
  OpenSslErrors errors;
  const auto rejected = [](std::string reason) {
    return fail(Fault::rejected, "signature not accepted", std::move(reason));
  };
  const auto one = read_one_signer(cms);
  if (!one) return rejected(one.error().detail);
  if (CMS_is_detached(one->cms.get()) != 0) return rejected("the CMS structure has no content");
  const ASN1_OCTET_STRING* enclosed = *CMS_get0_content(one->cms.get());
  const std::string_view content(reinterpret_cast<const char*>(ASN1_STRING_get0_data(enclosed)),
                                 static_cast<std::size_t>(ASN1_STRING_length(enclosed)));
  if (const auto intact = check_integrity(*one, content); !intact)
    return rejected(intact.error().detail);
  auto check = check_trust(
      *one, *snapshot(), at,
      revocation == Revocation::asked ? WithoutLists::is_undetermined : WithoutLists::is_not_asked);
  if (check.outcome != Outcome::valid) return rejected(check.reason);
  return SignedContent{std::string(content), std::move(check.certificate),
                       signing_time(*one->info)};
}

Result<std::vector<std::string>> signer_addresses(std::string_view cms) {
  constexpr std::size_t limit = std::size_t{256} << 10;
  OpenSslErrors errors;
  if (cms.size() > limit)
    return bad_input(fmt::format("the signature has more than {} octets", limit));
  PEC_TRY(const auto one, read_one_signer(cms));
  return rfc822_names(*one.certificate);
}

}  // namespace pec::smime
