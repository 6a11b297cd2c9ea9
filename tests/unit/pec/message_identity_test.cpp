// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/message_identity.hpp"

#include "support/domain_fixtures.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using pec::test::PlainAuthenticator;

namespace {

CertificationData take_charge() {
  CertificationData data;
  data.kind = EventKind::take_charge;
  data.sender = "anna@pec.alfa.example";
  data.recipients = {{"bruno@pec.beta.example", true}, {"elena@pec.beta.example", true}};
  data.reply_to = data.sender;
  data.subject = "Contratto";
  data.provider = "PEC Beta S.r.l.";
  data.date = "22/11/2026";
  data.time = "05:11:22";
  data.zone = "+0100";
  data.pec_id = "1@pec.alfa.example";
  data.taken_in_charge = {"bruno@pec.beta.example", "elena@pec.beta.example"};
  return data;
}

constexpr std::string_view beta_signer = "posta-certificata@pec.beta.example";

TEST_CASE("an envelope is the bytes that were signed", "[rule:4]") {
  const auto identity = envelope_identity("Content-Type: multipart/mixed\r\n\r\none");
  CHECK(identity == envelope_identity("Content-Type: multipart/mixed\r\n\r\none"));
  CHECK(identity != envelope_identity("Content-Type: multipart/mixed\r\n\r\ntwo"));
  CHECK(envelope_identity("abc") == "ba7816bf8f01cfea414140de5dae2223");  // FIPS 180-4, cut
}

TEST_CASE("a receipt in other words is the same receipt", "[rule:4]") {
  const auto first = take_charge();
  auto again = first;
  again.subject = "contratto";
  again.provider = "PEC Beta S.p.A.";
  again.msgid = "<1@client.example>";
  again.taken_in_charge = {"Elena@PEC.beta.example", "bruno@pec.beta.example"};
  CHECK(receipt_identity(first, beta_signer) ==
        receipt_identity(again, "Posta-Certificata@pec.beta.example"));
}

TEST_CASE("who says what of which message makes the receipt", "[rule:4]") {
  const auto first = take_charge();
  const auto identity = receipt_identity(first, beta_signer);
  CHECK(identity != receipt_identity(first, "posta-certificata@pec.gamma.example"));
  const auto differs = [&](auto change) {
    auto other = first;
    change(other);
    return receipt_identity(other, beta_signer) != identity;
  };
  CHECK(differs([](CertificationData& data) { data.kind = EventKind::acceptance; }));
  CHECK(differs([](CertificationData& data) { data.pec_id = "2@pec.alfa.example"; }));
  CHECK(differs([](CertificationData& data) { data.taken_in_charge.pop_back(); }));
  CHECK(differs([](CertificationData& data) { data.date = "23/11/2026"; }));
  CHECK(differs([](CertificationData& data) { data.time = "05:11:23"; }));
  CHECK(differs([](CertificationData& data) { data.zone = "+0200"; }));
}

}  // namespace

TEST_CASE("a receipt of ours is named by what it is about", "[rule:4][rule:8.1]") {
  const PlainAuthenticator group("group"), other_group("other");
  const ReceiptKey key{
      "1@pec.alfa.example", EventKind::take_charge, {"b@x.example", "c@x.example"}};
  const auto name = receipt_name(key, group);
  CHECK(name.size() == 32);
  CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos);
  CHECK(name == receipt_name({key.pec_id, key.kind, {"c@x.example", "b@x.example"}}, group));
  CHECK(name != receipt_name({"2@pec.alfa.example", key.kind, key.recipients}, group));
  CHECK(name != receipt_name({key.pec_id, EventKind::delivery, key.recipients}, group));
  CHECK(name != receipt_name({key.pec_id, key.kind, {"b@x.example"}}, group));
  CHECK(name != receipt_name(key, other_group));
  CHECK(receipt_name({key.pec_id, EventKind::early_notice, {"b@x.example"}}, group) !=
        receipt_name({key.pec_id, EventKind::timeout_notice, {"b@x.example"}}, group));
}
