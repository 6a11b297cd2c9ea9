// The roles: which facts each gathers before its pure function decides (docs/architecture.md).
//
//     Outcome outcome = handle(transaction, services, queue_file);
//
// Order, for every role: facts -> decide -> sign -> ledger -> edit -> reply. The receipts role asks
// the ledger first, because the identity of a receipt is one of its facts.
#pragma once

#include "mta.hpp"
#include "pec/decision.hpp"
#include "services.hpp"

#include <string>

namespace pec::milter {

// What the mail server is to do, after the edits.
struct Outcome {
  enum class Verdict { accept, discard, tempfail };
  Verdict verdict = Verdict::tempfail;
  TryLater reply;      // if tempfail
  std::string log;     // "role=access action=replace pecid=<...> ..."
  bool alert = false;  // an operator should look at it
};

// Never throws; whatever goes wrong is a tempfail with its reason in the log.
Outcome handle(const Transaction& transaction, const Services& services,
               QueueFile& queue_file) noexcept;

}  // namespace pec::milter
