// SPDX-License-Identifier: GPL-2.0-or-later

// Latin-1 for the text parts of what we write (RFC 6109, 4.3 as this project reads it): a provider's
// texts are ISO-8859-1, and what that lacks is transliterated as well as possible.
//
//     to_latin1("città, 10 €");           // città, 10 EUR
//     to_latin1("Καλημέρα, 你好");        // Kaleméra, ni hao
//     to_latin1_html("a &lt; b ＜ c");    // a &lt; b &lt; c
//
// Any bytes will do: what is not UTF-8 is read as Latin-1. Characters of Latin-1, line ends and so
// every ASCII address and number come out as they went in. Any thread, at any time. Both throw
// std::runtime_error if ICU lacks its data: a broken installation, whatever the text.
#pragma once

#include <string>
#include <string_view>

namespace pec::mime {

// What nobody knows (emoji) becomes "?", or nothing if it only decorates or joins its neighbours.
std::string to_latin1(std::string_view utf8);

// The same for HTML: the "<", ">" and "&" that some characters turn into ("＜", "→", "＆") are
// escaped, so that nothing becomes markup that was not.
std::string to_latin1_html(std::string_view utf8);

}  // namespace pec::mime
