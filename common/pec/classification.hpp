// SPDX-License-Identifier: GPL-2.0-or-later

// What a message is that comes from outside, or was taken in charge before: verified and classified (RFC 6109,
// 2.2.2).
//
//     const auto found = classify(message, parts, check, directory, us, at);
//     found.what;     // IncomingClass::correct
//     found.reason;   // one line: why not better
//
// Identity and trust rest on what is under the signature. Pure functions, any thread. Errors: none; what can't be
// judged now is `undecided`.
#pragma once

#include "pec/certification_data.hpp"
#include "pec/findings.hpp"
#include "pec/pec_message.hpp"
#include "pec/ports.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pec {

enum class IncomingClass {
  correct,    // an envelope, receipt or notice of a provider, undamaged, in form
  malformed,  // signed by a provider, but not in form, or not its to say
  ordinary,   // anything else
  undecided,  // the signature could not be judged now
};

struct Classification {
  IncomingClass what = IncomingClass::ordinary;
  IncomingFlaw flaw = IncomingFlaw::none;  // none: correct or undecided
  std::string reason;                      // one line: why not better
  std::optional<PecMessage> message;       // if correct, or a foreign_message
  const Provider* provider = nullptr;      // the signer, if correct or malformed; of the snapshot
  std::string identity{};  // what it is (message_identity.hpp), if correct or malformed
  // What is signed, if it is malformed and an envelope all the same: one whose outer header was changed
  // on the way may have been received before, as it was.
  std::optional<CertificationData> envelope{};
};

// What is judged: a message that comes in, or the copy of one that was taken in charge before. A copy is
// judged by what held then: whoever was a provider then, is one still.
enum class Judged { as_it_comes_in, as_taken_in_charge };

// `parts`, `check`: of the message's signature; both empty if it has none. `us`: our provider's name.
// `at`: the instant for which the signature was checked.
Classification classify(const mime::Message& message, const Result<SignedParts>& parts,
                        const SignatureCheck& check, const DirectorySnapshot& directory,
                        const std::string& us, Instant at, Judged judged = Judged::as_it_comes_in);

// When these signed bytes were taken in charge: the earliest of the log's lines about an envelope that say
// so. Nothing: the log knows none of them. `logged`: MessageLog::logged_messages() of the envelope.
std::optional<Instant> taken_in_charge_at(const SignedParts& parts,
                                          const std::vector<LoggedMessage>& logged);

// What is said of the signature of bytes that were taken in charge: validity, path and revocation
// were judged then, and what came out since (a revocation, the certificate's end, a list that is missing)
// changes nothing. That the signature is over these bytes is asked now as ever.
SignatureCheck as_believed_before(SignatureCheck check);

// Of a correct receipt that is not to be believed (belief.hpp): what it is then.
Classification disbelieved(Classification found, const mime::Message& message, IncomingFlaw flaw,
                           std::string_view why);

}  // namespace pec
