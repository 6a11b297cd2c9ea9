// SPDX-License-Identifier: GPL-2.0-or-later

// Viruses that libclamav finds through ClamEngine, and messages that it must not call clean.
#include "scanner/clam_engine.hpp"

#include "base/text.hpp"
#include "support/clam_samples.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace pec;
using namespace pec::scanner;
using namespace pec::test;
using namespace std::chrono_literals;
using Outcome = ScanResult::Outcome;
using Failure = ScanResult::Failure;

namespace {

struct EngineWorld {
  EngineWorld() { make_database(folder.path()); }

  ClamOptions options() const {
    ClamOptions made;
    made.database_dir = folder.path();
    return made;
  }
  ScanResult scan(const mime::Rope& message, const ClamOptions& with) const {
    return ClamEngine(with, [](std::string) {}).scan(message);
  }
  ScanResult scan(std::string message) const {
    return scan(mime::Rope(std::move(message)), options());
  }
  std::string zip(std::string_view name, std::string_view content) const {
    return zip_of(work.path(), name, content);
  }

  TemporaryFolder folder;
  TemporaryFolder work;
};

std::string found_in(const ScanResult& result) {
  INFO(result.reason);
  CHECK(result.outcome == Outcome::infected);
  CHECK(result.failure == Failure::none);
  return result.virus;
}

void check_clean(const ScanResult& result) {
  INFO(result.virus << result.reason);
  CHECK(result.outcome == Outcome::clean);
  CHECK(result.failure == Failure::none);
}

void check_failed(const ScanResult& result, Failure failure) {
  INFO(result.virus << result.reason);
  CHECK(result.outcome == Outcome::failed);
  CHECK(result.failure == failure);
  CHECK_FALSE(result.reason.empty());
  CHECK(result.reason.find('\n') == std::string::npos);
}

const std::string found_eicar = "Test.Eicar.UNOFFICIAL";
const std::string found_clam = "Test.Clam.UNOFFICIAL";

// Bytes that do not compress, without line ends.
std::string noise(std::size_t size) {
  std::string made;
  for (unsigned state = 1; made.size() < size; state = state * 1664525 + 1013904223)
    made += static_cast<char>(state >> 24);
  return made;
}

}  // namespace

TEST_CASE("a virus is found wherever a message can hold it", "[rule:2]") {
  const EngineWorld world;
  const auto zip = world.zip("eicar.com", eicar());
  const std::pair<const char*, std::string> messages[] = {
      {"plain text", plain_mail(eicar())},
      {"base64", mail_with_file(eicar())},
      {"quoted-printable",
       mail("Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n",
            mime::encode_quoted_printable(eicar()))},
      {"zip", mail_with_file(zip, "a.zip")},
      {"zip in zip in zip", mail_with_file(world.zip("b.zip", world.zip("a.zip", zip)), "c.zip")},
      {"attached message", attached(mail_with_file(eicar()))},
      {"zip in an attached message in an attached message",
       attached(attached(mail_with_file(zip, "a.zip")))},
      {"envelope", envelope_of(mail_with_file(eicar()))},
      {"zip in an envelope in an envelope", envelope_of(envelope_of(mail_with_file(zip, "a.zip")))},
      {"attached message in base64",
       mail_with_part("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n",
                      mime::encode_base64(mail_with_file(zip)))},
  };
  for (const auto& [name, message] : messages) {
    INFO(name);
    CHECK(found_in(world.scan(message)) == found_eicar);
  }
}

TEST_CASE("a virus is found in the files of ClamAV's own tests", "[rule:2]") {
  const EngineWorld world;
  const char* const files[] = {"clam.exe", "clam.pdf",  "clam.zip",     "clam.7z",
                               "clam.cab", "clam.tnef", "clam.bz2.zip", "clam.tar.gz"};
  for (const char* name : files) {
    INFO(name);
    const auto file = content_of(clam_testfiles / name);
    CHECK(found_in(world.scan(mail_with_file(file, name))) == found_clam);
    CHECK(found_in(world.scan(envelope_of(mail_with_file(file, name)))) == found_clam);
  }
  CHECK(found_in(world.scan(content_of(clam_testfiles / "clam.mail"))) == found_clam);
}

