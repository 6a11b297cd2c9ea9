// SPDX-License-Identifier: GPL-2.0-or-later

#include "ledger/storable.hpp"

#include "base/text.hpp"
#include "mime/charset.hpp"

namespace pec::ledger {

namespace {

template <class... Texts>
void make_storable(Texts&... texts) {
  ((texts = storable(texts)), ...);
}

Recipients storable(const Recipients& recipients) {
  auto all = recipients.list();
  for (auto& each : all) make_storable(each.address);
  return all;
}

}  // namespace

std::string storable(std::string_view text) {
  using namespace std::string_view_literals;
  return text::replace_all(mime::valid_utf8(text), "\0"sv, "\uFFFD");
}

// An incident's copy of a message is bytes, stored as they are.
LedgerEntries storable(LedgerEntries entries) {
  Recipients given, stored;  // of the line before; most lines share them
  for (auto& event : entries.events) {
    make_storable(event.pec_id, event.recipient, event.msgid, event.sender, event.reply_to,
                  event.subject, event.provider, event.generated_id, event.identity, event.error,
                  event.detail);
    if (!event.recipients.shares_with(given)) {
      given = event.recipients;
      stored = storable(given);
    }
    event.recipients = stored;
  }
  for (auto& step : entries.steps) make_storable(step.pec_id, step.recipient);
  for (auto& incident : entries.incidents)
    make_storable(incident.what, incident.pec_id, incident.recipient, incident.detail);
  return entries;
}

ReceiptKey storable(ReceiptKey key) {
  make_storable(key.pec_id);
  for (auto& recipient : key.recipients) make_storable(recipient);
  return key;
}

AliasReport storable(AliasReport report) {
  make_storable(report.alias, report.tag);
  for (auto& mailbox : report.behind) make_storable(mailbox);
  return report;
}

}  // namespace pec::ledger
