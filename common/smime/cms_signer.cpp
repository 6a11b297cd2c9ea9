// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/cms_signer.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "smime/openssl_errors.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace pec::smime {

namespace {

using Cms = CHandle<CMS_ContentInfo, CMS_ContentInfo_free>;
using BioChain = CHandle<BIO, BIO_free_all>;

// OpenSSL calls this only if the key is encrypted. It notes that and gives up.
int note_passphrase_wanted(char*, int, int, void* asked) noexcept {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Result<PrivateKey> load_key(const std::filesystem::path& file) {
  OpenSslErrors errors;
  PEC_TRY(const auto pem, read_file(file));
  const CHandle<BIO, BIO_free> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  bool encrypted = false;
  PrivateKey key(PEM_read_bio_PrivateKey(in.get(), nullptr, note_passphrase_wanted, &encrypted));
  if (encrypted)
    return bad_input(fmt::format(
        "the key in {0} has a passphrase: remove it with \"openssl pkey -in {0} -out NEW\"",
        file.string()));
  if (!key)
    return bad_input(
        fmt::format("{} holds no private key in PEM form ({}): give the key that "
                    "belongs to the signing certificate",
                    file.string(), errors.take()));
  if (const int type = EVP_PKEY_get_base_id(key.get()); type != EVP_PKEY_RSA && type != EVP_PKEY_EC)
    return bad_input(
        fmt::format("the key in {} is neither RSA nor EC: other kinds are not understood by "
                    "providers; have a new certificate issued",
                    file.string()));
  return key;
}

// A CMS that lacks only digest and signature.
Cms prepare(const std::vector<Certificate>& certificates, EVP_PKEY* key, Instant at,
            unsigned int more_flags) {
  const unsigned int flags = more_flags | CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP;
  Cms cms(CMS_sign(nullptr, nullptr, nullptr, nullptr, flags));
  if (!cms) return nullptr;
  for (std::size_t i = 1; i < certificates.size(); ++i)
    if (CMS_add1_cert(cms.get(), certificates[i].get()) != 1) return nullptr;
  // Adds the signer's certificate, too.
  CMS_SignerInfo* signer =
      CMS_add1_signer(cms.get(), certificates.front().get(), key, EVP_sha256(), flags);
  // OpenSSL would use its own clock reading, but every event has one certified time.
  const CHandle<ASN1_TIME, ASN1_TIME_free> time(
      ASN1_TIME_set(nullptr, at.time_since_epoch().count()));
  if (signer == nullptr || !time ||
      CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_signingTime, ASN1_STRING_type(time.get()),
                                  time.get(), -1) != 1)
    return nullptr;
  return cms;
}

// Digests the rope in place: the chain ends in a null sink, or in the CMS if that carries it.
bool digest_and_sign(CMS_ContentInfo* cms, const mime::Rope& content) {
  const BioChain chain(CMS_dataInit(cms, nullptr));
  if (!chain) return false;
  bool written = true;
  content.for_each([&](std::string_view slice) {
    constexpr std::size_t step = 1 << 30;  // BIO_write counts in int
    for (; written && !slice.empty(); slice.remove_prefix(std::min(step, slice.size()))) {
      const int size = static_cast<int>(std::min(step, slice.size()));
      written = BIO_write(chain.get(), slice.data(), size) == size;
    }
  });
  return written && CMS_dataFinal(cms, chain.get()) == 1;
}

Result<std::string> encode(const CMS_ContentInfo* cms, OpenSslErrors& errors) {
  const int size = i2d_CMS_ContentInfo(cms, nullptr);
  if (size <= 0)
    return fail(Fault::internal, "internal error", "can't encode a signature: " + errors.take(),
                ErrorSource::signing);
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_CMS_ContentInfo(cms, &out);
  return der;
}

}  // namespace

