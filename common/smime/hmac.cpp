// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/hmac.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "smime/openssl_errors.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdexcept>

namespace pec::smime {

namespace {

struct ReadSecret {
  std::string digits;
  HmacAuthenticator::Secret octets{};
};

Result<ReadSecret> read_secret(const std::filesystem::path& path) {
  OpenSslErrors errors;
  const auto how_to_make = fmt::format(
      "make one with \"(umask 077; openssl rand -hex 32 > {})\", the same on every host that "
      "shares it",
      path.string());
  const auto content = read_file(path);
  if (!content) {
    if (std::filesystem::exists(path)) return tl::unexpected(content.error());
    return bad_input(fmt::format("{}; or {}", content.error().detail, how_to_make));
  }

  ReadSecret secret{.digits = std::string(text::trim(*content))};
  std::size_t size = 0;
  if (secret.digits.size() != 2 * secret.octets.size() ||
      OPENSSL_hexstr2buf_ex(secret.octets.data(), secret.octets.size(), &size,
                            secret.digits.c_str(), '\0') != 1)
    return bad_input(fmt::format("{} does not hold a secret of 64 hexadecimal digits; {}",
                                 path.string(), how_to_make));
  return secret;
}

}  // namespace

Result<std::string> secret_digits(const std::filesystem::path& path) {
  return read_secret(path).map([](ReadSecret&& secret) { return std::move(secret.digits); });
}

Result<HmacAuthenticator> HmacAuthenticator::from_file(const std::filesystem::path& path) {
  return read_secret(path).map(
      [](const ReadSecret& secret) { return HmacAuthenticator(secret.octets); });
}

std::string HmacAuthenticator::mac(std::string_view text) const {
  OpenSslErrors errors;
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(),
           &size) == nullptr)
    throw std::runtime_error("HMAC-SHA-256 failed: " + errors.take());
  return {reinterpret_cast<const char*>(out.data()), size};
}

}  // namespace pec::smime
