// SPDX-License-Identifier: GPL-2.0-or-later

// Sets up a daemon's log as [log] in the configuration says. It is spdlog's default logger from
// then on.
//
//     start_log("pec-milter", config.log);
//     spdlog::info("started on {}", address);
//
// Call it before any other thread starts. Throws spdlog::spdlog_ex.
#pragma once

#include "config/config.hpp"
#include "service/state_report.hpp"

#include <string>

namespace pec::service {

void start_log(const std::string& program, const config::Config::Log& options);

// For StateReport: writes a line that begins with the part's name, as an error if the part is bad.
StateReport::Log log_as(std::string part);

// The host's name, which `pecctl status` shows. Throws std::system_error.
std::string host_name();

}  // namespace pec::service