TEST_CASE("clean messages are clean, in whatever they come") {
  const EngineWorld world;
  const std::string words = "Nel mezzo del cammin di nostra vita";
  check_clean(world.scan(plain_mail(words)));
  check_clean(world.scan(plain_mail("citt\xc3\xa0 caff\xe8")));
  check_clean(world.scan(mail_with_file(world.zip("a.txt", words), "a.zip")));
  check_clean(world.scan(envelope_of(mail_with_file(noise(100'000)))));
  check_clean(world.scan(""));
  check_clean(world.scan("\r\n"));
  check_clean(world.scan("\r\n" + words + "\r\n"));
}

TEST_CASE("a message is taken apart as mail however it begins") {
  const EngineWorld world;
  const auto infected = mail_with_file(world.zip("eicar.com", eicar()), "a.zip");
  const auto at = [](std::size_t offset, std::string_view bytes) {
    return "X-Odd: " + std::string(offset - 7, 'x') + std::string(bytes) + "\r\n";
  };
  const std::pair<const char*, std::string> beginnings[] = {
      {"an unknown field", "X-Unknown-Field: yes\r\n"},
      {"a field without a name", ": nothing\r\n"},
      {"no field", "this is no field\r\n"},
      {"a folded line", " folded\r\n"},
      {"8-bit", "Subject-\xe8: \xff\xfe\x80\r\n"},
      {"a mailbox", "From anna@pec.alfa.example Sun Nov 22 05:11:22 2026\r\n"},
      {"another mailbox", ">From anna@pec.alfa.example\r\n"},
      {"PDF", "%PDF-1.4: x\r\n"},
      {"zip", "PK\x03\x04: x\r\n"},
      {"a program", "MZ: x\r\n"},
      {"HTML", "<html>: x\r\n"},
      {"something ignored", "SIP-H: x\r\n"},
      {"a tar archive", at(257, "ustar")},
      {"a boot record", at(510, "\x55\xaa")},
      {"a CD", at(900, "CD001")},
      {"a long field", "X-Long: " + std::string(5000, 'x') + "\r\n"},
  };
  for (const auto& [name, beginning] : beginnings) {
    INFO(name);
    CHECK(found_in(world.scan(beginning + infected)) == found_eicar);
  }
}

TEST_CASE("a message without a header is scanned, too") {
  const EngineWorld world;
  CHECK(found_in(world.scan(eicar())) == found_eicar);
  CHECK(found_in(world.scan("\r\n" + eicar() + "\r\n")) == found_eicar);
  CHECK(found_in(world.scan("\r\n\r\nCiao\r\n" + eicar())) == found_eicar);
}

TEST_CASE("a virus is found in every kind of multipart", "[rule:2]") {
  const EngineWorld world;
  const auto zip = mime::encode_base64(world.zip("eicar.com", eicar()));
  const auto entity = [&](std::string_view subtype, std::string_view boundary,
                          std::string_view part) {
    return fmt::format(
        "Content-Type: multipart/{0}; boundary=\"{1}\"\r\n\r\n"
        "--{1}\r\nContent-Type: text/plain\r\n\r\nCiao.\r\n--{1}\r\n{2}\r\n--{1}--\r\n",
        subtype, boundary, part);
  };
  const auto virus =
      "Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
      zip;
  const char* const subtypes[] = {
      "mixed",     "alternative", "digest",  "parallel",    "related",          "signed",
      "report",    "encrypted",   "plain",   "html",        "enriched",         "richtext",
      "Parallel",  "HTML",        "x-bfile", "appledouble", "knowbot-metadata", "fax-message",
      "form-data", "whatever",    "text",    "message",     "rfc822",           "multipart",
  };
  for (const char* subtype : subtypes) {
    INFO(subtype);
    const std::string top = "Subject: x\r\nMIME-Version: 1.0\r\n" + entity(subtype, "p q", virus);
    CHECK(found_in(world.scan(top)) == found_eicar);
    CHECK(found_in(world.scan(attached(top))) == found_eicar);
    CHECK(found_in(world.scan(envelope_of(top))) == found_eicar);
    CHECK(found_in(world.scan("Subject: x\r\nMIME-Version: 1.0\r\n" +
                              entity("parallel", "outer", entity(subtype, "inner", virus)))) ==
          found_eicar);
  }
  const std::string harmless = "Content-Type: text/plain\r\n\r\nCiao";
  check_clean(world.scan("Subject: x\r\n" + entity("parallel", "b", harmless)));
}

TEST_CASE("a rope is scanned as the one text that it is") {
  const EngineWorld world;
  const auto message = mail_with_file(world.zip("eicar.com", eicar()), "a.zip");
  mime::Rope single_bytes;
  for (const char c : message) single_bytes.append(std::string(1, c));
  CHECK(found_in(world.scan(single_bytes, world.options())) == found_eicar);
  // The virus itself across two slices, far into the message.
  const auto text = plain_mail(std::string(100'000, 'x') + "\r\n" + eicar());
  const auto cut = text.find("EICAR");
  mime::Rope two(text.substr(0, cut));
  two.append(text.substr(cut));
  CHECK(found_in(world.scan(two, world.options())) == found_eicar);
  // Header and body apart, and a virus in a kind of multipart that ClamAV must be shown.
  const auto parallel = text::replace_all(message, "multipart/mixed", "multipart/parallel");
  for (const std::size_t at : {parallel.find("\r\n\r\n") + 4, parallel.find("\r\n\r\n") + 2}) {
    mime::Rope halves(parallel.substr(0, at));
    halves.append(parallel.substr(at));
    CHECK(found_in(world.scan(halves, world.options())) == found_eicar);
  }
}

TEST_CASE("exceeding a limit is a failure, never clean") {
  const EngineWorld world;
  const auto nested = world.zip("c.zip", world.zip("b.zip", world.zip("a.txt", "Ciao a tutti")));
  const auto message = mail_with_file(nested, "d.zip");
  check_clean(world.scan(message));

  auto options = world.options();
  SECTION("recursion") {
    options.max_recursion = 3;
    check_failed(world.scan(mime::Rope(message), options), Failure::error);
  }
  SECTION("size of the message") {
    options.max_scan_size = message.size() - 10;
    check_failed(world.scan(mime::Rope(message), options), Failure::error);
  }
  SECTION("size of what is unpacked") {
    options.max_scan_size = 1'000'000;
    const auto bomb = mail_with_file(world.zip("a.txt", std::string(20'000'000, 'x')), "a.zip");
    REQUIRE(bomb.size() < 100'000);
    check_failed(world.scan(mime::Rope(bomb), options), Failure::error);
  }
  SECTION("parts") {
    std::string parts;
    for (int i = 0; i < 3000; ++i)
      parts += "--b\r\nContent-Type: application/octet-stream\r\n\r\nparte\r\n";
    check_failed(world.scan(mail("Content-Type: multipart/related; boundary=b\r\n", parts)),
                 Failure::error);
  }
  SECTION("header") {
    std::string fields;
    for (int i = 0; i < 3000; ++i) fields += fmt::format("Content-Type: text/plain; x={}\r\n", i);
    check_failed(world.scan(mail(fields, "Ciao\r\n")), Failure::error);
  }
  SECTION("time") {
    options.max_scan_time = 1ms;
    const auto large = mail_with_file(noise(3'000'000));
    check_failed(world.scan(mime::Rope(large), options), Failure::timeout);
  }
}

TEST_CASE("a virus found before a limit was reached is a virus") {
  const EngineWorld world;
  auto options = world.options();
  options.max_recursion = 3;
  const auto deep = world.zip("b.zip", world.zip("a.txt", "Ciao a tutti"));
  const auto message = mail("Content-Type: multipart/mixed; boundary=b\r\n",
                            fmt::format("--b\r\nContent-Type: application/zip\r\n"
                                        "Content-Transfer-Encoding: base64\r\n\r\n{}\r\n"
                                        "--b\r\nContent-Type: text/plain\r\n\r\n{}\r\n--b--\r\n",
                                        mime::encode_base64(deep), eicar()));
  CHECK(found_in(world.scan(mime::Rope(message), options)) == found_eicar);
}

TEST_CASE("an archive that is locked is a virus only where the options say so") {
  const EngineWorld world;
  // A stored member whose flag says that it is encrypted.
  auto locked = world.zip("a.txt", "Ciao a tutti, questo e' un testo");
  locked[6] = static_cast<char>(locked[6] | 1);
  const auto central = locked.find("PK\x01\x02");
  REQUIRE(central != std::string::npos);
  locked[central + 8] = static_cast<char>(locked[central + 8] | 1);
  const mime::Rope message(mail_with_file(locked, "a.zip"));
  auto options = world.options();
  check_clean(world.scan(message, options));
  options.encrypted_archives_are_viruses = true;
  CHECK(found_in(world.scan(message, options)) == "Heuristics.Encrypted.Zip");
}

TEST_CASE("where nothing can be unpacked nothing is clean") {
  const EngineWorld world;
  auto options = world.options();
  options.temp_dir = world.work.path() / "missing";
  check_failed(world.scan(mime::Rope(plain_mail("Ciao")), options), Failure::error);
}

TEST_CASE("a disk too small to unpack a message makes none clean") {
  const EngineWorld world;
  if (geteuid() != 0 ||
      mount("none", world.work.path().c_str(), "tmpfs", 0, "size=8m,mode=700") != 0) {
    WARN("skipped: no small disk can be mounted here");
    return;
  }
  auto options = world.options();
  options.temp_dir = world.work.path();
  const auto result = world.scan(mime::Rope(plain_mail("Ciao")), options);
  umount(world.work.path().c_str());
  check_failed(result, Failure::error);
  CHECK(result.reason.find("room") != std::string::npos);
}

TEST_CASE("an attachment that can't be written out is not clean") {
  const EngineWorld world;
  const ClamEngine engine(world.options(), [](std::string) {});
  const mime::Rope message(mail_with_file(noise(1'000'000)));
  check_clean(engine.scan(message));

  struct NoLargeFiles {
    NoLargeFiles() {
      getrlimit(RLIMIT_FSIZE, &before);
      const rlimit small{100'000, before.rlim_max};
      REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
    }
    ~NoLargeFiles() { setrlimit(RLIMIT_FSIZE, &before); }
    rlimit before{};
  };
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  ScanResult result;
  {
    const NoLargeFiles limit;
    result = engine.scan(message);
  }
  std::signal(SIGXFSZ, old_handler);
  check_failed(result, Failure::error);
}
