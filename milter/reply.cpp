// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/reply.hpp"

namespace pec::milter {

Reply reply_for(const Error& error) {
  switch (error.fault) {
    case Fault::rejected:
      return {"451", "4.7.0", "The message can't be handled: " + error.public_text};
    case Fault::bad_input:
      return {"451", "4.6.0", "The message can't be read: " + error.public_text};
    case Fault::unavailable:
      return {"451", "4.3.0", "Certified mail system temporarily unavailable"};
    case Fault::internal:
      break;
  }
  return {"451", "4.3.5", "Certified mail system has an internal error: the operator is informed"};
}

Decision decision_for(const Error& error, std::string pec_id) {
  const auto reply = reply_for(error);
  Decision decision;
  decision.pec_id = std::move(pec_id);
  decision.action = TryLater{reply.enhanced, reply.text, source_of(error)};
  decision.reason = error.detail;
  return decision;
}

}  // namespace pec::milter
