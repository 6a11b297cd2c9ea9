// SPDX-License-Identifier: GPL-2.0-or-later

// Delivery status notifications (common/pec/delivery_status.hpp): a bounce decides who hears that a
// message was not delivered.
//
// Input: a bounce, header and body.
// - Each failed recipient appears once, on one line.
// - The returned message lies within the bounce, and its header is the returned header.
// - Text before and after the report's own parts makes no difference.
#include "fuzz/property.hpp"
#include "mime/address.hpp"
#include "pec/delivery_status.hpp"

#include <string>

using namespace pec;
using fuzz::must_hold;

namespace {

void check_recipients(const std::vector<FailedRecipient>& failed) {
  for (auto each = failed.begin(); each != failed.end(); ++each) {
    must_hold(!each->recipient.empty(), "a failed recipient has an address");
    for (const auto* text : {&each->recipient, &each->status, &each->diagnostic})
      must_hold(text->find_first_of("\r\n") == std::string::npos, "a field is one line");
    for (auto other = failed.begin(); other != each; ++other)
      must_hold(!mime::same_address(other->recipient, each->recipient) ||
                    internal_address_of(*other) != internal_address_of(*each),
                "a recipient is told once, and once for each internal address");
  }
}

void check_returned(const DeliveryStatus& status, std::string_view body) {
  if (!status.message) return;
  const auto view = status.message->view;
  must_hold(view.data() >= body.data() && view.data() + view.size() <= body.data() + body.size(),
            "what came back lies within the bounce");
  must_hold(mime::parse_header(view).fields == status.returned,
            "the header that came back is that of the message that came back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bounce = mime::split_message(mime::Bytes::of(std::string(fuzz::text_of(data, size))));
  const auto status = read_delivery_status(bounce);
  if (!status) return 0;
  check_recipients(status->failed);
  check_returned(*status, bounce.body.view);

  const mime::Message longer{bounce.header,
                             mime::Bytes::of("a preamble\r\n" + std::string(bounce.body.view))};
  const auto again = read_delivery_status(longer);
  must_hold(again.has_value() && again->failed == status->failed &&
                again->returned == status->returned &&
                again->message.has_value() == status->message.has_value() &&
                (!again->message || again->message->view == status->message->view),
            "a preamble changes nothing");
  return 0;
}
