// SPDX-License-Identifier: GPL-2.0-or-later

// Messages that tests of several units make: a receipt of ours, and a message with something
// changed.
#pragma once

#include "pec/receipts.hpp"
#include "support/domain_fixtures.hpp"
#include "support/results.hpp"

#include <catch2/catch.hpp>

namespace pec::test {

inline mime::Message changed(const mime::Message& message, std::string_view from,
                             std::string_view to) {
  const auto whole = message.wire().str();
  const auto other = text::replace_all(whole, from, to);
  REQUIRE(other != whole);
  return message_of(other);
}

// The receipt that `us` makes of the simple envelope.
inline mime::Message receipt(InternalEvent event, const std::string& recipient,
                             const Identity& us) {
  const auto envelope = simple_envelope();
  const auto plan = value_of(plan_receipt(classified(envelope), {{event, recipient, morning}},
                                          {&host_group, us, directory(), {}, morning}));
  return sent(make_receipt(plan, plan.proposed, stamp_of(morning)), us);
}

// To make the same receipt again, a little different.
inline ReceiptContents contents_of(const mime::Message& receipt) {
  ReceiptContents contents;
  contents.letter = Letter::delivery_concise;
  contents.data = classified(receipt).message->data;
  contents.stamp = stamp_of(morning);
  contents.message_id = "20261122041122.id3@pec.beta.example";
  contents.to = "anna@pec.alfa.example";
  return contents;
}

}  // namespace pec::test
