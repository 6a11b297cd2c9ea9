// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/internal_recipient.hpp"

#include "support/domain_fixtures.hpp"
#include "support/results.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;

namespace {

const PlainAuthenticator group("group");
const PlainAuthenticator delivery("delivery");
const std::string pec_id = "20261122041122.id1@pec.alfa.example";

std::string formatted(InternalEvent event, const std::string& recipient) {
  const auto& key = event == InternalEvent::delivery ? delivery : group;
  return value_of(format_internal({event, recipient, morning}, pec_id, key));
}

}  // namespace

TEST_CASE("an internal recipient is read back as it was made") {
  for (const auto event :
       {InternalEvent::acceptance, InternalEvent::take_charge, InternalEvent::delivery})
    for (const std::string recipient :
         {"bob@b.example", "\"b o.b\"@b.example", "a.b+c@x-y.example"}) {
      const auto address = formatted(event, recipient);
      CHECK(looks_internal(address));
      const auto parsed = value_of(parse_internal(address, pec_id, group, delivery));
      CHECK(parsed == InternalRecipient{event, recipient, morning});
    }
}

TEST_CASE("an internal recipient survives mail software that folds case") {
  const auto address = formatted(InternalEvent::take_charge, "Bob@B.example");
  CHECK(parse_internal(text::lower(address), pec_id, group, delivery));
}

TEST_CASE("an internal recipient survives Postfix, which takes needless quotes away", "[rule:4]") {
  const auto address = formatted(InternalEvent::acceptance, "\"Anna\"@b.example");
  const auto in_queue = text::replace_all(address, "\"", "");
  CHECK(parse_internal(address, pec_id, group, delivery));
  const auto parsed = value_of(parse_internal(in_queue, pec_id, group, delivery));
  CHECK(parsed.recipient == "Anna@b.example");
  const auto escaped = formatted(InternalEvent::acceptance, "\"a\\ b\"@b.example");
  CHECK(parse_internal(text::replace_all(escaped, "\\", ""), pec_id, group, delivery));
}

TEST_CASE("internal recipients that versions before wrote are good", "[rule:4]") {
  const auto written_before = [](const std::string& recipient) {
    const auto mac = group.mac("presa\n" + text::lower(recipient) + "\n1795320682\n" + pec_id);
    return recipient + ".1795320682." + text::base32(std::string_view(mac).substr(0, 20)) +
           ".presa.pec.internal";
  };
  for (const std::string recipient :
       {"Anna@b.example", "\"anna\"@b.example", "\"a b\"@b.example", "\"a\\ b\"@b.example"}) {
    INFO(recipient);
    CHECK(parse_internal(written_before(recipient), pec_id, group, delivery));
  }
  // From the queue, where Postfix had removed the quotes: until now it was refused each time.
  CHECK(parse_internal(text::replace_all(written_before("\"anna\"@b.example"), "\"", ""), pec_id,
                       group, delivery));
  CHECK_FALSE(parse_internal(text::replace_all(written_before("\"anna\"@b.example"), "anna", "eva"),
                             pec_id, group, delivery));
}

TEST_CASE("the event of an address is read without its mac") {
  CHECK(internal_event_in("x.ERRORE.pec.internal") == InternalEvent::non_delivery);
  CHECK(internal_event_in("errore.pec.internal") == InternalEvent::non_delivery);
  CHECK_FALSE(internal_event_in("x.nulla.pec.internal"));
  CHECK_FALSE(internal_event_in("x.errore.pec.internal."));
  CHECK_FALSE(internal_event_in("pec.internal"));
}

