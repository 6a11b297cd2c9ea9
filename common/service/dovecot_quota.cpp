// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/dovecot_quota.hpp"

#include "base/text.hpp"

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <fmt/format.h>
#include <optional>
#include <string_view>

namespace pec::service {

namespace {

using Unix = boost::asio::local::stream_protocol;

constexpr std::uint64_t storage_unit = 1024;  // STORAGE is in KiB

}  // namespace

// For each limit: its root's name, its kind, the use, the limit ("-": none) and the percentage,
// each followed by a tab.
std::optional<std::vector<Quota>> quotas_in(std::string_view table) {
  constexpr std::size_t columns = 5;
  constexpr std::uint64_t most = std::uint64_t{1} << 50;
  auto fields = text::split(table, '\t');
  if (!fields.empty() && fields.back().empty()) fields.pop_back();
  if (fields.size() % columns != 0) return std::nullopt;
  std::vector<Quota> quotas;
  for (auto field = fields.begin(); field != fields.end(); field += columns) {
    const auto kind = field[1];
    if (field[3] == "-") continue;
    const auto used = text::number(field[2]), limit = text::number(field[3]);
    if (!used || !limit || *used > most || *limit > most) return std::nullopt;
    if (kind == "STORAGE")
      quotas.push_back({Quota::Unit::octets, *used * storage_unit, *limit * storage_unit});
    else if (kind == "MESSAGE")
      quotas.push_back({Quota::Unit::messages, *used, *limit});
  }
  return quotas;
}

DovecotQuotas::DovecotQuotas(std::filesystem::path socket, std::chrono::milliseconds limit)
    : socket_(std::move(socket)), limit_(limit) {
  Unix::endpoint(socket_.string());  // now, and not at the first message
}

// The answer has three lines: "+" (the server is ready); the table; then "+", or "-" and the
// reason.
Result<std::vector<Quota>> DovecotQuotas::of(const std::string& address) const {
  // A control character means something in the protocol.
  if (address.empty() || !text::is_printable(address)) return std::vector<Quota>();
  const auto failed = [&](std::string_view why) {
    return unavailable(fmt::format("Dovecot does not say at {} how full {} is: {}",
                                   socket_.string(), text::printable(address), why));
  };
  Unix::iostream dovecot;
  dovecot.expires_after(limit_);
  dovecot.connect(Unix::endpoint(socket_.string()));
  dovecot << "VERSION\tdoveadm-server\t1\t0\n\t" << address << "\tquota\tget\n" << std::flush;
  std::array<std::string, 3> lines;
  for (auto& line : lines)
    if (!std::getline(dovecot, line)) return failed(dovecot.error().message());
  const auto& [greeting, table, status] = lines;
  if (greeting != "+") return failed("it wants a login: " + text::printable(greeting));
  if (status == "-NOUSER") return std::vector<Quota>();
  if (status != "+") return failed("it answered " + text::printable(status));
  auto quotas = quotas_in(table);
  if (!quotas) return failed("it answered " + text::printable(table));
  return *std::move(quotas);
}

}  // namespace pec::service
