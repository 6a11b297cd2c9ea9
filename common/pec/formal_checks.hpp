// The formal checks of the access point (RFC 6109, 3.1.1), one function each. A check answers with
// what is wrong, in the words that the user reads (Italian), or with nothing.
//
//     std::vector<std::string> failures = check_formally(message, submission);
#pragma once

#include "mime/message.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pec {

// The SMTP side of a submission.
struct Submission {
  std::string login;                    // authenticated user
  std::string sender;                   // reverse path, without brackets
  std::vector<std::string> recipients;  // forward paths, as given
};

using FormalFailure = std::optional<std::string>;

// `From:` holds exactly one address, and it is valid.
FormalFailure check_from(const mime::Message& message);
// `To:` holds at least one valid address.
FormalFailure check_to(const mime::Message& message);
// The reverse path equals the `From:` address.
FormalFailure check_sender(const mime::Message& message, const Submission& submission);
// Every SMTP recipient is in `To:` or `Cc:`.
FormalFailure check_recipients(const mime::Message& message, const Submission& submission);
// `Bcc:` holds no value.
FormalFailure check_bcc(const mime::Message& message);
// Fields that may occur once do (RFC 5322, 3.6): with two of them, nobody can say which is meant.
FormalFailure check_single_fields(const mime::Message& message);
// No field is so long that the mail server may have cut it off: Postfix does so at 60,000 bytes, at
// the end of the last line before, and says nothing.
FormalFailure check_field_sizes(const mime::Message& message);

// All of them; every failure is listed.
std::vector<std::string> check_formally(const mime::Message& message, const Submission& submission);

}  // namespace pec
