// Result<T>: the value, or why there is none. For everything that input or environment can cause;
// exceptions are for start-up and for programming errors only.
//
//     Result<int> limit = parse_limit(text);
//     if (!limit) return tl::unexpected(limit.error());
//     use(*limit);
//
// An Error has two texts on purpose: `public_text` may go into an SMTP reply or a notice, `detail`
// goes into the log and may name files, peers and library messages.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace pec {

// Who must act for the operation to succeed; the SMTP reply follows from it (milter/reply.hpp).
enum class Fault {
  rejected,     // a rule says no: the same input will always be refused
  bad_input,    // what came from outside can't be read
  unavailable,  // something we need is down or full: try again later
  internal,     // our own state or code is not as it must be: try again later, and look at the log
};

struct Error {
  Fault fault = Fault::internal;
  std::string public_text;  // one line, fit for the outside
  std::string detail;       // one line, for the log; never message content or secrets

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Fault fault, std::string public_text, std::string detail = {}) {
  return tl::make_unexpected(Error{fault, std::move(public_text), std::move(detail)});
}

// What is wrong with a file, a setting or a key, in one sentence for the administrator.
inline tl::unexpected<Error> bad_input(std::string detail) {
  return fail(Fault::bad_input, "invalid input", std::move(detail));
}

inline tl::unexpected<Error> unavailable(std::string detail) {
  return fail(Fault::unavailable, "temporarily unavailable", std::move(detail));
}

inline tl::unexpected<Error> internal_error(std::string detail) {
  return fail(Fault::internal, "internal error", std::move(detail));
}

}  // namespace pec
