// SPDX-License-Identifier: GPL-2.0-or-later

// The class of a message (RFC 6109, 2.2.2). The message comes in from outside, or is the copy of
// one that was taken in charge before. Its signature was checked before.
//
//     const auto found = classify(message, parts, check, directory, us, at);
//     found.what;     // IncomingClass::correct
//     found.reason;   // one line: why it is not correct
//
// Identity and trust rest on the signed bytes alone. Pure functions, any thread. Errors: none. A
// message that can't be judged now is `undecided`.
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
  correct,    // a provider's envelope, receipt or notice, undamaged, right in form
  malformed,  // signed by a provider, but wrong in form, or not its to say
  ordinary,   // anything else
  undecided,  // the signature could not be judged now
};

struct Classification {
  IncomingClass what = IncomingClass::ordinary;
  IncomingFlaw flaw = IncomingFlaw::none;  // none: correct or undecided
  std::string reason;                      // one line: why it is not correct
  std::optional<PecMessage> message;       // if it is correct, or a foreign_message
  const Provider* provider = nullptr;      // the signer, if correct or malformed; of the snapshot
  std::string identity{};                  // of message_identity.hpp, if it is correct or malformed
  // The signed data of a malformed transport envelope. Its outer header may have been changed on
  // the way, and the unchanged envelope may have been received before.
  std::optional<CertificationData> envelope{};
};

// A message is judged as it comes in, or as the copy of one that was taken in charge before. A copy
// is judged by the directory of that time: a provider of that time still counts as one.
enum class Judged { as_it_comes_in, as_taken_in_charge };

// `parts`, `check`: of the message's signature; both empty if there is none. `us`: our provider's
// name. `at`: the instant for which the signature was checked.
Classification classify(const mime::Message& message, const Result<SignedParts>& parts,
                        const SignatureCheck& check, const DirectorySnapshot& directory,
                        const std::string& us, Instant at, Judged judged = Judged::as_it_comes_in);

// When these signed bytes were taken in charge: the earliest of the log's lines about an envelope
// with their identity. Nothing: no line has it. `logged`: MessageLog::logged_messages() of the
// envelope.
std::optional<Instant> taken_in_charge_at(const SignedParts& parts,
                                          const std::vector<LoggedMessage>& logged);

// The check of a signature over bytes that were taken in charge. Validity, path and revocation were
// judged then. Later changes (a revocation, the certificate's end, a missing list) don't count. The
// signature must still match the bytes.
SignatureCheck as_believed_before(SignatureCheck check);

// Turns a correct receipt that is not to be believed (belief.hpp) into a malformed message.
Classification disbelieved(Classification found, const mime::Message& message, IncomingFlaw flaw,
                           std::string_view why);

}  // namespace pec
