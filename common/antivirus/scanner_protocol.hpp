// SPDX-License-Identifier: GPL-2.0-or-later

// What pec-milter and pec-scanner say to each other. One connection is one question and one answer,
// each a packet (packet.hpp):
//
//     scan 0+2345 4096+50000     two descriptors go with it: the message is these ranges of the two
//                                files, one behind the other (OFFSET+SIZE each, decimal)
//     state                      what it scans with
//
//     clean
//     infected NAME
//     failed KIND REASON         KIND is no_engine, old_database, error or timeout
//     state WORDS
//
// Whoever answers has read what anybody may have written, and is not believed to be what it was: a
// name or a reason is bounded, and printable text on one line. What is no answer is a failure.
//
// Pure functions, any thread.
#pragma once

#include "base/result.hpp"
#include "pec/ports.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pec::antivirus {

constexpr std::size_t most_pieces = 2;       // of one message
constexpr std::size_t longest_name = 200;    // of a virus
constexpr std::size_t longest_reason = 600;  // also of a state

// A range of the file whose descriptor goes with it.
struct Piece {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  bool operator==(const Piece&) const = default;
};

inline constexpr std::string_view state_request = "state";
std::string scan_request(std::span<const Piece> pieces);
// Error: bad_input. A range never ends beyond what a file can have.
Result<std::vector<Piece>> read_scan_request(std::string_view request);

std::string scan_answer(const ScanResult& result);
std::string state_answer(std::string_view state);

ScanResult read_scan_answer(std::string_view answer);
Result<std::string> read_state_answer(std::string_view answer);

}  // namespace pec::antivirus
