// SPDX-License-Identifier: GPL-2.0-or-later

// Reads MIME's header fields of a signed message and of its parts, if all readers read them alike.
// frame.cpp uses this, and has the rules.
//
//     PEC_TRY_VOID(plain::check_fields(header));
//     PEC_TRY(const auto type, plain::type_of(header));
//
// Error: why they can be read in more than one way. Pure, any thread.
#pragma once

#include "base/result.hpp"
#include "mime/header.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace pec::plain {

template <class T>
using Read = tl::expected<T, std::string>;

inline tl::unexpected<std::string> because(std::string why) {
  return tl::make_unexpected(std::move(why));
}

bool is_letter_or_digit(char c);  // of ASCII

// Names must be plain. Values have no NUL, and a blank follows each line end.
Read<void> check_fields(const mime::HeaderList& header);

// A Content-Type that all readers read alike.
struct ContentType {
  std::string value;                              // lower case
  std::map<std::string, std::string> parameters;  // names in lower case

  std::string parameter(std::string_view name) const;
};
// Nothing if the header has none: text/plain.
Read<std::optional<ContentType>> type_of(const mime::HeaderList& header);
Read<std::string> boundary_of(const ContentType& type);

// The Content-Transfer-Encoding. Lower case; empty if the header has none.
Read<std::string> encoding_of(const mime::HeaderList& header);
Read<void> check_unencoded(const mime::HeaderList& header);  // of a multipart
Read<void> check_version(const mime::HeaderList& header);

}  // namespace pec::plain
