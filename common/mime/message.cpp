// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/message.hpp"

#include <utility>

namespace pec::mime {

std::size_t Message::size() const {
  return header.wire().size() + 2 + body.view.size();
}

Rope Message::wire() const {
  Rope rope(header.wire() + "\r\n");
  rope.append(body);
  return rope;
}

Rope OutgoingMessage::wire() const {
  Rope out(header.wire() + "\r\n");
  out.append(body);
  return out;
}

Message split_message(const Bytes& whole) {
  ParsedHeader parsed = parse_header(whole.view);
  return {std::move(parsed.fields), whole.sub(parsed.body_offset)};
}

}  // namespace pec::mime
