// SPDX-License-Identifier: GPL-2.0-or-later

// Header fields (common/mime/header.hpp), their text (encoded_word.hpp) and parameters
// (parameterised.hpp).
//
// Input: a message's header, and any text after it.
// - Read and written, the bytes are the same.
// - Text decoded from a field can't start a new line, nor another field when it is written in one
//   of ours. Encoded and decoded, it is the same text.
#include "base/text.hpp"
#include "fuzz/property.hpp"
#include "mime/encoded_word.hpp"
#include "mime/encoder.hpp"
#include "mime/header.hpp"
#include "mime/parameterised.hpp"

#include <string>

using namespace pec::mime;
using pec::fuzz::must_hold;
using pec::fuzz::on_one_line;

namespace {

bool fits_lines(std::string_view value, std::size_t first_line_used) {
  std::size_t used = first_line_used;
  for (const auto line : pec::text::split(value, '\n')) {
    if (used + line.size() > (line.ends_with('\r') ? 77 : 76)) return false;
    used = 0;
  }
  return true;
}

void check_text(const HeaderField& field) {
  const std::string text = decode_text(field.value);
  must_hold(is_utf8(text) && on_one_line(text), "decoded text is UTF-8 on one line");
  const std::string encoded = encode_text(text, 9);
  must_hold(
      decode_text(encoded) == std::string(pec::text::trim(text)) || decode_text(encoded) == text,
      "text is the same, encoded and decoded");
  must_hold(fits_lines(encoded, 9), "encoded text fits its lines");

  HeaderList ours;
  ours.add("Subject", encoded);  // throws if it held a line break
  const auto read = parse_header(ours.wire() + "\r\n");
  must_hold(read.fields == ours && read.fields.size() == 1,
            "whatever its text, one field of ours is one field");
}

void check_parameters(const HeaderField& field) {
  const auto parsed = parse_parameterised(field.value);
  for (const auto& [name, value] : parsed.parameters) {
    if (name == "boundary") continue;  // kept as it came
    must_hold(is_utf8(value) && on_one_line(value), "a parameter is UTF-8 on one line");
    if (value.find("=?") != std::string::npos) continue;  // read as an encoded word, as many do
    const auto again = parse_parameterised(encode_parameterised("attachment", "filename", value));
    // Blanks at its ends don't count.
    must_hold(again.value == "attachment" &&
                  pec::text::trim(again.parameter("filename")) == pec::text::trim(value),
              "a parameter is the same, encoded and decoded");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string message = pec::fuzz::wire_form(pec::fuzz::text_of(data, size));
  const ParsedHeader header = parse_header(message);
  const auto read = std::string_view(message).substr(0, header.body_offset);
  const std::string written = header.fields.wire();
  must_hold(written == read || written + "\r\n" == read || written == std::string(read) + "\r\n",
            "a header is written as it was read");

  const auto again = parse_header(written);
  must_hold(again.fields == header.fields && again.body_offset == written.size(),
            "what was written reads the same");
  for (const HeaderField& field : header.fields) {
    must_hold(on_one_line(field.unfolded()) ||
                  field.unfolded().find_first_of("\r\n") == std::string::npos,
              "unfolded, a value is one line");
    check_text(field);
    check_parameters(field);
  }
  return 0;
}
