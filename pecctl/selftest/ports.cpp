// SPDX-License-Identifier: GPL-2.0-or-later

// The public services, as mail programs and other hosts see them: they answer, and their
// certificate is for site.host_name and of an authority that is trusted. A certificate that mail
// programs don't trust is bad. A site with an authority of its own names it as site.tls_ca_file.

#include "base/text.hpp"
#include "pecctl/selftest/public_services.hpp"
#include "pecctl/selftest/rows.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec::pecctl {

namespace {

using namespace std::chrono_literals;

// postscreen lets a client wait for six seconds.
constexpr auto limit = 20s;

// A command that needs no login, and has an answer.
const char* harmless_command(const std::string& scheme) {
  if (scheme == "imaps") return "CAPABILITY";
  return scheme == "pop3s" ? "CAPA" : "NOOP";
}

}  // namespace

Result<Finding> look_at_ports(const Host& host) {
  if (host.config.site.host_name.empty()) return off("site.host_name is not set");
  std::vector<std::string> names, problems;
  for (const auto& server : public_services(host.config)) {
    const auto answer = TlsSession(server, limit).command(harmless_command(server.scheme));
    if (!answer) problems.push_back(answer.error().detail);
    if (std::find(names.begin(), names.end(), server.name) == names.end())
      names.push_back(server.name);
  }
  if (!problems.empty()) return bad(text::join(problems, "; "));
  return good(fmt::format("{} answer with a trusted certificate for {}", text::join(names, ", "),
                          host.config.site.host_name));
}

}  // namespace pec::pecctl
