// SPDX-License-Identifier: GPL-2.0-or-later

// Whose message it is. A provider's key speaks only for the messages of that provider's users
// (rules, 4; RFC 6109, 2.2.2).
//
//     const auto why = why_not_its_own(data, signer, directory, "PEC Alfa S.p.A.", now);
//     if (!why.empty()) ...   // genuine, but not to be believed
//
// A signature proves who says something. This function decides whether he may say it. Pure, any
// thread.
#pragma once

#include "pec/certification_data.hpp"
#include "pec/ports.hpp"

#include <string>
#include <string_view>

namespace pec {

// Empty: the signer may say it. Else one line for the log: which address is whose.
//   - An envelope, an acceptance, a non-acceptance, a notice of a timeout: the message's sender and
//     identificativo are the signer's. So nobody outside can issue these about a message of ours.
//   - A take-charge, a delivery receipt, a virus detection: sender and identificativo are ours, and
//     each recipient that it is about is the signer's.
//   - A non-delivery notice: one or the other, since both sides send them.
// `us`: our provider's name. `at`: the instant for which the domains' owners are looked up.
std::string why_not_its_own(const CertificationData& data, const Provider& signer,
                            const DirectorySnapshot& directory, const std::string& us, Instant at);

}  // namespace pec
