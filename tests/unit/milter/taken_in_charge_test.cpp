// SPDX-License-Identifier: GPL-2.0-or-later

// A copy is judged as of the time when its message was taken in charge. Later changes of
// certificates and providers neither keep a receipt from being made, nor make one.
#include "unit/milter/world.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <functional>

using namespace pec;
using namespace pec::milter;
using namespace pec::test;
using std::chrono::hours;

namespace {

// The facts about alfa and its certificate in this test.
struct Truth {
  Instant certificate_ends = Instant::max();
  Instant revoked_since = Instant::max();
  bool has_lists = true;
  bool damaged = false;  // the signature
  bool in_directory = true, was_in_directory = true;
};

class TruthVerifier final : public Verifier {
public:
  explicit TruthVerifier(const Truth& truth) : truth_(truth) {}
  SignatureCheck verify(std::string_view content, std::string_view cms, Instant at) const override {
    auto check = MarkVerifier().verify(content, cms, at);
    if (check.outcome != SignatureCheck::Outcome::valid) return check;
    if (truth_.damaged) check.outcome = SignatureCheck::Outcome::damaged;
    if (!truth_.has_lists) check.outcome = SignatureCheck::Outcome::undetermined;
    if (at > truth_.certificate_ends || at >= truth_.revoked_since)
      check.outcome = SignatureCheck::Outcome::untrusted;
    if (check.outcome != SignatureCheck::Outcome::valid) check.reason = "not any more";
    return check;
  }

private:
  const Truth& truth_;
};

class TruthDirectory final : public pec::Directory, public DirectorySnapshot {
public:
  explicit TruthDirectory(const Truth& truth) : truth_(truth) {}
  std::shared_ptr<const DirectorySnapshot> snapshot() const override {
    return {std::shared_ptr<void>(), this};
  }
  const Provider* provider_of_domain(std::string_view domain) const override {
    return known(all_->provider_of_domain(domain), truth_.in_directory);
  }
  const Provider* provider_of_certificate(std::string_view certificate) const override {
    return known(all_->provider_of_certificate(certificate), truth_.in_directory);
  }
  const Provider* provider_of_certificate_at(std::string_view certificate, Instant) const override {
    return known(all_->provider_of_certificate(certificate),
                 truth_.in_directory || truth_.was_in_directory);
  }
  bool is_service_address(std::string_view address) const override {
    return all_->is_service_address(address);
  }
  bool speaks_for(std::string_view provider, std::string_view domain, Instant at) const override {
    return all_->speaks_for(provider, domain, at);
  }

private:
  static const Provider* known(const Provider* provider, bool alfa_is) {
    return provider && (alfa_is || provider->name != alfa.provider) ? provider : nullptr;
  }

  const Truth& truth_;
  std::shared_ptr<const DirectorySnapshot> all_ = directory();
};

const std::string pec_id = "20261122041122.id1@pec.alfa.example";
const std::string bruno = "bruno@pec.beta.example";

// Beta, with an envelope of alfa's that has just come in.
struct Receiver {
  Receiver() {
    world.before_each = {};
    world.services.verifier = std::make_unique<TruthVerifier>(truth);
    world.services.directory = std::make_unique<TruthDirectory>(truth);
    const auto incoming = world.accepted(arriving(envelope));
    take_charge = incoming.internal_recipients;
    REQUIRE(take_charge.size() == 1);
  }

  Outcome receipt(const std::vector<std::string>& internals, RecordingQueueFile& made) {
    return world.run(copy_of(envelope, internals), made);
  }
  Outcome take_in_charge() {
    RecordingQueueFile made;
    return receipt(take_charge, made);
  }
  // The delivery point says that it was now.
  Outcome deliver(RecordingQueueFile& made, std::optional<Instant> at = std::nullopt) {
    const auto report =
        format_internal({InternalEvent::delivery, bruno, at.value_or(world.clock().now())}, pec_id,
                        *world.services.delivery_point);
    return receipt({*report}, made);
  }

