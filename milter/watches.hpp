// SPDX-License-Identifier: GPL-2.0-or-later

// What pec-milter looks at now and then (base/watch.hpp), beside its directory and certificates: so an operator
// learns of it before the first message has to wait.
//
// Any thread.
#pragma once

#include "base/watch.hpp"
#include "pec/ports.hpp"

namespace pec::milter {

// Whether the scanner does its work: it is to scan a harmless message. A milter without one (null) is BAD for
// good: nothing keeps viruses from being certified.
PartState scanner_state(const Scanner* scanner);

// Whether the virus store has room: while it has none, what is infected and new waits.
PartState store_state(const VirusStore& store);

}  // namespace pec::milter
