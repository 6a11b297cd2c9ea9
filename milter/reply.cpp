#include "reply.hpp"

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

}  // namespace pec::milter
