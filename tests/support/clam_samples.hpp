// SPDX-License-Identifier: GPL-2.0-or-later

// A small virus database, and messages with or without its viruses. The public database is large
// and must be fetched; three signatures show the scanner's work as well.
#pragma once

#include "mime/encoder.hpp"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pec::test {

// The harmless string that every scanner calls a virus. It is in two halves, or scanners would find
// this file.
inline std::string eicar() {
  return std::string(R"(X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR)") +
         "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
}
inline const std::string second_pattern = "this is the pattern of the second test virus";

// The program that ClamAV's own test files carry (Debian: clamav-testfiles).
inline const std::filesystem::path clam_testfiles = "/usr/share/clamav-testfiles";

inline std::string hex_of(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return hex;
}

inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("can't read " + path.string());
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

// Writes under another name first, so that no reader of the folder sees half a file.
inline void put_file(const std::filesystem::path& path, std::string_view content) {
  const auto half = path.string() + ".dat";
  if (!std::ofstream(half, std::ios::binary).write(content.data(), std::ssize(content)))
    throw std::runtime_error("can't write " + half);
  std::filesystem::rename(half, path);
}

inline std::string signature(std::string_view name, std::string_view pattern) {
  return fmt::format("{}:0:*:{}\n", name, hex_of(pattern));
}

// Test.Eicar, and Test.Clam for the program in the test files.
inline void make_database(const std::filesystem::path& folder) {
  put_file(folder / "test.ndb", signature("Test.Eicar", eicar()));
  put_file(folder / "test.hdb", "aa15bcf478d165efd2065190eb473bcb:544:Test.Clam\n");
}
inline void add_second_signature(const std::filesystem::path& folder) {
  put_file(folder / "second.ndb", signature("Test.Second", second_pattern));
}

// Adds `count` signatures of random patterns and files: only a large database shows its cost.
inline void add_signatures(const std::filesystem::path& folder, std::size_t count) {
  std::mt19937_64 random(1);
  std::string patterns, files;
  for (std::size_t i = 0; i < count; ++i) {
    const auto bytes = fmt::format("{:016x}{:016x}", random(), random());
    if (i % 2 == 0)
      patterns += fmt::format("Made.Pattern{}:0:*:{}\n", i, bytes);
    else
      files += fmt::format("{}:{}:Made.File{}\n", bytes, 100 + random() % 1'000'000, i);
  }
  put_file(folder / "made.ndb", patterns);
  put_file(folder / "made.hdb", files);
}

// ---- messages ---------------------------------------------------------------------------------

inline std::string mail(std::string_view fields, std::string_view body) {
  return fmt::format(
      "From: anna@pec.alfa.example\r\nTo: bruno@pec.beta.example\r\nSubject: Prova\r\n"
      "MIME-Version: 1.0\r\n{}\r\n{}",
      fields, body);
}

inline std::string plain_mail(std::string_view text) {
  return mail("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n",
              fmt::format("{}\r\n", text));
}

// `fields` are those of the part.
inline std::string mail_with_part(std::string_view fields, std::string_view content) {
  return mail("Content-Type: multipart/mixed; boundary=\"b\"\r\n",
              fmt::format("--b\r\nContent-Type: text/plain\r\n\r\nCiao.\r\n"
                          "--b\r\n{}\r\n{}\r\n--b--\r\n",
                          fields, content));
}

inline std::string mail_with_file(std::string_view content, std::string_view name = "a.bin") {
  return mail_with_part(fmt::format("Content-Type: application/octet-stream; name=\"{0}\"\r\n"
                                    "Content-Disposition: attachment; filename=\"{0}\"\r\n"
                                    "Content-Transfer-Encoding: base64\r\n",
                                    name),
                        mime::encode_base64(content));
}

inline std::string attached(std::string_view message) {
  return mail_with_part("Content-Type: message/rfc822; name=\"postacert.eml\"\r\n", message);
}

// As providers send it: multipart/signed around multipart/mixed around the original.
inline std::string envelope_of(std::string_view original) {
  const auto outer = fmt::format("outer-{}", original.size());  // never the same inside
  const auto inner = fmt::format("inner-{}", original.size());
  const auto data = mime::encode_base64("<?xml version=\"1.0\"?><postacert/>");
  const auto signature = mime::encode_base64("no signature, but it looks like one");
  return mail(
      fmt::format("X-Trasporto: posta-certificata\r\nContent-Type: multipart/signed; "
                  "protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=\"{}\"\r\n",
                  outer),
      fmt::format("--{0}\r\nContent-Type: multipart/mixed; boundary=\"{1}\"\r\n\r\n"
                  "--{1}\r\nContent-Type: text/plain\r\n\r\nMessaggio di posta certificata\r\n"
                  "--{1}\r\nContent-Type: application/xml; name=\"daticert.xml\"\r\n"
                  "Content-Transfer-Encoding: base64\r\n\r\n{2}\r\n"
                  "--{1}\r\nContent-Type: message/rfc822; name=\"postacert.eml\"\r\n\r\n{3}\r\n"
                  "--{1}--\r\n\r\n"
                  "--{0}\r\nContent-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
                  "Content-Transfer-Encoding: base64\r\n\r\n{4}\r\n--{0}--\r\n",
                  outer, inner, data, original, signature));
}

// A zip archive with one file. Python makes it, in `folder`.
inline std::string zip_of(const std::filesystem::path& folder, std::string_view name,
                          std::string_view content) {
  const auto member = folder / name, archive = folder / "made.zip";
  put_file(member, content);
  const auto command =
      fmt::format("python3 -m zipfile -c '{}' '{}'", archive.string(), member.string());
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
  return content_of(archive);
}

}  // namespace pec::test
