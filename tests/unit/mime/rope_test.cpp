// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/rope.hpp"

#include "mime/message.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace pec::mime;

namespace {

std::vector<std::string_view> slices_of(const Rope& rope) {
  std::vector<std::string_view> slices;
  rope.for_each([&](std::string_view slice) { slices.push_back(slice); });
  return slices;
}

}  // namespace

TEST_CASE("a rope is its slices in order, none of them empty") {
  Rope rope("one");
  rope.append("");
  rope.append(Bytes{});
  rope.append(" two");
  CHECK(rope.size() == 7);
  CHECK(rope.str() == "one two");
  CHECK(slices_of(rope) == std::vector<std::string_view>{"one", " two"});
  CHECK(Rope().str() == "");
}

TEST_CASE("a rope copies no bytes and keeps their owner alive") {
  Bytes original = Bytes::of(std::string(10'000, 'x'));
  const char* address = original.view.data();
  const std::weak_ptr<const void> owner = original.owner;

  Rope rope;
  rope.append(original.sub(10, 100));
  rope.append(original.sub(9'000));
  original = {};
  CHECK(slices_of(rope)[0].data() == address + 10);
  CHECK(slices_of(rope)[1].size() == 1'000);
  CHECK_FALSE(owner.expired());

  Rope copy = rope;
  rope = Rope();
  CHECK(slices_of(copy)[0].data() == address + 10);
  copy = Rope();
  CHECK(owner.expired());
}

TEST_CASE("ropes are joined, also with themselves") {
  Rope rope("a");
  rope.append("b");
  Rope outer("<");
  outer.append(rope);
  outer.append(outer);
  CHECK(outer.str() == "<ab<ab");
  CHECK(outer.size() == 6);
}

TEST_CASE("a short string's bytes stay where they are when the bytes move") {
  Bytes bytes = Bytes::of("short");
  const Bytes moved = std::move(bytes);
  CHECK(moved.view == "short");
}

TEST_CASE("a message is split without copying its body, and written as it was") {
  const std::string text = "Subject: x\r\nTo: a@alfa.example\r\n\r\nbody\r\n";
  const Bytes whole = Bytes::of(text);
  const Message message = split_message(whole);
  CHECK(message.header.size() == 2);
  CHECK(message.body.view == "body\r\n");
  CHECK(message.body.view.data() == whole.view.data() + text.find("body"));
  CHECK(message.size() == text.size());

  OutgoingMessage outgoing{message.header, Rope()};
  outgoing.body.append(message.body);
  CHECK(outgoing.wire().str() == text);
}
