// SPDX-License-Identifier: GPL-2.0-or-later

// pec-scanner: looks for viruses in messages that pec-milter hands to it. It runs as a user of its
// own, in two processes: one scans, the other watches it (supervisor.hpp).

#include "antivirus/packet.hpp"
#include "base/file.hpp"
#include "config/file_checks.hpp"
#include "scanner/clam_engine.hpp"
#include "scanner/clam_messages.hpp"
#include "scanner/confinement.hpp"
#include "scanner/server.hpp"
#include "scanner/supervisor.hpp"
#include "service/daemon.hpp"
#include "service/log.hpp"
#include "service/notify.hpp"

#include <spdlog/spdlog.h>
#include <string>
#include <unistd.h>

namespace {

using namespace pec;

// A scan ends by itself at its own limit; if it still runs so long after that, it hangs.
constexpr std::chrono::seconds hang_margin{5};

scanner::ClamOptions clam_options(const config::Config::Antivirus& options,
                                  const std::filesystem::path& temp_dir) {
  scanner::ClamOptions clam;
  clam.database_dir = options.database_dir;
  clam.temp_dir = temp_dir;
  clam.max_database_age = std::chrono::hours(options.max_database_age_hours);
  clam.max_scan_size = options.max_scan_size;
  clam.max_recursion = static_cast<std::uint32_t>(options.max_recursion);
  clam.max_scan_time = std::chrono::seconds(options.max_scan_seconds);
  clam.encrypted_archives_are_viruses = options.encrypted_archives_are_viruses;
  return clam;
}

// The official database takes 1.5 GB, and twice that while it is replaced. A file may be as large
// as a scanned message, and a little larger for libclamav's own data.
scanner::Limits limits(const config::Config::Antivirus& options) {
  return {.data = std::uint64_t{6} << 30,
          .file_size = options.max_scan_size + (std::uint64_t{16} << 20),
          .files = 1024,
          .threads = 1000};
}

void work(const config::Config::Antivirus& options, int listening, const scanner::Worker& worker) {
  { const scanner::ClamMessages libclamav_loads_all_that_it_needs; }
  scanner::confine(limits(options));
  const scanner::ClamEngine engine(clam_options(options, worker.temp_dir),
                                   [log = worker.log](const std::string& line) {
                                     static_cast<void>(write_all(log, line + '\n'));
                                   });
  scanner::Server(listening, engine, {}, worker.beats).run();
}

Result<void> run(const config::Config& config) {
  if (geteuid() == 0)
    return bad_input("started as root; start it as a user of its own, who owns nothing else");
  scanner::renounce_rights();
  const auto& options = config.antivirus;
  FileDescriptor listening;
  scanner::Supervisor supervisor(
      {.temp_dir = options.scanner_temp_dir,
       .hang_limit = std::chrono::seconds(options.max_scan_seconds) + hang_margin,
       .each_turn = service::notify_alive},
      [&](const scanner::Worker& worker) { work(options, listening.get(), worker); });
  listening = scanner::listen_on(options.scanner_socket.string());
  service::start_log("pec-scanner", config.log);
  spdlog::info("started on {}", options.scanner_socket.string());
  service::notify_ready();
  supervisor.run();
  unlink(options.scanner_socket.c_str());
  spdlog::info("stopped");
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The virus scanner of certified mail, for pec-milter", "pec-scanner");
  app.footer(
      "It runs as a user of its own, never as root, and limits what it may do. It takes up new "
      "signatures by itself. SIGTERM ends it.");
  return service::run_daemon(app, argc, argv, [](const std::string& config_file) -> Result<void> {
    PEC_TRY(const auto config, config::load_safe_config(config_file, {config::FileUse::scanning}));
    return run(config);
  });
}
