// SPDX-License-Identifier: GPL-2.0-or-later

// Reads the PEM blocks of one kind from a text (RFC 7468): certificates, CRLs.
//
//     constexpr PemKind kind{"certificate", "openssl x509 -inform DER"};
//     auto all = pem_blocks<Certificate, PEM_read_bio_X509>(text, "/etc/pec/ca.pem", kind);
//     if (!all) return tl::unexpected(all.error());   // detail: what, where, and what to do
//
// Any thread.
#pragma once

#include "base/c_handle.hpp"
#include "base/result.hpp"
#include "smime/openssl_errors.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string_view>
#include <vector>

namespace pec::smime {

struct PemKind {
  std::string_view name;
  std::string_view from_der;  // the command that makes PEM out of DER
};

// All blocks of the kind in their order, at least one. Blocks of other kinds are skipped. `file` is
// for the sentences. Error: bad_input.
template <class Handle, auto Read>
Result<std::vector<Handle>> pem_blocks(std::string_view pem, const std::filesystem::path& file,
                                       const PemKind& kind) {
  OpenSslErrors errors;
  const CHandle<BIO, BIO_free> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<Handle> blocks;
  while (Handle next{Read(in.get(), nullptr, nullptr, nullptr)}) blocks.push_back(std::move(next));

  // The loop always ends with an error. At the end of the file it is this one.
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
    return bad_input(fmt::format("{} {} in {} is damaged ({}): copy the file again", kind.name,
                                 blocks.size() + 1, file.string(), errors.take()));
  if (blocks.empty())
    return bad_input(fmt::format("{} holds no {} in PEM form: if it is DER, convert it with \"{}\"",
                                 file.string(), kind.name, kind.from_der));
  return blocks;
}

}  // namespace pec::smime
