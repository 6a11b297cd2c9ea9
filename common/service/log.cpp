// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/log.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <spdlog/spdlog.h>
#include <syslog.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace pec::service {

void start_log(const std::string& program, const config::Config::Log& options) {
  auto logger = options.destination == config::LogDestination::syslog
                    ? spdlog::syslog_logger_mt(program, program, LOG_PID, LOG_MAIL)
                    : spdlog::stderr_logger_mt(program);
  constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info,
                                                  spdlog::level::warn, spdlog::level::err};
  logger->set_level(levels[static_cast<int>(options.level)]);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

StateReport::Log log_as(std::string part) {
  return [part = std::move(part)](const PartState& state) {
    spdlog::log(state.good ? spdlog::level::info : spdlog::level::err, "{}: {}", part, state.text);
  };
}

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (gethostname(name.data(), name.size() - 1) != 0)
    throw std::system_error(errno, std::generic_category(), "gethostname");
  return name.data();
}

}  // namespace pec::service
