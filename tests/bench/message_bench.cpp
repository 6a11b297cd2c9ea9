// What a message costs in the milter: composing and signing an envelope, parsing and verifying it,
// and, to compare with, the SHA-256 of the same bytes and one pass that copies them.

#include "mime/message.hpp"
#include "pec/compose.hpp"
#include "pec/pec_message.hpp"
#include "smime/cms_signer.hpp"
#include "smime/cms_verifier.hpp"
#include "unit/smime/test_pki.hpp"

#include <array>
#include <benchmark/benchmark.h>
#include <cstring>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <stdexcept>

namespace {

using namespace pec;

// A message with one attachment of about `size` bytes, as clients encode it.
mime::Message original_of(std::size_t size) {
  std::string whole =
      "From: anna@pec.alfa.example\r\nTo: bruno@pec.beta.example\r\nSubject: Prova\r\n"
      "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n"
      "Message-ID: <client-1@pec.alfa.example>\r\n\r\n"
      "--b\r\nContent-Type: text/plain\r\n\r\nCiao.\r\n--b\r\n"
      "Content-Type: application/pdf; name=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  const auto line = std::string(76, 'A') + "\r\n";
  while (whole.size() < size) whole += line;
  return mime::split_message(mime::Bytes::of(whole + "--b--\r\n"));
}

struct World {
  World() {
    test::Profile ca_profile;
    ca_profile.common_name = "Test CA";
    ca_profile.ca = true;
    const auto ca = test::make_identity(ca_profile);
    test::Profile profile;
    profile.common_name = "PEC Alfa S.p.A.";
    profile.email = "posta-certificata@pec.alfa.example";
    profile.key = test::KeyKind::rsa;
    const auto alfa = test::make_identity(profile, &ca);
    const auto certificate =
        folder.write("alfa.pem", test::pem(*alfa.certificate) + test::pem(*ca.certificate));
    const auto key = folder.write("alfa.key", test::pem(*alfa.key));
    const auto trusted = folder.write("ca.pem", test::pem(*ca.certificate));
    signer = smime::CmsSigner::load(certificate, key).value();
    verifier = smime::CmsVerifier::load(trusted).value();
  }

  test::TempFolder folder;
  std::unique_ptr<smime::CmsSigner> signer;
  std::unique_ptr<smime::CmsVerifier> verifier;
};

World& world() {
  static World instance;
  return instance;
}

const pec::Identity us{"PEC Alfa S.p.A.", "pec.alfa.example", "posta-certificata@pec.alfa.example"};

mime::OutgoingMessage envelope_of(const mime::Message& original) {
  static const LegalTime rome("Europe/Rome");
  const auto stamp = rome.stamp(test::test_time);
  CertificationData data;
  data.kind = EventKind::transport_envelope;
  data.sender = data.reply_to = "anna@pec.alfa.example";
  data.recipients = {{"bruno@pec.beta.example", true}};
  data.subject = "Prova";
  data.provider = us.provider;
  data.date = stamp.date;
  data.time = stamp.time;
  data.zone = stamp.offset;
  data.pec_id = "20261122041122.abcdefghijklmnopqrstuvwxyz@pec.alfa.example";
  data.receipt_form = ReceiptForm::complete;
  auto draft = compose_transport_envelope(original, data, stamp, us);
  const auto signature = world().signer->sign(draft.content, draft.at);
  if (!signature) throw std::runtime_error(signature.error().detail);
  return finish(std::move(draft), *signature);
}

void set_bytes(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void compose_and_sign(benchmark::State& state) {
  const auto original = original_of(static_cast<std::size_t>(state.range(0)));
  world();  // made once, outside the measurement
  for (auto _ : state) benchmark::DoNotOptimize(envelope_of(original));
  set_bytes(state);
}

void parse_and_verify(benchmark::State& state) {
  const auto sent = envelope_of(original_of(static_cast<std::size_t>(state.range(0))));
  const auto message = mime::split_message(mime::Bytes::of(sent.wire().str()));
  for (auto _ : state) {
    const auto parts = find_signature(message);
    const auto check = world().verifier->verify(parts->content, parts->signature, test::test_time);
    if (check.outcome != SignatureCheck::Outcome::valid) throw std::runtime_error(check.reason);
    const auto read = read_pec_message(message, *parts);
    if (!read) throw std::runtime_error(read.error().detail);
  }
  set_bytes(state);
}

void sha256_alone(benchmark::State& state) {
  const auto original = original_of(static_cast<std::size_t>(state.range(0)));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  for (auto _ : state)
    if (EVP_Digest(original.body.view.data(), original.body.view.size(), digest.data(), nullptr,
                   EVP_sha256(), nullptr) != 1)
      throw std::runtime_error("EVP_Digest failed");
  set_bytes(state);
}

void copy_alone(benchmark::State& state) {
  const auto original = original_of(static_cast<std::size_t>(state.range(0)));
  std::string copy(original.body.view.size(), '\0');
  for (auto _ : state) {
    std::memcpy(copy.data(), original.body.view.data(), copy.size());
    benchmark::DoNotOptimize(copy.data());
  }
  set_bytes(state);
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const int size : {20'000, 1'000'000, 50'000'000}) benchmark->Arg(size);
  benchmark->Unit(benchmark::kMillisecond);
}

}  // namespace

BENCHMARK(compose_and_sign)->Apply(sizes);
BENCHMARK(parse_and_verify)->Apply(sizes);
BENCHMARK(sha256_alone)->Apply(sizes);
BENCHMARK(copy_alone)->Apply(sizes);
BENCHMARK_MAIN();
