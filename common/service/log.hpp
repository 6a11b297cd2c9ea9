// SPDX-License-Identifier: GPL-2.0-or-later

// The log of a daemon, as [log] in the configuration wants it; spdlog's default logger from then on.
//
//     start_log("pec-milter", config.log);
//     spdlog::info("started on {}", address);
//
// Before any other thread starts. Throws spdlog::spdlog_ex.
#pragma once

#include "config/config.hpp"
#include "service/state_report.hpp"

#include <string>

namespace pec {

void start_log(const std::string& program, const Config::Log& options);

// For StateReport: a line of the log that begins with the part's name; an error where it is bad.
StateReport::Log log_as(std::string part);

// This host's, which `pecctl status` names. Throws std::system_error.
std::string host_name();

}  // namespace pec