TEST_CASE("an internal recipient is good for its event, recipient, stamp and message only") {
  const auto address = formatted(InternalEvent::take_charge, "bob@b.example");
  const auto refused = [&](const std::string& forged, const std::string& id = pec_id) {
    const auto parsed = parse_internal(forged, id, group, delivery);
    return !parsed && parsed.error().fault == Fault::rejected;
  };
  CHECK(refused(address, "another@pec.alfa.example"));
  CHECK(refused(text::replace_all(address, "bob@", "eve@")));
  CHECK(refused(text::replace_all(address, ".presa.", ".accettazione.")));
  CHECK(refused(text::replace_all(address, ".presa.", ".consegna.")));
  CHECK(refused(text::replace_all(address, ".1795320682.", ".1795320683.")));
  CHECK(refused(text::replace_all(address, ".1795320682.", ".01795320682.")));
  CHECK(refused("bob@b.example.1795320682.aaaa.presa.pec.internal"));
  CHECK(refused(formatted(InternalEvent::take_charge, "")));
  CHECK(refused(formatted(InternalEvent::take_charge, "").substr(1)));
  CHECK(refused("bob@b.example.presa.pec.internal"));
  CHECK(refused("bob@b.example.x.y.nulla.pec.internal"));
  CHECK(refused("bob@b.example"));
  CHECK(refused("pec.internal"));
  CHECK(refused(".pec.internal"));
  CHECK(refused(""));
}

TEST_CASE("the delivery point's secret makes deliveries and nothing else") {
  const auto forged = value_of(
      format_internal({InternalEvent::acceptance, "bob@b.example", morning}, pec_id, delivery));
  CHECK_FALSE(parse_internal(forged, pec_id, group, delivery));
}

TEST_CASE("a recipient too long for an internal recipient is an error, not a cut") {
  const std::string longest(250, 'a');
  const auto address = error_of(format_internal(
      {InternalEvent::take_charge, longest + "@b.example", morning}, pec_id, group));
  CHECK(address.fault == Fault::bad_input);
}

TEST_CASE("a delivery says in which mailbox it was made, under its mac", "[rule:5]") {
  const auto tag = mailbox_tag("Anna@b.example");
  CHECK(tag == mailbox_tag("\"anna\"@B.example"));
  CHECK(tag != mailbox_tag("bruno@b.example"));
  CHECK(tag.size() == mailbox_tag_size);
  const InternalRecipient internal{InternalEvent::delivery, "info@b.example", morning, tag};
  const auto address = format_internal(internal, pec_id, delivery).value();
  const auto parsed = value_of(parse_internal(address, pec_id, group, delivery));
  CHECK(parsed == internal);

  const auto plain =
      format_internal({InternalEvent::delivery, "info@b.example", morning}, pec_id, delivery)
          .value();
  const auto refused = [&](const std::string& forged) {
    return !parse_internal(forged, pec_id, group, delivery);
  };
  CHECK(refused(text::replace_all(address, tag, mailbox_tag("bruno@b.example"))));
  CHECK(refused(text::replace_all(address, tag, "")));
  CHECK(refused(text::replace_all(address, tag, tag.substr(1))));
  CHECK(refused(text::replace_all(plain, ".consegna.", tag + ".consegna.")));
}

TEST_CASE("every internal recipient about the longest address is one that mail software takes",
          "[rule:4]") {
  const auto recipient = std::string(longest_recipient - 10, 'a') + "@b.example";
  const auto tagged = value_of(
      format_internal({InternalEvent::delivery, recipient, morning, mailbox_tag("anna@b.example")},
                      pec_id, delivery));
  CHECK(tagged.size() == 253);
  CHECK(format_internal({InternalEvent::acceptance, recipient, morning}, pec_id, group)->size() ==
        250);
}

TEST_CASE("an incident is called by what its internal recipient says, and that is read back") {
  for (const std::string tag : {"", "abcdefg"}) {
    const InternalRecipient internal{InternalEvent::delivery, "info@b.example", morning, tag};
    const auto missing = value_of(missing_receipt(incident_name(internal)));
    CHECK(missing.event == InternalEvent::delivery);
    CHECK(missing.mailbox_tag == tag);
  }
  CHECK(incident_name({InternalEvent::delivery, "", morning, "abcdefg"}) == "consegna abcdefg");
  for (const std::string name : {"contradiction", "lost consegna", "consegna ", "consegna abc", ""})
    CHECK_FALSE(missing_receipt(name));
}
