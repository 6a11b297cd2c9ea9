// SPDX-License-Identifier: GPL-2.0-or-later

#include "antivirus/scanner_protocol.hpp"

#include "antivirus/clam_mail.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <utility>

namespace pec::antivirus {

namespace {

using Failure = ScanResult::Failure;
using Outcome = ScanResult::Outcome;

constexpr std::string_view scan = "scan", infected = "infected ", failed = "failed ",
                           state = "state ";

constexpr std::array<std::pair<std::string_view, Failure>, 4> failures{{
    {"no_engine", Failure::no_engine},
    {"old_database", Failure::old_database},
    {"error", Failure::error},
    {"timeout", Failure::timeout},
}};

// Printable ASCII: a name goes into headers, XML and SMTP replies.
bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_name &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

bool is_reason(std::string_view reason) {
  return !reason.empty() && reason.size() <= longest_reason &&
         text::printable(text::trim(reason)) == reason;
}

std::string as_name(std::string_view name) {
  std::string made(name.substr(0, longest_name));
  for (char& c : made)
    if (c < ' ' || c > '~') c = '?';
  return made.empty() ? "unnamed" : made;
}

std::string as_reason(std::string_view reason) {
  const auto words = text::trim(text::trim(reason).substr(0, longest_reason));
  return words.empty() ? "no reason was given" : text::printable(words);
}

std::optional<Piece> read_piece(std::string_view words) {
  const auto plus = words.find('+');
  if (plus == std::string_view::npos) return std::nullopt;
  const auto offset = text::number(words.substr(0, plus)),
             size = text::number(words.substr(plus + 1));
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  if (!offset || !size || *size == 0 || *offset > most || *size > most - *offset)
    return std::nullopt;
  return Piece{*offset, *size};
}

std::string_view name_of(Failure failure) {
  for (const auto& [name, each] : failures)
    if (each == failure) return name;
  return "error";
}

ScanResult no_answer(std::string_view answer) {
  return scan_failed(Failure::error, fmt::format("pec-scanner's answer is not understood: {}",
                                                 answer.substr(0, 100)));
}

ScanResult read_failure(std::string_view answer) {
  const auto words = answer.substr(failed.size());
  const auto blank = std::min(words.find(' '), words.size());
  const auto kind = words.substr(0, blank);
  const auto reason = words.substr(std::min(blank + 1, words.size()));
  for (const auto& [name, failure] : failures)
    if (name == kind && is_reason(reason)) return scan_failed(failure, reason);
  return no_answer(answer);
}

}  // namespace

std::string scan_request(std::span<const Piece> pieces) {
  std::string request(scan);
  for (const auto& [offset, size] : pieces) request += fmt::format(" {}+{}", offset, size);
  return request;
}

Result<std::vector<Piece>> read_scan_request(std::string_view request) {
  const auto words = text::split(request, ' ');
  if (words.front() != scan || words.size() > most_pieces + 1)
    return bad_input("a request that is not understood");
  std::vector<Piece> pieces;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto piece = read_piece(words[i]);
    if (!piece) return bad_input("a range that is not understood");
    pieces.push_back(*piece);
  }
  return pieces;
}

std::string scan_answer(const ScanResult& result) {
  switch (result.outcome) {
    case Outcome::clean:
      return "clean";
    case Outcome::infected:
      return std::string(infected) + as_name(result.virus);
    case Outcome::failed:
      break;
  }
  return fmt::format("{}{} {}", failed, name_of(result.failure), as_reason(result.reason));
}

std::string state_answer(std::string_view words) {
  return std::string(state) + as_reason(words);
}

ScanResult read_scan_answer(std::string_view answer) {
  if (answer == "clean") return found_clean();
  if (answer.starts_with(infected) && is_name(answer.substr(infected.size())))
    return {Outcome::infected, Failure::none, std::string(answer.substr(infected.size())), ""};
  if (answer.starts_with(failed)) return read_failure(answer);
  return no_answer(answer);
}

Result<std::string> read_state_answer(std::string_view answer) {
  if (answer.starts_with(state) && is_reason(answer.substr(state.size())))
    return std::string(answer.substr(state.size()));
  return bad_input(no_answer(answer).reason);
}

}  // namespace pec::antivirus
