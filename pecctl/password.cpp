// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/password.hpp"

#include "base/text.hpp"

#include <crypt.h>
#include <cstdio>
#include <fmt/format.h>
#include <iostream>
#include <memory>
#include <string_view>
#include <termios.h>
#include <unistd.h>

namespace pec::pecctl {

namespace {

constexpr std::size_t shortest = 8;

// Turns the terminal's echo off as long as it lives.
class Unseen {
public:
  Unseen() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
    auto quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~Unseen() {
    if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

private:
  termios before_{};
  bool changed_ = false;
};

// The echo is off before the prompt appears, so even a quick answer stays hidden.
std::string ask(std::string_view prompt) {
  std::string line;
  {
    const Unseen unseen;
    fmt::print(stderr, "{}: ", prompt);
    std::fflush(stderr);
    std::getline(std::cin, line);
  }
  fmt::print(stderr, "\n");
  return line;
}

}  // namespace

Result<std::string> read_password(const std::string& prompt) {
  std::string password;
  if (isatty(STDIN_FILENO) == 1) {
    password = ask(prompt);
    if (ask("Once more") != password) return bad_input("the two passwords are not the same");
  } else {
    std::getline(std::cin, password);
  }
  if (password.size() < shortest)
    return bad_input(
        fmt::format("a password has {} letters or more; it is read from the terminal, or "
                    "as the first line of standard input",
                    shortest));
  if (text::printable(password) != password)
    return bad_input("the password holds a control character, which no mail client could send");
  return password;
}

Result<std::string> hash_password(const std::string& password) {
  const auto data = std::make_unique<crypt_data>();
  char salt[CRYPT_GENSALT_OUTPUT_SIZE];
  if (crypt_gensalt_rn("$y$", 0, nullptr, 0, salt, sizeof salt) == nullptr)
    return internal_error("libcrypt makes no salt for yescrypt");
  const char* hash = crypt_r(password.c_str(), salt, data.get());
  if (hash == nullptr || hash[0] == '*') return internal_error("libcrypt can't hash the password");
  return std::string("{CRYPT}") + hash;
}

}  // namespace pec::pecctl
