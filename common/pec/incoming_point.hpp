// The incoming point: what comes from outside, verified and classified (RFC 6109, 2.2.2).
//
//     Classification found = classify(message, signature, directory);   // what it is, and why
//     Decision decision = decide_incoming(found, delivery, facts);      // what becomes of it
#pragma once

#include "pec/decision.hpp"
#include "pec/pec_message.hpp"
#include "pec/ports.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pec {

enum class IncomingClass {
  correct,    // an envelope, receipt or notice of a provider, undamaged, in form
  malformed,  // signed by a provider, but not in form
  ordinary,   // anything else
  undecided,  // the signature could not be judged now
};

struct Classification {
  IncomingClass what = IncomingClass::ordinary;
  std::string reason;                  // one line: why not better
  std::optional<PecMessage> message;   // if correct
  const Provider* provider = nullptr;  // the signer, if correct or malformed; of the snapshot
};

// `parts`, `check`: of the message's signature; both empty if it has none.
Classification classify(const mime::Message& message, const Result<SignedParts>& parts,
                        const SignatureCheck& check, const DirectorySnapshot& directory);

struct IncomingFacts {
  Stamp stamp;
  Identity identity;
  std::shared_ptr<const DirectorySnapshot> directory;
};

// `recipients`: of the SMTP transaction. `found` is of facts.directory.
Decision decide_incoming(const Classification& found, const std::vector<std::string>& recipients,
                         const IncomingFacts& facts);

}  // namespace pec
