#include "ledger/storable.hpp"

#include "base/text.hpp"
#include "mime/charset.hpp"

namespace pec::ledger {

namespace {

template <class... Texts>
void make_storable(Texts&... texts) {
  ((texts = storable(texts)), ...);
}

}  // namespace

std::string storable(std::string_view text) {
  using namespace std::string_view_literals;
  return text::replace_all(mime::valid_utf8(text), "\0"sv, "\uFFFD");
}

// What an incident keeps of a message is bytes, and stored as such.
LedgerEntries storable(LedgerEntries entries) {
  for (auto& event : entries.events) {
    make_storable(event.pec_id, event.recipient, event.msgid, event.sender, event.reply_to,
                  event.subject, event.provider, event.generated_id, event.identity, event.error,
                  event.detail);
    for (auto& recipient : event.recipients) make_storable(recipient.address);
  }
  for (auto& step : entries.steps) make_storable(step.pec_id, step.recipient);
  for (auto& incident : entries.incidents)
    make_storable(incident.what, incident.pec_id, incident.recipient, incident.detail);
  for (auto& submission : entries.submissions)
    make_storable(submission.pec_id, submission.login, submission.fingerprint);
  return entries;
}

ReceiptKey storable(ReceiptKey key) {
  make_storable(key.pec_id);
  for (auto& recipient : key.recipients) make_storable(recipient);
  return key;
}

}  // namespace pec::ledger
