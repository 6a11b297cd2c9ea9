// SPDX-License-Identifier: GPL-2.0-or-later

// Whose message it is: a provider's key speaks for the messages of that provider's users, and of
// nobody else's (rules, 4; RFC 6109, 2.2.2).
//
//     const auto why = why_not_its_own(data, signer, directory, "PEC Alfa S.p.A.", now);
//     if (!why.empty()) ...   // genuine, and not to be believed
//
// A signature proves who says something; this says whether it is his to say. Pure, any thread.
#pragma once

#include "pec/certification_data.hpp"
#include "pec/ports.hpp"

#include <string>
#include <string_view>

namespace pec {

// Empty: it is. Else one line for the log: which address is not whose.
//   - an envelope, an acceptance, a non-acceptance, a notice of a timeout: the message's sender and
//     identificativo are the signer's. So from outside nobody can say these of a message of ours.
//   - a take-charge, a delivery receipt, a virus detection: sender and identificativo are ours, and
//     each recipient that it is about is the signer's.
//   - a non-delivery notice: one or the other, since both sides send them.
// `us`: our provider's name. `at`: when it counts whose a domain is or was.
std::string why_not_its_own(const CertificationData& data, const Provider& signer,
                            const DirectorySnapshot& directory, const std::string& us, Instant at);

}  // namespace pec
