// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/signed_file.hpp"

#include "base/text.hpp"
#include "smime/certificate.hpp"

#include <chrono>
#include <fmt/format.h>

namespace pec::directory {

namespace {

// Some versions of OpenSSL's command print "O = Index, CN = Signer"; both forms are accepted.
bool is_subject(const std::string& found, const std::string& expected) {
  return found == expected || found == text::replace_all(expected, " = ", "=");
}

Result<void> check_signer(const std::string& certificate_der, const std::string& expected) {
  PEC_TRY(const auto certificate, smime::certificate_from_der(certificate_der));
  const auto found = smime::subject_text(*certificate);
  if (expected.empty())
    return bad_input(
        fmt::format("directory.signer_subject doesn't say who must sign the directory: this one is "
                    "signed by \"{}\"; if that is right, write it there",
                    found));
  if (is_subject(found, expected)) return {};
  return fail(Fault::rejected, "signature not accepted",
              fmt::format("it is signed by \"{}\", but directory.signer_subject expects \"{}\": "
                          "don't use it; if the directory has a new signer, correct that option",
                          found, expected));
}

}  // namespace

Result<smime::SignedContent> open_signed_file(std::string_view signed_file,
                                              const DirectoryOptions& options, Instant at) {
  using Revocation = smime::CmsVerifier::Revocation;
  PEC_TRY(const auto verifier,
          smime::CmsVerifier::load(options.signer_ca_file,
                                   options.ask_revocation ? options.signer_crl_file : "",
                                   std::chrono::hours(options.signer_crl_grace_hours)));
  auto opened = verifier->enclosed_content(
      signed_file, at, options.ask_revocation ? Revocation::asked : Revocation::not_asked);
  if (!opened) return opened;
  PEC_TRY_VOID(check_signer(opened->certificate, options.signer_subject));
  return opened;
}

}  // namespace pec::directory
