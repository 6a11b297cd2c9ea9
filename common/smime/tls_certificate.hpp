// SPDX-License-Identifier: GPL-2.0-or-later

// The TLS certificate of this host: whether it is the key's, and for which name.
//
//     PEC_TRY(const auto certificate, tls_certificate(file, key_file, "mx.pec.alfa.example"));
//     PEC_TRY(const auto dates, validity(*certificate));
//
// It does not ask who has issued it: a handshake shows that. Errors: bad_input, one sentence: what
// is wrong, where, and what to do. Any thread.
#pragma once

#include "smime/certificate.hpp"

#include <filesystem>
#include <string>

namespace pec::smime {

// The first certificate of the file, PEM, if the key belongs to it and it is for this host.
Result<Certificate> tls_certificate(const std::filesystem::path& file,
                                    const std::filesystem::path& key_file, const std::string& host);

}  // namespace pec::smime
