// SPDX-License-Identifier: GPL-2.0-or-later

// Stand-ins for the outside world, for tests of the domain and of the milter: a directory of two
// providers, a fixed clock and ids, plain marks as signatures. All names are invented.
#pragma once

#include "base/ids.hpp"
#include "base/text.hpp"
#include "mime/message.hpp"
#include "pec/access_point.hpp"
#include "pec/compose.hpp"
#include "pec/incoming_point.hpp"
#include "pec/ports.hpp"
#include "pec/stamp.hpp"

#include <fmt/format.h>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace pec::test {

// 2026-11-22 05:11:22 in Rome.
inline const Instant morning{std::chrono::seconds{1795320682}};

inline Stamp stamp_of(Instant at) {
  static const LegalTime rome("Europe/Rome");
  return rome.stamp(at);
}

inline const Identity alfa{"PEC Alfa S.p.A.", "pec.alfa.example",
                           "posta-certificata@pec.alfa.example"};
inline const Identity beta{"PEC Beta S.r.l.", "pec.beta.example",
                           "posta-certificata@pec.beta.example"};

class FixedDirectory final : public DirectorySnapshot {
public:
  FixedDirectory() {
    for (const auto& identity : {alfa, beta}) {
      Provider provider;
      provider.name = identity.provider;
      provider.mail_receipt = "ricevute@" + identity.domain;
      provider.certificates = {"certificate of " + identity.domain};
      provider.managed_domains = {identity.domain};
      providers_.push_back(provider);
    }
    // A secondary unit of beta, which shares its certificate. Names compare without case (RFC 6109,
    // 4.5.3).
    Provider unit;
    unit.name = text::lower(beta.provider);
    unit.unit = "Unit 2";
    unit.mail_receipt = "ricevute@unit.beta.example";
    unit.managed_domains = {"unit.beta.example"};
    providers_.push_back(unit);
    providers_.front().managed_domains.emplace_back("moved.beta.example");
  }
  const Provider* provider_of_domain(std::string_view domain) const override {
    for (const auto& provider : providers_)
      for (const auto& each : provider.managed_domains)
        if (text::equals_ignoring_case(each, domain)) return &provider;
    return nullptr;
  }
  const Provider* provider_of_certificate(std::string_view certificate) const override {
    for (const auto& provider : providers_)
      for (const auto& each : provider.certificates)
        if (each == certificate) return &provider;
    return nullptr;
  }
  const Provider* provider_of_certificate_at(std::string_view certificate, Instant) const override {
    return provider_of_certificate(certificate);
  }
  // old.beta.example was beta's until lately, and so was moved.beta.example, which is alfa's now.
  bool speaks_for(std::string_view provider, std::string_view domain, Instant) const override {
    const bool of_beta = text::equals_ignoring_case(provider, beta.provider);
    if (text::equals_ignoring_case(domain, "old.beta.example")) return of_beta;
    if (text::equals_ignoring_case(domain, "moved.beta.example") && of_beta) return true;
    const auto* manager = provider_of_domain(domain);
    return manager != nullptr && text::equals_ignoring_case(manager->name, provider);
  }
  bool is_service_address(std::string_view address) const override {
    for (const auto& provider : providers_)
      if (text::equals_ignoring_case(provider.mail_receipt, address)) return true;
    return text::equals_ignoring_case(address, alfa.address) ||
           text::equals_ignoring_case(address, beta.address);
  }

private:
  std::vector<Provider> providers_;
};

inline std::shared_ptr<const DirectorySnapshot> directory() {
  static const auto snapshot = std::make_shared<const FixedDirectory>();
  return snapshot;
}

