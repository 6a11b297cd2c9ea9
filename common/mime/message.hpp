// SPDX-License-Identifier: GPL-2.0-or-later

// A message as it came over SMTP: header fields and body, immutable.
#pragma once

#include "mime/header.hpp"
#include "mime/rope.hpp"

namespace pec::mime {

struct Message {
  HeaderList header;
  Bytes body;  // after the empty line; CRLF line ends

  // The message on the wire, with header lines and separating line. The body is not copied.
  std::size_t size() const;
  Rope wire() const;
};

// A message of ours on its way out: the body is still a rope.
struct OutgoingMessage {
  HeaderList header;
  Rope body;

  Rope wire() const;
};

// Splits a whole message (CRLF line ends), for files and tests. The bytes stay where they are.
Message split_message(const Bytes& whole);

}  // namespace pec::mime