Result<std::unique_ptr<CmsSigner>> CmsSigner::load(const std::filesystem::path& certificate_file,
                                                   const std::filesystem::path& key_file,
                                                   std::chrono::hours stop_before) {
  OpenSslErrors errors;
  std::unique_ptr<CmsSigner> signer(new CmsSigner);
  signer->certificate_file_ = certificate_file.string();
  signer->stop_before_ = stop_before;

  PEC_TRY(auto certificates, certificates_from_pem_file(certificate_file));
  signer->certificates_ = std::move(certificates);

  PEC_TRY(auto key, load_key(key_file));
  signer->key_ = std::move(key);

  X509* certificate = signer->certificates_.front().get();
  if (X509_check_private_key(certificate, signer->key_.get()) != 1)
    return bad_input(fmt::format(
        "the key in {} does not belong to the first certificate in {} ({}): give the pair that "
        "was issued together, the signing certificate before its chain",
        key_file.string(), certificate_file.string(), subject_text(*certificate)));

  const auto addresses = rfc822_names(*certificate);
  if (addresses.empty())
    return bad_input(
        fmt::format("the first certificate in {} ({}) has no e-mail address in subjectAltName: the "
                    "signing certificate must carry the address that all messages come from",
                    certificate_file.string(), subject_text(*certificate)));
  signer->address_ = addresses.front();

  const auto dates = validity(*certificate);
  if (!dates)
    return bad_input(fmt::format("{}: {}", certificate_file.string(), dates.error().detail));
  signer->validity_ = *dates;
  return signer;
}

Result<void> CmsSigner::check_validity(Instant now) const {
  if (now < validity_.not_before)
    return bad_input(fmt::format(
        "the signing certificate in {} is valid only from {}: check this host's clock, or use the "
        "certificate that is valid now",
        certificate_file_, utc_text(validity_.not_before)));
  if (now >= validity_.not_after)
    return bad_input(
        fmt::format("the signing certificate in {} expired on {}: have it renewed, and put the new "
                    "certificate and key in place",
                    certificate_file_, utc_text(validity_.not_after)));
  return {};
}

Result<void> CmsSigner::may_sign(Instant now) const {
  if (now >= validity_.not_after)
    return unavailable(check_validity(now).error().detail, ErrorSource::signing);
  if (now < validity_.not_after - stop_before_) return {};
  return unavailable(
      fmt::format("nothing is signed any more, and mail waits: the signing certificate in {} ends "
                  "on {}, and mail that waits in others' queues for up to {} hours "
                  "(trust.stop_signing_hours) must still verify; have it renewed, and put the new "
                  "certificate and key in place",
                  certificate_file_, utc_text(validity_.not_after), stop_before_.count()),
      ErrorSource::signing);
}

PartState CmsSigner::state(Instant now, std::chrono::days alarm) const {
  if (const auto signing = may_sign(now); !signing) return {false, signing.error().detail};
  const auto end = utc_text(validity_.not_after);
  if (now < validity_.not_after - alarm)
    return {true, fmt::format("{} until {}", certificate_file_, end)};
  return {false,
          fmt::format("the signing certificate in {} ends on {}, and nothing is signed from {} on: "
                      "have it renewed",
                      certificate_file_, end, utc_text(validity_.not_after - stop_before_))};
}

Result<std::string> CmsSigner::sign(const mime::Rope& content, Instant at) const {
  return sign(content, at, CMS_DETACHED);
}

Result<std::string> CmsSigner::sign_enclosed(const mime::Rope& content, Instant at) const {
  return sign(content, at, 0);
}

Result<std::string> CmsSigner::sign(const mime::Rope& content, Instant at,
                                    unsigned int cms_flags) const {
  OpenSslErrors errors;
  if (at >= validity_.not_after)
    return unavailable(check_validity(at).error().detail, ErrorSource::signing);
  const Cms cms = prepare(certificates_, key_.get(), at, cms_flags);
  if (!cms || !digest_and_sign(cms.get(), content))
    return fail(Fault::internal, "internal error", "can't sign: " + errors.take(),
                ErrorSource::signing);
  return encode(cms.get(), errors);
}

PartState signing_state(const std::vector<const CmsSigner*>& signers, Instant now,
                        std::chrono::days alarm) {
  std::vector<std::string> good, bad;
  for (const auto* signer : signers) {
    auto state = signer->state(now, alarm);
    (state.good ? good : bad).push_back(std::move(state.text));
  }
  return {bad.empty(), text::join(bad.empty() ? good : bad, "; ")};
}

}  // namespace pec::smime
