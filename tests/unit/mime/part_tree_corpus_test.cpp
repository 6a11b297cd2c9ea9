// SPDX-License-Identifier: GPL-2.0-or-later

// The messages of real providers that lie beside the project. Read in place, never copied into it.
#include "base/file.hpp"
#include "mime/message.hpp"
#include "mime/part_tree.hpp"
#include "support/results.hpp"
#include "unit/mime/tree_text.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

using namespace pec;
using namespace pec::mime;
using namespace pec::test;

namespace {

const std::filesystem::path corpus = std::filesystem::path(PEC_SHARED_DIR) / "corpus";

bool corpus_is_missing() {
  if (std::filesystem::is_directory(corpus)) return false;
  WARN("SKIPPED: no corpus of real messages in " << corpus.string());
  return true;
}

std::vector<std::filesystem::path> messages_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".eml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// As it was on the wire: some files were stored with LF.
std::string wire_text(const std::filesystem::path& file) {
  const auto content = value_of(read_file(file));
  std::string out;
  for (const char c : content) {
    if (c == '\n' && !out.ends_with('\r')) out += '\r';
    out += c;
  }
  return out;
}

const Part* find_file(const Part& parent, std::string_view name) {
  for (const Part& child : parent.children)
    if (child.file_name() == name) return &child;
  return nullptr;
}

}  // namespace

TEST_CASE("real messages are written as they were read", "[corpus]") {
  if (corpus_is_missing()) return;
  const auto files = messages_in(corpus);
  REQUIRE(files.size() >= 11);
  for (const auto& file : files) {
    INFO(file.string());
    const std::string text = wire_text(file);
    const Message message = split_message(Bytes::of(text));
    CHECK(message.header.wire() + "\r\n" + std::string(message.body.view) == text);
    CHECK(message.size() == text.size());
  }
}

TEST_CASE("real messages have the structure that the rules give", "[corpus][rule:8.1]") {
  if (corpus_is_missing()) return;
  for (const auto& file : messages_in(corpus)) {
    INFO(file.string());
    const Message message = split_message(Bytes::of(wire_text(file)));
    const PartTree tree = parse_message(message.header, message.body.view);
    INFO(types_of(tree.root));
    CHECK_FALSE(tree.truncated());
    REQUIRE(tree.root.content_type.value == "multipart/signed");
    REQUIRE_FALSE(tree.root.children.empty());
    const Part& mixed = tree.root.children[0];
    REQUIRE(mixed.content_type.value == "multipart/mixed");

    const Part* data = find_file(mixed, "daticert.xml");
    REQUIRE(data != nullptr);
    CHECK(data->content_type.value == "application/xml");
    const std::string xml = decode_content(*data, message.body.view);
    CHECK(xml.starts_with("<?xml"));
    CHECK(xml.find("</postacert>") != std::string::npos);

    if (const Part* original = find_file(mixed, "postacert.eml")) {
      CHECK(original->content_type.value == "message/rfc822");
      REQUIRE(original->children.size() == 1);
      CHECK(original->children[0].header.find("From") != nullptr);
    }
  }
}

TEST_CASE("the signature of a real signed message is its second part", "[corpus][rule:2.2.2]") {
  if (corpus_is_missing()) return;
  for (const auto& file : messages_in(corpus / "signed")) {
    INFO(file.string());
    const Message message = split_message(Bytes::of(wire_text(file)));
    const PartTree tree = parse_message(message.header, message.body.view);
    REQUIRE(tree.root.children.size() == 2);
    CHECK(tree.root.closed);
    CHECK(tree.root.children[0].closed);
    const Part& signature = tree.root.children[1];
    CHECK(signature.file_name() == "smime.p7s");
    const std::string der = decode_content(signature, message.body.view);
    REQUIRE(der.size() > 1000);
    CHECK(der[0] == '\x30');  // an ASN.1 sequence
  }
}
