// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/alias_delivery.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/internal_recipient.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>
#include <utility>

namespace pec {

namespace {

using What = AliasStanding::What;

auto find_tag(std::vector<AliasMailbox>& rows, const std::string& tag) {
  return std::find_if(rows.begin(), rows.end(),
                      [&](const AliasMailbox& row) { return row.tag == tag; });
}

// The mailboxes for which this message waits from its first report on.
std::vector<AliasMailbox> first_set(const AliasReport& report) {
  std::vector<AliasMailbox> rows;
  for (const auto& mailbox : report.behind)
    if (const auto tag = mailbox_tag(mailbox); find_tag(rows, tag) == rows.end())
      rows.push_back({tag, mailbox});
  if (find_tag(rows, report.tag) == rows.end()) return {{report.tag, ""}};
  return rows;
}

std::size_t count_delivered(const std::vector<AliasMailbox>& rows) {
  return static_cast<std::size_t>(std::count_if(
      rows.begin(), rows.end(), [](const AliasMailbox& row) { return row.delivered.has_value(); }));
}

Instant latest(const std::vector<AliasMailbox>& rows, Instant at) {
  for (const auto& row : rows)
    if (row.delivered) at = std::max(at, *row.delivered);
  return at;
}

}  // namespace

std::optional<AliasReport> report_of(const InternalRecipient& internal,
                                     const std::vector<std::string>& behind) {
  AliasReport report{mime::canonical_address(internal.recipient), internal.mailbox_tag, {}};
  for (const auto& mailbox : behind)
    if (auto canonical = mime::canonical_address(mailbox);
        std::find(report.behind.begin(), report.behind.end(), canonical) == report.behind.end())
      report.behind.push_back(std::move(canonical));
  if (!report.tag.empty()) return report;
  const bool is_behind_itself =
      std::find(report.behind.begin(), report.behind.end(), report.alias) != report.behind.end();
  if (!is_behind_itself || report.behind.size() == 1) return std::nullopt;
  report.tag = mailbox_tag(report.alias);
  return report;
}

AliasStanding judge(const AliasReport& report, Instant delivered, std::vector<AliasMailbox> rows) {
  if (rows.empty()) rows = first_set(report);
  const auto of = rows.size();
  const auto row = find_tag(rows, report.tag);
  if (row == rows.end()) {
    const auto what = of == 1 ? What::second : What::not_in_set;
    const auto have = count_delivered(rows);
    return {what, latest(rows, delivered), std::move(rows), have};
  }
  if (!row->delivered) {
    row->delivered = delivered;
    row->completes = count_delivered(rows) == of;
  }
  const bool completes = row->completes;
  const auto have = count_delivered(rows);
  const auto what = completes ? What::due : have == of ? What::told : What::others_wait;
  return {what, latest(rows, *row->delivered), std::move(rows), have};
}

std::string description_of(const AliasStanding& standing, const AliasReport& report) {
  const auto alias = text::printable(report.alias);
  const auto counted =
      fmt::format("alias: {} of {} mailboxes have it", standing.have, standing.rows.size());
  switch (standing.what) {
    case What::due:
    case What::others_wait:
      return counted;
    case What::told:
      return counted + ", the receipt is made of another one's copy";
    case What::not_in_set:
      return fmt::format(
          "alias: {} did not lead to this mailbox at the first delivery: it was changed since, and "
          "this message may get no delivery receipt",
          alias);
    case What::second:
      return fmt::format(
          "alias: {} leads to several mailboxes, and the first one's delivery gave the receipt: "
          "name "
          "its table in aliases.tables",
          alias);
  }
  throw std::logic_error("alias standing of no kind");
}

}  // namespace pec
