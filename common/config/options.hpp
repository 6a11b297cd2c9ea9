// SPDX-License-Identifier: GPL-2.0-or-later

// The one table of options. The parser, its messages, the sample file and the manual page
// pec.toml(5) are all made from it. So every option is in this table and has its documentation.
//
//     for (const Option& option : options()) print(option.key(), option.doc);
//
// To add one: a field in Config (config.hpp) and a row in options.cpp. All values are TOML strings,
// and a number may also be a TOML integer. The alternative of `Field` says how the text is read.
// Pure; any thread.
#pragma once

#include "config/config.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace pec::config {

// The place of a value in Config: a plain function, made by `at` from two pointers to members.
template <class T>
using Place = T& (*)(Config&);

template <auto... Members>
auto& at(Config& config) {
  return (config.*....*Members);
}

// Says why a value is wrong: "is not a milter socket; write it like this". Empty: it is right.
using Check = std::string (*)(std::string_view value);

struct Text {
  Place<std::string> place;
  Check check;
};

struct AbsolutePath {
  Place<std::filesystem::path> place;
  bool may_be_empty = false;
};

template <class E>
using Named = std::pair<std::string_view, E>;

template <class E>
struct Choice {
  Place<E> place;
  std::span<const Named<E>> names;
  std::pair<std::string_view, std::string_view> former{};  // a former choice, and what to do
};

struct Number {
  Place<std::uint64_t> place;
  std::uint64_t least, most;
  bool zero_too = false;  // 0 is allowed, too: off
};

// File name extensions, separated by blanks or commas; kept in lower case, without dot.
struct Extensions {
  Place<std::vector<std::string>> place;
};

// Values separated by blanks, in lower case if `lower`.
struct Words {
  Place<std::vector<std::string>> place;
  Check check;  // for each of them
  bool lower = false;
};

using Field = std::variant<Text, AbsolutePath, Number, Extensions, Words, Choice<LogDestination>,
                           Choice<LogLevel>, Choice<FormalLimits::Counted>, Choice<AntivirusEngine>,
                           Choice<Fallback>, Choice<TlsPolicy>, Choice<Accounts>, Choice<bool>>;

struct Option {
  std::string_view section;
  std::string_view name;
  bool required;
  std::string_view value;  // required: the example in the sample file; otherwise the default
  std::string_view doc;    // one sentence
  Field field;

  std::string key() const { return std::string(section) + "." + std::string(name); }
};

std::span<const Option> options();  // sections together, in the order of the sample file

// For rows of several files.
inline constexpr Named<Fallback> fallbacks[] = {{"wait", Fallback::wait}, {"pass", Fallback::pass}};
// More than any mail server takes. Small enough that no product of it overflows.
inline constexpr std::uint64_t most_octets = std::uint64_t{1} << 40;

// Sections of options() that have a file of their own.
std::span<const Option> antivirus_options();
std::span<const Option> site_options();

// The options of a secondary unit, [[unit]], which may occur several times. Their places are in
// Config::provider: each unit is read into a Config of its own.
std::span<const Option> unit_options();

// Puts the value in its place. If the value is wrong, returns why, as Check does, and leaves the
// place alone.
std::string assign(Config& config, const Option& option, std::string_view value);

// "debug | info | warn | error" for a choice, empty for the rest.
std::string choices_of(const Option& option);

}  // namespace pec::config
