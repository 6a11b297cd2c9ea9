// SPDX-License-Identifier: GPL-2.0-or-later

// Tells which certified message this is, from its own bytes (pec/message_identity.hpp). The
// delivery journal uses the result, and so does the search for a message in a mailbox.
//
//     MessageIdentifier identifier(temp_dir);
//     identifier.append(chunk);                          // CRLF line ends, as on the wire
//     Result<std::string> identity = identifier.finish(Claim::receipt);
//
// It verifies nothing: pec-milter did that before Postfix took the message. Errors: bad_input, with
// the reason, if nothing under a signature identifies the message; unavailable if the temporary
// file can't be used. A message over 1 MiB lies in that file, so memory does not grow with it. Used
// once, by one thread.
#pragma once

#include "base/result.hpp"
#include "mime/body_spool.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace pec::delivery {

// The kind of message that the header claims.
enum class Claim {
  envelope,  // transport or anomaly envelope: its identity is the bytes that were signed
  receipt,   // receipt or notice: its identity is the signer, the kind and the message it is about
};

class MessageIdentifier {
public:
  explicit MessageIdentifier(std::filesystem::path temp_dir) : spool_(std::move(temp_dir)) {}

  Result<void> append(std::string_view chunk) { return spool_.append(chunk); }
  Result<std::string> finish(Claim claim);

private:
  mime::BodySpool spool_;
};

}  // namespace pec::delivery
