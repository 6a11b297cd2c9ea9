// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/scanner_in_use.hpp"

#include "antivirus/clamd_client.hpp"
#include "antivirus/scanner_client.hpp"

#include <stdexcept>

namespace pec::service {

std::unique_ptr<Scanner> scanner_in_use(const config::Config::Antivirus& options,
                                        const std::filesystem::path& temp_dir) {
  switch (options.engine) {
    case config::AntivirusEngine::none:
      return nullptr;
    case config::AntivirusEngine::clamd: {
      antivirus::ClamdOptions clamd;
      clamd.address = options.clamd;
      clamd.max_database_age = std::chrono::hours(options.max_database_age_hours);
      clamd.max_scan_time = std::chrono::seconds(options.max_scan_seconds);
      return std::make_unique<antivirus::ClamdClient>(clamd);
    }
    case config::AntivirusEngine::scanner: {
      antivirus::ScannerClientOptions scanner;
      scanner.socket = options.scanner_socket.string();
      scanner.temp_dir = temp_dir;
      scanner.max_scan_time = std::chrono::seconds(options.max_scan_seconds);
      return std::make_unique<antivirus::ScannerClient>(scanner);
    }
  }
  throw std::logic_error("virus scanner of no kind");
}

}  // namespace pec::service
