// SPDX-License-Identifier: GPL-2.0-or-later

// The cost of a message in the milter: composing and signing an envelope, and classifying an
// incoming one. For comparison: the SHA-256 of the same bytes, and one pass that copies them.

#include "directory/providers_directory.hpp"
#include "mime/body_spool.hpp"
#include "mime/message.hpp"
#include "pec/compose.hpp"
#include "pec/incoming_point.hpp"
#include "smime/cms_signer.hpp"
#include "smime/cms_verifier.hpp"
#include "unit/directory/directory_ldif.hpp"
#include "unit/smime/test_pki.hpp"

#include <array>
#include <benchmark/benchmark.h>
#include <cstring>
#include <ctime>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <stdexcept>

namespace {

using namespace pec;

const Identity us{"PEC Alfa S.p.A.", "pec.alfa.example", "posta-certificata@pec.alfa.example"};

const std::string base64_line = std::string(76, 'A') + "\r\n";

// A message with one attachment of about `size` bytes; as clients encode it, if of base64 lines.
mime::Message original_of(std::int64_t size, std::string_view line = base64_line) {
  std::string whole =
      "From: anna@pec.alfa.example\r\nTo: bruno@pec.beta.example\r\nSubject: Prova\r\n"
      "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n"
      "Message-ID: <client-1@pec.alfa.example>\r\n\r\n"
      "--b\r\nContent-Type: text/plain\r\n\r\nCiao.\r\n--b\r\n"
      "Content-Type: application/pdf; name=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  while (whole.size() < static_cast<std::size_t>(size)) whole += line;
  return mime::split_message(mime::Bytes::of(whole + "--b--\r\n"));
}

struct Alfa {
  Alfa() {
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
    directory =
        directory::ProvidersDirectory::from_ldif(
            test::ldif_of(
                {.name = us.provider, .certificates = {&alfa.certificate}, .domains = {us.domain}}))
            .value();
  }

  test::TemporaryFolder folder;
  std::unique_ptr<smime::CmsSigner> signer;
  std::unique_ptr<smime::CmsVerifier> verifier;
  std::shared_ptr<const DirectorySnapshot> directory;
};

Alfa& world() {
  static Alfa instance;
  return instance;
}

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

// An incoming envelope in the milter: a large body is a mapped file.
mime::Message received_envelope(std::int64_t size, std::string_view line = base64_line) {
  const auto sent = envelope_of(original_of(size, line));
  mime::BodySpool spool(world().folder.path());
  sent.body.for_each([&](std::string_view slice) {
    if (const auto kept = spool.append(slice); !kept) throw std::runtime_error(kept.error().detail);
  });
  return {sent.header, spool.finish().value()};
}

void classify_as_milter(const mime::Message& message) {
  const auto parts = read_frame(message);
  const auto check = world().verifier->verify(parts->content, parts->signature, test::test_time);
  const auto found =
      pec::classify(message, parts, check, *world().directory, us.provider, test::test_time);
  if (found.what != IncomingClass::correct) throw std::runtime_error(found.reason);
}

void sha256_of(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("EVP_Digest failed");
}

// Processor time of this thread, so that a busy machine matters little.
double seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void set_bytes(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void compose_and_sign(benchmark::State& state) {
  const auto original = original_of(state.range(0));
  world();  // made once, outside the measurement
  for (auto _ : state) benchmark::DoNotOptimize(envelope_of(original));
  set_bytes(state);
}

// `of_sha256`: its time as a multiple of the SHA-256 of the same body. The two take turns, so a
// machine that slows down slows both.
void classify(benchmark::State& state, std::string_view line) {
  const auto message = received_envelope(state.range(0), line);
  classify_as_milter(message);  // the first reader pays for the mapping's page faults
  double classifying = 0, digesting = 0;
  for (auto _ : state) {
    const double begin = seconds();
    classify_as_milter(message);
    const double middle = seconds();
    sha256_of(message.body.view);
    digesting += seconds() - middle;
    classifying += middle - begin;
    state.SetIterationTime(middle - begin);
  }
  state.counters["of_sha256"] = classifying / digesting;
  set_bytes(state);
}

void sha256_alone(benchmark::State& state) {
  const auto message = received_envelope(state.range(0));
  for (auto _ : state) sha256_of(message.body.view);
  set_bytes(state);
}

void copy_alone(benchmark::State& state) {
  const auto message = received_envelope(state.range(0));
  std::string copy(message.body.view.size(), '\0');
  for (auto _ : state) {
    std::memcpy(copy.data(), message.body.view.data(), copy.size());
    benchmark::DoNotOptimize(copy.data());
  }
  set_bytes(state);
}

constexpr std::int64_t large = 50'000'000;

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const std::int64_t size : {std::int64_t{20'000}, std::int64_t{1'000'000}, large})
    benchmark->Arg(size);
  benchmark->Unit(benchmark::kMillisecond);
}

}  // namespace

BENCHMARK(compose_and_sign)->Apply(sizes);
BENCHMARK_CAPTURE(classify, base64, base64_line)->Apply(sizes)->UseManualTime();
BENCHMARK(sha256_alone)->Apply(sizes);
BENCHMARK(copy_alone)->Apply(sizes);
// Text that makes the search for boundaries work.
BENCHMARK_CAPTURE(classify, dash_in_each_line,
                  "One of these well-known lines of text, each with a dash or two in it.\r\n")
    ->Arg(large)
    ->Unit(benchmark::kMillisecond)
    ->UseManualTime();
BENCHMARK_CAPTURE(classify, nothing_but_dashes, "----------")
    ->Arg(large)
    ->Unit(benchmark::kMillisecond)
    ->UseManualTime();
BENCHMARK_CAPTURE(classify, lines_like_boundaries, "--\r\n")
    ->Arg(large)
    ->Unit(benchmark::kMillisecond)
    ->UseManualTime();
BENCHMARK_MAIN();
