// SPDX-License-Identifier: GPL-2.0-or-later

#include "antivirus/clamd_client.hpp"

#include "antivirus/clam_mail.hpp"
#include "antivirus/clamd_connection.hpp"
#include "base/text.hpp"

#include <ctime>
#include <fmt/format.h>
#include <iomanip>
#include <locale>
#include <optional>
#include <sstream>
#include <utility>

namespace pec::antivirus {

namespace {

using Failure = ScanResult::Failure;

Result<std::string> version_of_clamd(const ClamdOptions& options) {
  PEC_TRY(auto clamd, ClamdConnection::open(options.address, options.connect_timeout));
  clamd.set_deadline(options.connect_timeout);
  auto answer = clamd.ask("VERSION");
  if (answer) return text::printable(*answer);
  return unavailable(fmt::format("clamd at {}: {}", options.address, answer.error().detail));
}

// "ClamAV 1.4.6/27824/Sun Nov 22 09:41:23 2026": in clamd's local time, assumed to be ours.
std::optional<Instant> database_time(const std::string& version) {
  const auto pieces = text::split(version, '/');
  if (pieces.size() < 3) return std::nullopt;
  std::istringstream words{std::string(pieces[2])};
  words.imbue(std::locale::classic());
  std::tm fields{};
  words >> std::get_time(&fields, "%a %b %d %H:%M:%S %Y");
  if (words.fail()) return std::nullopt;
  fields.tm_isdst = -1;
  const std::time_t seconds = std::mktime(&fields);
  if (seconds < 0) return std::nullopt;
  return Instant(std::chrono::seconds(seconds));
}

// clamd's answers are "stream: OK", "stream: NAME FOUND" and "REASON ERROR".
ScanResult read_verdict(std::string_view answer) {
  constexpr std::string_view stream = "stream: ", found = " FOUND", error = " ERROR";
  if (answer == "stream: OK") return found_clean();
  if (answer.starts_with(stream) && answer.ends_with(found) &&
      answer.size() > stream.size() + found.size()) {
    answer.remove_prefix(stream.size());
    answer.remove_suffix(found.size());
    return verdict_on(answer);
  }
  const std::string short_answer(answer.substr(0, 200));
  if (!answer.ends_with(error))
    return scan_failed(Failure::error, "clamd's answer is not understood: " + short_answer);
  const bool time = answer.find("ime limit") != std::string_view::npos;
  return scan_failed(time ? Failure::timeout : Failure::error, "clamd: " + short_answer);
}

ScanResult scan_once(const ClamdOptions& options, const mime::Rope& message) {
  auto clamd = ClamdConnection::open(options.address, options.connect_timeout);
  if (!clamd) return scan_failed(Failure::no_engine, clamd.error().detail);
  clamd->set_deadline(options.max_scan_time);
  const auto answer = clamd->ask_to_scan(put_before_clamav(message));
  if (answer) return read_verdict(*answer);
  return scan_failed(clamd->timed_out() ? Failure::timeout : Failure::no_engine,
                     answer.error().detail);
}

}  // namespace

ClamdClient::ClamdClient(ClamdOptions options) : options_(std::move(options)) {}

ScanResult ClamdClient::check_age() const {
  const auto version = version_of_clamd(options_);
  if (!version) return scan_failed(Failure::no_engine, version.error().detail);
  const auto made = database_time(*version);
  if (!made)
    return scan_failed(Failure::old_database,
                       "clamd does not say how old its database is: " + *version);
  if (SystemClock().now() - *made > options_.max_database_age)
    return scan_failed(Failure::old_database,
                       fmt::format("clamd's database is older than {} hours: {}",
                                   options_.max_database_age.count(), *version));
  return found_clean();
}

ScanResult ClamdClient::scan(const mime::Rope& message) const try {
  auto result = scan_once(options_, message);
  if (result.outcome != ScanResult::Outcome::clean || options_.max_database_age.count() == 0)
    return result;
  return check_age();
} catch (const std::exception& problem) {
  return scan_failed(Failure::error, problem.what());
}

std::string ClamdClient::state() const {
  const auto version = version_of_clamd(options_);
  if (!version) return version.error().detail;
  return fmt::format("clamd at {}: {}", options_.address, *version);
}

}  // namespace pec::antivirus
