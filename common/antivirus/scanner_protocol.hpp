// SPDX-License-Identifier: GPL-2.0-or-later

// The protocol between pec-milter and pec-scanner. A connection carries one question and one
// answer, each a packet (packet.hpp):
//
//     scan 0+2345 4096+50000     has two descriptors; the message is these ranges of the two
//                                files, one after the other (OFFSET+SIZE each, decimal)
//     state                      asks for the database in use
//
//     clean
//     infected NAME
//     failed KIND REASON         KIND is no_engine, old_database, error or timeout
//     state WORDS
//
// pec-scanner reads bytes from anybody, so pec-milter does not trust its answers. A name or a
// reason is bounded, and printable text on one line. Any other answer is a failure.
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

// A range of the file whose descriptor comes with it.
struct Piece {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  bool operator==(const Piece&) const = default;
};

inline constexpr std::string_view state_request = "state";
std::string scan_request(std::span<const Piece> pieces);
// Error: bad_input. No range ends beyond the largest possible file.
Result<std::vector<Piece>> read_scan_request(std::string_view request);

std::string scan_answer(const ScanResult& result);
std::string state_answer(std::string_view state);

ScanResult read_scan_answer(std::string_view answer);
Result<std::string> read_state_answer(std::string_view answer);

}  // namespace pec::antivirus
