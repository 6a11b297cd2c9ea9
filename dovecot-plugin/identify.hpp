// SPDX-License-Identifier: GPL-2.0-or-later

// What a message of certified mail is, from its own bytes (pec/message_identity.hpp): for the
// delivery journal, and for finding the message in a mailbox again.
//
//     MessageIdentifier identifier(temp_dir);
//     identifier.append(chunk);                          // CRLF line ends, as on the wire
//     Result<std::string> identity = identifier.finish(Claim::receipt);
//
// It believes and verifies nothing: pec-milter did, before Postfix took the message. Errors:
// bad_input, with the reason, if there is nothing under a signature that would say what the message
// is; unavailable if the temporary file can't be used. Over 1 MiB the message lies in such a file,
// so memory does not grow with it. Used once, by one thread.
#pragma once

#include "base/result.hpp"
#include "mime/body_spool.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace pec::delivery {

// What the header says that it is.
enum class Claim {
  envelope,  // transport or anomaly: the bytes that were signed
  receipt,   // or notice: who says what of which message
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
