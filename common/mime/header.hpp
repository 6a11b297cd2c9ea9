// SPDX-License-Identifier: GPL-2.0-or-later

// Header fields as they came, byte for byte (RFC 5322, 2.2).
//
// A field's value is everything after the colon, without the final line end. It keeps the leading
// blank and the folds ("\r\n" + blank). name + ":" + value + "\r\n" is the field on the wire, and a
// HeaderList that is written out equals its input. There are two exceptions: a line end of LF alone
// becomes CRLF, and a last line without a line end gets CRLF.
//
// A name may end in blanks ("Subject : x", RFC 5322, 4.5). They stay in `name`; look-ups ignore
// them. Plain values: one thread at a time for each object, as with any container.
//
//     const HeaderField* subject = header.find("Subject");        // first, any case; or nullptr
//     std::string text = subject ? subject->unfolded() : "";
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pec::mime {

struct HeaderField {
  std::string name;
  std::string value;  // raw: leading blank and folds included

  // The value on one line: folds removed (RFC 5322, 2.2.3), outer blanks trimmed. A stray CR or LF
  // becomes a blank, so the result never holds a line break.
  std::string unfolded() const;
  bool is(std::string_view other_name) const;  // any case; ignores trailing blanks of the name
  std::string wire() const;

  bool operator==(const HeaderField&) const = default;
};

// Whether folds are the only line breaks in a raw value: LF follows each CR, and a blank follows
// each LF; no LF stands without its CR.
bool holds_only_folds(std::string_view value);

class HeaderList {
public:
  using const_iterator = std::vector<HeaderField>::const_iterator;

  // Appends a field as it came. `raw_value` includes the leading blank, if there was one.
  void add_raw(std::string name, std::string raw_value);
  // Appends a field of ours, with one blank before the value. The name must be a field name, and
  // the value must hold no CR or LF outside folds. Anything else is a programming error
  // (std::invalid_argument): this wall keeps header injection out.
  void add(std::string name, std::string_view value);

  const HeaderField* find(std::string_view name) const;  // the first one; nullptr if none
  std::vector<const HeaderField*> find_all(std::string_view name) const;
  std::string unfolded(std::string_view name) const;  // of the first field; empty if there is none

  const_iterator begin() const { return fields_.begin(); }
  const_iterator end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }
  bool empty() const { return fields_.empty(); }

  std::string wire() const;  // all fields, without the empty line

  bool operator==(const HeaderList&) const = default;

private:
  std::vector<HeaderField> fields_;
};

// Splits a header block as it stands in a message or a MIME part. Never fails. A line that is not a
// field (no colon, blanks in the name) ends the header, as in most mail software. `body_offset`:
// where the body starts, after the empty line or at the offending line.
//
// `stop_at` is asked about each line first. If it returns true, the header ends there, as at an
// offending line: in a MIME part a boundary has precedence.
struct ParsedHeader {
  HeaderList fields;
  std::size_t body_offset = 0;
};
using HeaderStop = std::function<bool(std::string_view line)>;  // the line with its line end
ParsedHeader parse_header(std::string_view message, const HeaderStop& stop_at = {});

}  // namespace pec::mime
