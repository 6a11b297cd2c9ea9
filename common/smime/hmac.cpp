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

Result<HmacAuthenticator> HmacAuthenticator::from_file(const std::filesystem::path& path) {
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

  const std::string digits(text::trim(*content));
  Secret secret{};
  std::size_t size = 0;
  if (digits.size() != 2 * secret.size() ||
      OPENSSL_hexstr2buf_ex(secret.data(), secret.size(), &size, digits.c_str(), '\0') != 1)
    return bad_input(fmt::format("{} does not hold a secret of 64 hexadecimal digits; {}",
                                 path.string(), how_to_make));
  return HmacAuthenticator(secret);
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
