// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/watches.hpp"

namespace pec::milter {

PartState scanner_state(const Scanner* scanner) {
  if (!scanner)
    return {false, "nothing is scanned for viruses: antivirus.engine is none, for trials"};
  const auto result = scanner->scan(mime::Rope("Subject: probe\r\n\r\nharmless\r\n"));
  const bool good = result.outcome != ScanResult::Outcome::failed;
  return {good, good ? scanner->state() : result.reason};
}

PartState store_state(const VirusStore& store) {
  const auto room = store.has_room();
  if (room) return {true, "there is room for infected messages"};
  return {false, room.error().detail + "; infected messages wait"};
}

}  // namespace pec::milter
