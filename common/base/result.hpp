// SPDX-License-Identifier: GPL-2.0-or-later

// Result<T>: the value, or why there is none. For everything that input or environment can cause;
// exceptions are for start-up and for programming errors only.
//
//     PEC_TRY(const auto text, read_file(path));  // or returns read_file()'s error
//     PEC_TRY_VOID(keep(text));
//
// An Error has two texts on purpose: `public_text` may go into an SMTP reply or a notice, `detail`
// goes into the log and may name files, peers and library messages.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace pec {

// What must change before the same can succeed; the SMTP reply follows from it (milter/reply.hpp).
enum class Fault {
  rejected,     // a rule, which says no to this input and always will
  bad_input,    // the input, which is not what it must be
  unavailable,  // the world around us, where something is down or full: it may succeed later
  internal,     // our own state or code, which is not as it must be: it may once an operator has looked
};

// What did not do its work. Alerts are gathered by it (milter/tally.hpp), so one that anybody can cause, by a
// message that can't be scanned or by too many at once, is apart from those that mean an outage.
enum class ErrorSource {
  unnamed,      // what the fault says
  ledger,       // a database
  scanner,      // pec-scanner or clamd, or its signatures of viruses
  scan,         // the scan of this message, or the turn for it
  signing,      // our own certificate or key
  revocation,   // what is known of others' certificates
  disk,         // temporary files, the virus store
  load,         // connections and memory
  aliases,      // Postfix's tables
  mail_server,  // Postfix's side of the milter protocol
  message,      // that can't be read, or is refused by a rule
  internal,     // our own state or code
};

struct Error {
  Fault fault = Fault::internal;
  std::string public_text;  // one line, fit for the outside
  std::string detail;       // one line, for the log; never message content or secrets
  ErrorSource source{};     // set by whoever makes the error and knows it

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = tl::expected<T, Error>;

inline ErrorSource source_of(const Error& error) {
  if (error.source != ErrorSource::unnamed) return error.source;
  switch (error.fault) {
    case Fault::rejected:
    case Fault::bad_input:
      return ErrorSource::message;
    case Fault::internal:
      return ErrorSource::internal;
    case Fault::unavailable:
      break;
  }
  return ErrorSource::unnamed;
}

inline tl::unexpected<Error> fail(Fault fault, std::string public_text, std::string detail = {},
                                  ErrorSource source = {}) {
  return tl::make_unexpected(Error{fault, std::move(public_text), std::move(detail), source});
}

// What is wrong with a file, a setting or a key, in one sentence for the administrator.
inline tl::unexpected<Error> bad_input(std::string detail) {
  return fail(Fault::bad_input, "invalid input", std::move(detail));
}

inline tl::unexpected<Error> unavailable(std::string detail, ErrorSource source = {}) {
  return fail(Fault::unavailable, "temporarily unavailable", std::move(detail), source);
}

inline tl::unexpected<Error> internal_error(std::string detail) {
  return fail(Fault::internal, "internal error", std::move(detail));
}

// PEC_TRY declares a variable with the value of a Result, or returns its error from the function around it. It is
// more than one statement, so it stands by itself, never under an `if` without braces. PEC_TRY_VOID is for results
// whose value is not wanted.
#define PEC_TRY(declaration, ...) \
  PEC_TRY_AS_(PEC_JOINED_(tried_, __LINE__), declaration, __VA_ARGS__)
#define PEC_TRY_AS_(result, declaration, ...)                    \
  auto result = (__VA_ARGS__);                                   \
  if (!result) return tl::unexpected(std::move(result).error()); \
  declaration = *std::move(result)
#define PEC_TRY_VOID(...) \
  if (auto tried_ = (__VA_ARGS__); !tried_) return tl::unexpected(std::move(tried_).error())
#define PEC_JOINED_(left, right) PEC_JOINED_AS_(left, right)
#define PEC_JOINED_AS_(left, right) left##right

}  // namespace pec
