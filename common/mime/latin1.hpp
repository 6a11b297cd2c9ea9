// SPDX-License-Identifier: GPL-2.0-or-later

// Latin-1 for the text parts that we write (RFC 6109, 4.3 as this project reads it). A provider's
// texts are ISO-8859-1. Other characters are transliterated as well as possible.
//
//     to_latin1("città, 10 €");           // città, 10 EUR
//     to_latin1("Καλημέρα, 你好");        // Kaleméra, ni hao
//     to_latin1_html("a &lt; b ＜ c");    // a &lt; b &lt; c
//
// Any bytes are accepted: bytes that are not UTF-8 are read as Latin-1. Line ends and characters of
// Latin-1 come out unchanged, and so does every ASCII address or number. Any thread, at any time.
// Both functions throw std::runtime_error if ICU lacks its data: a broken installation, whatever
// the text.
#pragma once

#include <string>
#include <string_view>

namespace pec::mime {

// Unknown characters (emoji) become "?", or nothing if they only decorate or join their neighbours.
std::string to_latin1(std::string_view utf8);

// The same for HTML. Some characters turn into "<", ">" or "&" ("＜", "→", "＆"). These are escaped,
// so they never become markup.
std::string to_latin1_html(std::string_view utf8);

}  // namespace pec::mime
