// SPDX-License-Identifier: GPL-2.0-or-later

// The protocol of pec-milter and pec-scanner (common/antivirus/scanner_protocol.hpp).
//
// Input: a packet, from anybody who controls the other process.
// - An answer is clean only if it is that one word. A name or a reason is bounded and one printable
//   line. Written again, the answer reads the same.
// - A request names few ranges, and none ends beyond the largest file. Written again, it reads the
//   same.
#include "antivirus/packet.hpp"
#include "antivirus/scanner_protocol.hpp"
#include "fuzz/property.hpp"

#include <cstdint>
#include <limits>
#include <string>

using namespace pec;
using namespace pec::antivirus;
using pec::fuzz::must_hold;

namespace {

void check_answer(std::string_view input) {
  const auto result = read_scan_answer(input);
  must_hold((result.outcome == ScanResult::Outcome::clean) == (input == "clean"),
            "clean is one word");
  must_hold((result.outcome == ScanResult::Outcome::failed) ==
                (result.failure != ScanResult::Failure::none),
            "a failure has a kind");
  must_hold(result.virus.size() <= longest_name && result.reason.size() <= longest_reason,
            "bounded");
  must_hold(fuzz::on_one_line(result.virus) && fuzz::on_one_line(result.reason), "one line");
  const auto written = scan_answer(result);
  must_hold(written.size() <= longest_packet, "an answer is a packet");
  const auto again = read_scan_answer(written);
  must_hold(again.outcome == result.outcome && again.failure == result.failure &&
                again.virus == result.virus && again.reason == result.reason,
            "written again, an answer reads the same");
  if (const auto state = read_state_answer(input))
    must_hold(state_answer(*state) == input, "a state is what was written");
}

void check_request(std::string_view input) {
  const auto pieces = read_scan_request(input);
  if (!pieces) return;
  must_hold(pieces->size() <= most_pieces, "few ranges");
  for (const auto& [offset, size] : *pieces)
    must_hold(size > 0 && offset + size > offset &&
                  offset + size <= std::uint64_t{std::numeric_limits<std::int64_t>::max()},
              "a range is of a file");
  must_hold(read_scan_request(scan_request(*pieces)).value() == *pieces,
            "written again, a request reads the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::text_of(data, size);
  check_answer(input);
  check_request(input);
  return 0;
}
