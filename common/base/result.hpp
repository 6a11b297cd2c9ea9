// SPDX-License-Identifier: GPL-2.0-or-later

// Result<T>: the value, or why there is none. For all that input or environment can cause.
// Exceptions are for start-up and programming errors only.
//
//     PEC_TRY(const std::string text, read_file(path));  // or returns read_file()'s error
//     PEC_TRY_VOID(remove_file(path));
//
// An Error has two texts on purpose. `public_text` may go into an SMTP reply or a notice. `detail`
// goes into the log and may name files, peers and library messages.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace pec {

// What must change before the same can succeed. The SMTP reply follows from it (milter/reply.hpp).
enum class Fault {
  rejected,     // nothing: a rule forbids this input, now and always
  bad_input,    // the input: it can't be read
  unavailable,  // the world around us: something is down or full, so try again later
  internal,     // our own state or code: try again later, and look at the log
};

// The part that failed. Alerts are gathered by it (milter/tally.hpp). So failures that anybody can
// cause, by a message that can't be scanned or by too many at once, are apart from outages.
enum class ErrorSource {
  unnamed,      // the fault says it
  ledger,       // a database
  scanner,      // pec-scanner or clamd, or its virus signatures
  scan,         // the scan of this message, or the turn for it
  signing,      // our own certificate or key
  revocation,   // what we know about others' certificates
  disk,         // temporary files, the virus store
  load,         // connections and memory
  aliases,      // Postfix's tables
  mail_server,  // Postfix's side of the milter protocol
  message,      // it can't be read, or a rule refuses it
  internal,     // our own state or code
};

struct Error {
  Fault fault = Fault::internal;
  std::string public_text;  // one line, fit for the outside
  std::string detail;       // one line, for the log; never message content or secrets
  ErrorSource source{};     // set by the maker of the error, if it is known there

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

// A sentence for the administrator about a wrong file, setting or key.
inline tl::unexpected<Error> bad_input(std::string detail) {
  return fail(Fault::bad_input, "invalid input", std::move(detail));
}

inline tl::unexpected<Error> unavailable(std::string detail, ErrorSource source = {}) {
  return fail(Fault::unavailable, "temporarily unavailable", std::move(detail), source);
}

inline tl::unexpected<Error> internal_error(std::string detail) {
  return fail(Fault::internal, "internal error", std::move(detail));
}

// PEC_TRY declares a variable with the value of a Result, or returns its error from the function
// around it. It is more than one statement, so it never stands under an `if` without braces.
// PEC_TRY_VOID is for results whose value is not needed.
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
