// SPDX-License-Identifier: GPL-2.0-or-later

// The text that ends each message of a trial, as the provider's own (provider.text_file). UTF-8.
#pragma once

#include <string_view>

namespace pec {

inline constexpr std::string_view text_of_trial =
    "ATTENZIONE: questo messaggio proviene da un sistema di posta certificata in prova.\n"
    "Non ha alcun valore legale.\n"
    "This message comes from a trial of certified mail. It has no legal value.\n";

}  // namespace pec
