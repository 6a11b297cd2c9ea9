// SPDX-License-Identifier: GPL-2.0-or-later

// What pec-milter works with: directory, revocation lists, clock, ledger, virus scanner.

#include "base/text.hpp"
#include "directory/directory_keeper.hpp"
#include "mime/encoder.hpp"
#include "pecctl/selftest/rows.hpp"
#include "service/scanner_in_use.hpp"
#include "smime/cms_verifier.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <sys/timex.h>

namespace pec::pecctl {

namespace {

using Outcome = ScanResult::Outcome;

// The string that all scanners agree on. In pieces, so that none of them finds it in this program.
std::string test_virus() {
  std::string virus = "X5O!P%@AP[4\\PZX54(P^)";
  virus += "7CC)7}$EICAR-STAND";
  virus += "ARD-ANTIVIRUS-TEST-";
  return virus + "FILE!$H+H*";
}

mime::Rope message_with(const std::string& attachment) {
  return mime::Rope(
      "Subject: selftest\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n" +
      mime::encode_base64(attachment));
}

// Docker and Podman leave the first two, systemd the last.
bool is_container() {
  for (const auto* file : {"/.dockerenv", "/run/.containerenv", "/run/systemd/container"}) {
    std::error_code error;
    if (std::filesystem::exists(file, error)) return true;
  }
  return false;
}

}  // namespace

Result<Finding> look_at_directory(const Host& host) {
  PEC_TRY(const auto keeper, host.context.open_directory_of_ours(host.config));
  const auto state = keeper->state();
  if (!state.good) return bad(state.text);
  return good(fmt::format("{}; we are in it with our domains and certificates", state.text));
}

Result<Finding> look_at_revocation(const Host& host) {
  PEC_TRY(const auto verifier, host.context.verifier(host.config));
  const auto now = host.context.now();
  const auto state = verifier->revocation_state(now);
  if (!state) return off("trust.crl_file is not set: revoked certificates are believed");
  if (!state->good) return bad(state->text);
  const auto end = verifier->first_end_of_lists();
  if (!end) return bad(state->text);
  return good(fmt::format("{}, for {} hours", state->text,
                          std::chrono::floor<std::chrono::hours>(*end - now).count()));
}

// The clean message fails if the database is too old; a virus may be found all the same.
Result<Finding> look_at_antivirus(const Host& host) {
  const auto scanner = service::scanner_in_use(host.config.antivirus, host.config.milter.temp_dir);
  if (!scanner) return off("antivirus.engine is \"none\": nothing is scanned");
  const auto clean = scanner->scan(message_with("nothing"));
  if (clean.outcome == Outcome::failed) return bad(clean.reason);
  if (clean.outcome == Outcome::infected)
    return bad(fmt::format("it finds {} where there is nothing", clean.virus));
  const auto infected = scanner->scan(message_with(test_virus()));
  if (infected.outcome == Outcome::failed) return bad(infected.reason);
  if (infected.outcome == Outcome::clean)
    return bad(fmt::format("it does not find the test virus; {}", scanner->state()),
               "Have freshclam fetch ClamAV's own signatures.");
  return good(fmt::format("the test virus is found; {}", scanner->state()));
}

// The kernel knows whether a program keeps its clock right. Most containers have no such program:
// their host keeps the clock, and may not tell the kernel.
Result<Finding> look_at_clock(const Host& /*host*/) {
  timex clock{};  // modes 0: it is only asked
  const int state = adjtimex(&clock);
  if (state == -1) return off("the kernel does not say whether the clock is synchronised");
  if (state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0)
    return good(fmt::format("synchronised, at most {} ms wrong", clock.maxerror / 1000));
  if (is_container())
    return off("not known in this container: the kernel's clock is its host's to keep");
  return bad("the clock is not synchronised, and certified times must be right");
}

Result<Finding> look_at_ledger(const Host& host) {
  PEC_TRY(const auto ledger, host.context.open_ledger(host.config));
  PEC_TRY_VOID(ledger->try_writing());
  PEC_TRY(const auto states, ledger->states());
  return good(fmt::format("it can be read and written; {} parts report to it", states.size()));
}

}  // namespace pec::pecctl
