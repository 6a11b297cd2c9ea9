// SPDX-License-Identifier: GPL-2.0-or-later

// Checks that pec-milter makes now and then (base/watch.hpp), beside its directory and
// certificates. So an operator learns of a problem before the first message has to wait.
//
// Any thread.
#pragma once

#include "base/watch.hpp"
#include "pec/ports.hpp"

namespace pec::milter {

// Whether the scanner works: it must scan a harmless message. A milter without one (null) is always
// BAD: nothing keeps viruses from being certified.
PartState scanner_state(const Scanner* scanner);

// Whether the virus store has room. While it has none, newly infected messages wait.
PartState store_state(const VirusStore& store);

}  // namespace pec::milter