// A simple mac, not a safe one. It depends on the secret and the text: that is enough for tests.
class PlainAuthenticator final : public Authenticator {
public:
  explicit PlainAuthenticator(std::string secret) : secret_(std::move(secret)) {}
  std::string mac(std::string_view text) const override {
    const auto a = std::hash<std::string>{}(secret_ + "/" + std::string(text));
    std::string bytes(32, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<char>(static_cast<unsigned char>((a >> (i % 8 * 8)) & 0xffU));
    return bytes;
  }

private:
  std::string secret_;
};

inline const PlainAuthenticator host_group("group");

// "Signs" with a mark that names the provider and the size of the content. MarkVerifier believes
// it.
class MarkSigner final : public Signer {
public:
  explicit MarkSigner(const Identity& identity) : identity_(identity) {}
  Result<std::string> sign(const mime::Rope& content, Instant) const override {
    return fmt::format("{} {}", identity_.domain, content.size());
  }
  Result<void> may_sign(Instant now) const override {
    if (now < stops_at) return {};
    return unavailable("the certificate ends soon");
  }
  const std::string& address() const override { return identity_.address; }

  Instant stops_at = Instant::max();

private:
  Identity identity_;
};

// Does not trust a provider whose certificate has ended by the given time. Can't decide now about
// the providers in `not_known_now`.
class MarkVerifier final : public Verifier {
public:
  std::map<std::string, Instant> ends;  // by the domain of the provider
  std::set<std::string> not_known_now;  // likewise

  SignatureCheck verify(std::string_view content, std::string_view cms, Instant at) const override {
    SignatureCheck check;
    check.reason = "the signature is no mark";
    const auto blank = cms.find(' ');
    if (blank == std::string_view::npos) return check;
    if (cms.substr(blank + 1) != std::to_string(content.size())) {
      check.outcome = SignatureCheck::Outcome::damaged;
      check.reason = "the signature is over other bytes";
      return check;
    }
    const std::string domain(cms.substr(0, blank));
    check.certificate = "certificate of " + domain;
    check.addresses = {"posta-certificata@" + domain};
    const auto end = ends.find(domain);
    if (not_known_now.contains(domain)) {
      check.outcome = SignatureCheck::Outcome::undetermined;
      check.reason = "the revocation list is too old";
    } else if (end != ends.end() && end->second < at) {
      check.outcome = SignatureCheck::Outcome::untrusted;
      check.reason = "the certificate has ended";
    } else {
      check.outcome = SignatureCheck::Outcome::valid;
      check.reason.clear();
    }
    return check;
  }
};

inline mime::Message message_of(std::string whole) {
  return mime::split_message(mime::Bytes::of(std::move(whole)));
}

// The message as another host would receive it.
inline mime::Message sent(Draft draft, const Identity& signer) {
  const auto signature = MarkSigner(signer).sign(draft.content, draft.at);
  return message_of(finish(std::move(draft), *signature).wire().str());
}

// The message that a decision puts in place of the one that came.
inline mime::Message sent(const Decision& decision, const Identity& signer) {
  return sent(std::get<Replace>(decision.action).draft, signer);
}

// Classified by `us`: most messages are alfa's.
inline Classification classified(const mime::Message& message, const Identity& us = alfa) {
  const auto parts = read_frame(message);
  SignatureCheck check;
  if (parts) check = MarkVerifier().verify(parts->content, parts->signature, morning);
  return classify(message, parts, check, *directory(), us.provider, morning);
}

inline AccessFacts access_facts(const Identity& us = alfa) {
  return {stamp_of(morning), "20261122041122.id1", "20261122041122.id0", us, directory(), {}};
}

inline const std::string simple_original =
    "From: Anna <anna@pec.alfa.example>\r\n"
    "To: Bruno <bruno@pec.beta.example>\r\n"
    "Cc: carla@pec.alfa.example, dario@ordinaria.example\r\n"
    "Subject: Prova\r\n"
    "Message-ID: <client-1@pec.alfa.example>\r\n"
    "Date: Sun, 22 Nov 2026 05:11:00 +0100\r\n"
    "\r\n"
    "Ciao.\r\n";

inline Submission simple_submission() {
  return {"anna@pec.alfa.example",
          "anna@pec.alfa.example",
          {"bruno@pec.beta.example", "carla@pec.alfa.example", "dario@ordinaria.example"}};
}

inline mime::Message simple_envelope() {
  return sent(decide_access(message_of(simple_original), simple_submission(), access_facts()),
              alfa);
}

}  // namespace pec::test