  Truth truth;
  MilterWorld world{beta};
  const mime::Message envelope = simple_envelope();
  std::vector<std::string> take_charge;
};

struct Change {
  const char* what;
  std::function<void(Truth&)> made;
};

// Two days after the message came.
const std::vector<Change> changes{
    {"its certificate has ended",
     [](Truth& truth) { truth.certificate_ends = morning + hours(1); }},
    {"its certificate was revoked", [](Truth& truth) { truth.revoked_since = morning + hours(1); }},
    {"a revocation of before became known", [](Truth& t) { t.revoked_since = morning - hours(1); }},
    {"there is no list that could tell", [](Truth& truth) { truth.has_lists = false; }},
    {"it has left the directory", [](Truth& truth) { truth.in_directory = false; }},
};

}  // namespace

TEST_CASE("a later change of the signer keeps no delivery receipt away", "[rule:4][rule:5]") {
  for (const auto& [what, made] : changes) {
    INFO(what);
    Receiver receiver;
    REQUIRE(receiver.take_in_charge().verdict == Verdict::accept);
    receiver.world.clock().advance(hours(48));
    made(receiver.truth);
    RecordingQueueFile delivery;
    const auto outcome = receiver.deliver(delivery);
    INFO(outcome.log);
    CHECK(outcome.verdict == Verdict::accept);
    CHECK(delivery.message().header.unfolded("X-Ricevuta") == "avvenuta-consegna");
    CHECK(delivery.message().header.unfolded("Date") == "Tue, 24 Nov 2026 05:11:22 +0100");
  }
}

TEST_CASE("a later change of the signer keeps no take-charge away, either", "[rule:4]") {
  for (const auto index : {0U, 1U, 4U}) {
    INFO(changes[index].what);
    Receiver receiver;
    receiver.world.clock().advance(hours(48));
    changes[index].made(receiver.truth);
    RecordingQueueFile made;
    CHECK(receiver.receipt(receiver.take_charge, made).verdict == Verdict::accept);
    CHECK(made.recipients == std::vector<std::string>{"ricevute@pec.alfa.example"});
    RecordingQueueFile delivery;
    CHECK(receiver.deliver(delivery).verdict == Verdict::accept);
  }
}

TEST_CASE("a copy that was never verified when it came is judged now, whatever time is named",
          "[rule:4][rule:5]") {
  for (const auto& [what, made] : changes) {
    INFO(what);
    Receiver receiver;  // the log has no line of a take-charge
    receiver.world.clock().advance(hours(48));
    made(receiver.truth);
    RecordingQueueFile delivery;
    const auto outcome = receiver.deliver(delivery, morning);
    CHECK(outcome.verdict == Verdict::refuse);
    CHECK(outcome.reply.code == "451");  // until the take-charge is in the log
    CHECK(delivery.edits.empty());
    CHECK(receiver.world.ledger().claimed.empty());
  }
}

TEST_CASE("other bytes under the id of what was taken in charge are not believed for it",
          "[rule:4][rule:5]") {
  Receiver receiver;
  REQUIRE(receiver.take_in_charge().verdict == Verdict::accept);
  for (auto& entries : receiver.world.ledger().claimed)
    for (auto& event : entries.events) event.identity = "that of others";
  receiver.world.clock().advance(hours(48));
  receiver.truth.certificate_ends = morning + hours(1);
  RecordingQueueFile delivery;
  CHECK(receiver.deliver(delivery, morning).reply.code == "451");
  CHECK(delivery.edits.empty());
}

TEST_CASE("the log does not heal a signature over other bytes", "[rule:4][rule:5]") {
  Receiver receiver;
  REQUIRE(receiver.take_in_charge().verdict == Verdict::accept);
  receiver.truth.damaged = true;
  RecordingQueueFile delivery;
  CHECK(receiver.deliver(delivery).reply.code == "451");
  CHECK(delivery.edits.empty());
}

TEST_CASE("a provider that has left the directory is a stranger to new mail", "[rule:4]") {
  Receiver receiver;
  receiver.truth.in_directory = false;
  RecordingQueueFile incoming;
  CHECK(receiver.world.run(arriving(receiver.envelope), incoming).verdict == Verdict::accept);
  CHECK(incoming.message().header.unfolded("X-Trasporto") == "errore");
  CHECK(incoming.internal_recipients.empty());
}
