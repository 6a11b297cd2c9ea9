// SPDX-License-Identifier: GPL-2.0-or-later

// Looks up a domain's MX records (RFC 5321, 5.1), through libc's resolver.
//
//     MxLookup dns("");                         // the host's own resolvers; or "192.0.2.53:53"
//     auto hosts = dns.hosts_of("pec.alfa.example");       // {"mx.pec.alfa.example"}
//
// Errors: unavailable, "the DNS does not answer"; one sentence without the domain. One thread.
#pragma once

#include "base/result.hpp"

#include <resolv.h>
#include <string>
#include <vector>

namespace pec::pecctl {

class MxLookup {
public:
  // `server`: the name server to ask, as IPv4 address and port. Throws std::runtime_error if it is
  // malformed, or if the host's resolver has no configuration.
  explicit MxLookup(const std::string& server);
  ~MxLookup() { res_nclose(&state_); }
  MxLookup(const MxLookup&) = delete;
  MxLookup& operator=(const MxLookup&) = delete;

  // Names in lower case without their final dot, sorted; empty without such records. A domain that
  // refuses mail (RFC 7505) has one empty name.
  Result<std::vector<std::string>> hosts_of(const std::string& domain);

private:
  struct __res_state state_ {};
};

}  // namespace pec::pecctl
