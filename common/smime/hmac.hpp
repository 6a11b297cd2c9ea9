// SPDX-License-Identifier: GPL-2.0-or-later

// HMAC-SHA-256 under a secret of this installation: the Authenticator of internal recipients
// (pec/internal_recipient.hpp; RFC 2104).
//
//     auto secret = HmacAuthenticator::from_file("/etc/pec/internal.secret");
//     if (!secret) return tl::unexpected(secret.error());
//     auto mac = secret->mac("text");                 // 32 bytes
//
// Immutable; any thread.
#pragma once

#include "base/result.hpp"
#include "pec/ports.hpp"

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

namespace pec::smime {

// The digits themselves, for code that compares them as they are written. Errors as from_file().
Result<std::string> secret_digits(const std::filesystem::path& path);

class HmacAuthenticator final : public Authenticator {
public:
  using Secret = std::array<unsigned char, 32>;

  explicit HmacAuthenticator(const Secret& secret) : secret_(secret) {}

  // The file holds 64 hexadecimal digits and may end with a line end. Let only its owner read it.
  // Error: bad_input, with a sentence for the administrator that never shows the content.
  static Result<HmacAuthenticator> from_file(const std::filesystem::path& path);

  // Throws std::runtime_error if OpenSSL has no memory or no SHA-256.
  std::string mac(std::string_view text) const override;

private:
  Secret secret_;
};

}  // namespace pec::smime
