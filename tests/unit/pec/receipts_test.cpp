// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/receipts.hpp"

#include "pec/message_identity.hpp"
#include "support/domain_fixtures.hpp"
#include "support/results.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;

namespace {

ReceiptFacts facts(const Identity& us) {
  return {&host_group, us, directory(), {}, morning};
}

Result<ReceiptPlan> plan_for(std::vector<InternalRecipient> internals, const Identity& us,
                             const mime::Message& copy = simple_envelope()) {
  return plan_receipt(classified(copy), internals, facts(us));
}

struct Made {
  Route route;
  mime::Message message;
  PecMessage read;
};

Made made(std::vector<InternalRecipient> internals, const Identity& us,
          const mime::Message& copy = simple_envelope()) {
  const auto plan = value_of(plan_for(std::move(internals), us, copy));
  auto decision = make_receipt(plan, plan.proposed, stamp_of(plan.at));
  auto& replace = std::get<Replace>(decision.action);
  REQUIRE(decision.route);
  Made made{*decision.route, sent(std::move(replace.draft), us), {}};
  const bool of_beta =
      directory()->speaks_for(beta.provider, mime::domain_of(plan.data.sender), morning);
  auto found = classified(made.message, of_beta ? beta : alfa);  // as the sender's provider sees it
  INFO(found.reason);
  REQUIRE(found.what == IncomingClass::correct);
  made.read = std::move(*found.message);
  return made;
}

mime::Message envelope_asking_for(const std::string& form) {
  return sent(decide_access(message_of("X-TipoRicevuta: " + form + "\r\n" + simple_original),
                            simple_submission(), access_facts()),
              alfa);
}

const InternalRecipient acceptance{InternalEvent::acceptance, "anna@pec.alfa.example", morning};
const InternalRecipient delivery{InternalEvent::delivery, "bruno@pec.beta.example", morning};

}  // namespace

TEST_CASE("the acceptance goes to the sender and certifies the envelope's data",
          "[rule:3.1.4][rule:8.1]") {
  const auto receipt = made({acceptance}, alfa);
  CHECK(receipt.route.sender == "posta-certificata@pec.alfa.example");
  CHECK(receipt.route.recipients == std::vector<std::string>{"anna@pec.alfa.example"});
  const auto& header = receipt.message.header;
  CHECK(header.find("From")->value == " posta-certificata@pec.alfa.example");
  CHECK(header.find("To")->value == " anna@pec.alfa.example");
  CHECK(header.find("Subject")->value == " ACCETTAZIONE: Prova");
  CHECK(header.find("X-Ricevuta")->value == " accettazione");
  CHECK(header.find("X-Riferimento-Message-ID")->value == " <client-1@pec.alfa.example>");
  CHECK_FALSE(header.find("X-Trasporto"));
  const ReceiptKey key{"20261122041122.id1@pec.alfa.example", EventKind::acceptance, {""}};
  CHECK(header.find("Message-ID")->value ==
        fmt::format(" <{}@pec.alfa.example>", receipt_name(key, host_group)));
  const auto& data = receipt.read.data;
  CHECK(data.kind == EventKind::acceptance);
  CHECK(data.pec_id == "20261122041122.id1@pec.alfa.example");
  CHECK(data.recipients.size() == 3);
  CHECK_FALSE(data.receipt_form);
  CHECK_FALSE(receipt.read.original);
}

TEST_CASE(
    "the acceptance logs envelope and receipt and opens a dispatch for each certified recipient",
    "[rule:8.5]") {
  const auto plan = value_of(plan_for({acceptance}, alfa));
  CHECK(plan.key == ReceiptKey{"20261122041122.id1@pec.alfa.example", EventKind::acceptance, {""}});
  REQUIRE(plan.entries.events.size() == 2);
  CHECK(plan.entries.events[0].kind == EventKind::transport_envelope);
  CHECK(plan.entries.events[0].generated_id == "20261122041122.id1@pec.alfa.example");
  CHECK(plan.entries.events[1].kind == EventKind::acceptance);
  CHECK(plan.entries.events[1].generated_id == plan.proposed.message_id);
  REQUIRE(plan.entries.steps.size() == 2);
  CHECK(plan.entries.steps[0].recipient == "bruno@pec.beta.example");
  CHECK(plan.entries.steps[1].recipient == "carla@pec.alfa.example");
}

TEST_CASE("a recipient has one dispatch, in whatever case he is written", "[rule:4][rule:8.5]") {
  const std::string written = "Bruno@PEC.Beta.example", known = "bruno@pec.beta.example";
  auto submission = simple_submission();
  submission.recipients = {written};
  const auto copy =
      sent(decide_access(message_of("From: anna@pec.alfa.example\r\nTo: bruno@pec.beta.example\r\n"
                                    "Date: Sun, 22 Nov 2026 05:11:00 +0100\r\n\r\nx\r\n"),
                         submission, access_facts()),
           alfa);
  const auto accepted = plan_for({acceptance}, alfa, copy);
  REQUIRE(accepted);
  CHECK(accepted->entries.steps ==
        std::vector<DispatchStep>{
            {accepted->data.pec_id, known, DispatchStep::Step::accepted, morning, true}});
  for (const auto event : {InternalEvent::take_charge, InternalEvent::delivery}) {
    const auto plan = value_of(plan_for({{event, written, morning}}, beta, copy));
    CHECK(plan.key.recipients == std::vector<std::string>{known});
    for (const auto& line : plan.entries.events) CHECK(line.recipient == known);
  }
  const auto envelope = accepted->entries.events.front();
  const auto failed =
      value_of(plan_notice({InternalEvent::non_delivery, written, morning}, envelope,
                           {CertifiedError::other, "5.2.2 - x - y"}, facts(alfa)));
  CHECK(failed.entries.steps.front().recipient == known);
}

TEST_CASE("a recipient of ours has receipts and notices, however the envelope marks him",
          "[rule:4][rule:5]") {
  auto data = classified(simple_envelope()).message->data;
  data.recipients = std::vector<Recipient>{{"bruno@pec.beta.example", false}};
  const auto copy = sent(
      compose_transport_envelope(message_of(simple_original), data, stamp_of(morning), alfa), alfa);
  const std::vector<std::string> bruno{"bruno@pec.beta.example"};
  CHECK(made({{InternalEvent::take_charge, bruno.front(), morning}}, beta, copy)
            .read.data.taken_in_charge == bruno);
  CHECK(made({{InternalEvent::delivery, bruno.front(), morning}}, beta, copy).read.data.concerns ==
        bruno.front());
  auto infected = facts(beta);
  infected.virus = "Eicar-Test";
  CHECK(plan_receipt(classified(copy), {{InternalEvent::virus_found, bruno.front(), morning}},
                     infected));
  const auto envelope =
      log_event(data, EventKind::transport_envelope, Direction::received, morning);
  CHECK(plan_notice({InternalEvent::non_delivery, bruno.front(), morning}, envelope,
                    {CertifiedError::other, "5.2.2 - x - y"}, facts(beta)));
}

TEST_CASE("one take-charge speaks of all recipients and goes to the sender's provider",
          "[rule:4][rule:3.2.1]") {
  auto submission = simple_submission();
  submission.recipients = {"bruno@pec.beta.example", "bice@pec.beta.example"};
  const auto copy =
      sent(decide_access(message_of("From: anna@pec.alfa.example\r\nTo: bruno@pec.beta.example\r\n"
                                    "Date: Sun, 22 Nov 2026 05:11:00 +0100\r\n"
                                    "Cc: bice@pec.beta.example\r\n\r\nx\r\n"),
                         submission, access_facts()),
           alfa);
  const auto receipt = made({{InternalEvent::take_charge, "bruno@pec.beta.example", morning},
                             {InternalEvent::take_charge, "bice@pec.beta.example", morning}},
                            beta, copy);
  CHECK(receipt.route.recipients == std::vector<std::string>{"ricevute@pec.alfa.example"});
  CHECK(receipt.route.sender == "posta-certificata@pec.beta.example");
  CHECK(receipt.message.header.find("To")->value == " ricevute@pec.alfa.example");
  CHECK(receipt.message.header.find("X-Ricevuta")->value == " presa-in-carico");
  CHECK(receipt.read.data.provider == "PEC Beta S.r.l.");
  CHECK(receipt.read.data.taken_in_charge ==
        std::vector<std::string>{"bruno@pec.beta.example", "bice@pec.beta.example"});
  CHECK(receipt.read.data.concerns.empty());
  CHECK_FALSE(receipt.read.original);
}

TEST_CASE("with its take-charge the log says that an envelope came from outside", "[rule:8.5]") {
  const auto kinds = [](const std::string& recipient, const Identity& us) {
    const auto plan = value_of(plan_for({{InternalEvent::take_charge, recipient, morning}}, us));
    std::vector<std::pair<EventKind, Direction>> all;
    for (const auto& event : plan.entries.events) {
      CHECK(event.recipient == recipient);
      CHECK(event.generated_id == (event.direction == Direction::issued
                                       ? plan.proposed.message_id
                                       : "20261122041122.id1@pec.alfa.example"));
      all.emplace_back(event.kind, event.direction);
    }
    return all;
  };
  using Events = std::vector<std::pair<EventKind, Direction>>;
  CHECK(kinds("bruno@pec.beta.example", beta) ==
        Events{{EventKind::transport_envelope, Direction::received},
               {EventKind::take_charge, Direction::issued}});
  CHECK(kinds("carla@pec.alfa.example", alfa) ==
        Events{{EventKind::take_charge, Direction::issued}});
}

TEST_CASE(
    "a unit's take-charges go to its own service mailbox, its receipts count as the provider's",
    "[rule:8.4][rule:4.5.7]") {
  const auto copy =
      sent(decide_access(message_of("From: uno@unit.beta.example\r\nTo: due@unit.beta.example\r\n"
                                    "Date: Sun, 22 Nov 2026 05:11:00 +0100\r\n\r\nx\r\n"),
                         {"uno", "uno@unit.beta.example", {"due@unit.beta.example"}},
                         access_facts(beta)),
           beta);
  const auto receipt =
      made({{InternalEvent::take_charge, "due@unit.beta.example", morning}}, beta, copy);
  CHECK(receipt.route.recipients == std::vector<std::string>{"ricevute@unit.beta.example"});
  const auto noted = decide_incoming(
      receipt.message, classified(receipt.message, beta),
      {beta.address, {"ricevute@unit.beta.example"}},
      {stamp_of(morning), "20261122041122.id7", Takes::all_mail, beta, directory()});
  CHECK(noted.entries.steps.size() == 1);
}

TEST_CASE("a take-charge goes to who signed, wherever the sender's domain is by now",
          "[rule:4][rule:3.2.1]") {
  auto data = classified(simple_envelope()).message->data;
  data.provider = beta.provider;
  data.sender = data.reply_to = "uno@moved.beta.example";  // alfa's, since lately
  data.pec_id = "20261122041122.id1@pec.beta.example";
  const auto copy = sent(
      compose_transport_envelope(message_of(simple_original), data, stamp_of(morning), beta), beta);
  const auto plan = value_of(
      plan_for({{InternalEvent::take_charge, "carla@pec.alfa.example", morning}}, alfa, copy));
  CHECK(plan.to == "ricevute@pec.beta.example");
}

TEST_CASE("the complete delivery receipt carries the original", "[rule:5][rule:3.3.2.1]") {
  const auto receipt = made({delivery}, beta);
  CHECK(receipt.route.recipients == std::vector<std::string>{"anna@pec.alfa.example"});
  CHECK(receipt.message.header.find("Subject")->value == " CONSEGNA: Prova");
  CHECK(receipt.message.header.find("X-Ricevuta")->value == " avvenuta-consegna");
  CHECK(receipt.read.data.concerns == "bruno@pec.beta.example");
  CHECK(receipt.read.data.receipt_form == ReceiptForm::complete);
  const auto envelope = classified(simple_envelope());
  REQUIRE(receipt.read.original);
  CHECK(receipt.read.original->view == envelope.message->original->view);
}

TEST_CASE("the kind of delivery receipt by what was asked and where the recipient stands",
          "[rule:5][rule:3.3.2]") {
  struct Row {
    std::string asked, recipient, title;
    bool has_original;
  };
  for (const auto& row : {
           Row{"completa", "bruno@pec.beta.example", "Ricevuta di avvenuta consegna", true},
           Row{"completa", "carla@pec.alfa.example", "Ricevuta sintetica", false},
           Row{"breve", "bruno@pec.beta.example", "Ricevuta breve di avvenuta consegna", true},
           Row{"sintetica", "bruno@pec.beta.example", "Ricevuta sintetica", false},
           Row{"sintetica", "carla@pec.alfa.example", "Ricevuta sintetica", false},
           Row{"breve", "carla@pec.alfa.example", "Ricevuta sintetica", false},
       }) {
    const auto& us = row.recipient.ends_with("beta.example") ? beta : alfa;
    const auto receipt = made({{InternalEvent::delivery, row.recipient, morning}}, us,
                              envelope_asking_for(row.asked));
    CAPTURE(row.asked, row.recipient);
    CHECK(receipt.read.original.has_value() == row.has_original);
    CHECK(wire_name(receipt.read.data.receipt_form.value()) == row.asked);
    CHECK(receipt.message.body.view.find(row.title) != std::string_view::npos);
  }
}

TEST_CASE("To and Cc of the signed original say which receipt a recipient gives",
          "[rule:5][rule:4]") {
  const auto genuine = simple_envelope();
  mime::Message forged{{}, genuine.body};
  for (const auto& field : genuine.header)
    if (field.name != "To" && field.name != "Cc") forged.header.add_raw(field.name, field.value);
  forged.header.add("To", "carla@pec.alfa.example");
  forged.header.add("Cc", "bruno@pec.beta.example");
  const auto receipt = made({delivery}, beta, forged);
  CHECK(receipt.read.original);  // complete, for Bruno is in To
}

TEST_CASE("a recipient found nowhere, or in both, counts as primary", "[rule:5]") {
  const auto form = [](const std::string& header) {
    return form_for_recipient(ReceiptForm::complete, message_of(header + "\r\n\r\n").header,
                              "b@y.example");
  };
  CHECK(form("To: b@y.example") == ReceiptForm::complete);
  CHECK(form("Cc: B@Y.example") == ReceiptForm::concise);
  CHECK(form("To: b@y.example\r\nCc: b@y.example") == ReceiptForm::complete);
  CHECK(form("To: a@y.example") == ReceiptForm::complete);
  CHECK(form("Cc: Group: a@y.example, \"b\"@y.example;") == ReceiptForm::concise);
}

TEST_CASE("a virus detection goes to the sender's provider, one for each recipient",
          "[rule:6][rule:3.2.3]") {
  const InternalRecipient found{InternalEvent::virus_found, "bruno@pec.beta.example", morning};
  const auto envelope = simple_envelope();
  auto scanned = facts(beta);
  CHECK_FALSE(plan_receipt(classified(envelope), {found}, scanned));  // no virus after all
  scanned.virus = "Eicar-Test";
  const auto plan = value_of(plan_receipt(classified(envelope), {found}, scanned));
  CHECK(plan.key.kind == EventKind::virus_detection);
  REQUIRE(plan.entries.events.size() == 2);
  CHECK(plan.entries.events[0].direction == Direction::received);
  CHECK(plan.entries.events[1].error == "virus");

  auto decision = make_receipt(plan, plan.proposed, stamp_of(morning));
  CHECK(decision.route == Route{beta.address, {"ricevute@pec.alfa.example"}});
  const auto detection = sent(decision, beta);
  CHECK(detection.header.unfolded("X-Ricevuta") == "rilevazione-virus");
  CHECK(detection.header.unfolded("X-Mittente") == "anna@pec.alfa.example");
  CHECK(detection.header.unfolded("Subject") == "PROBLEMA DI SICUREZZA: Prova");
  const auto read = classified(detection);
  REQUIRE(read.what == IncomingClass::correct);
  CHECK(read.message->data.error == CertifiedError::virus);
  CHECK(read.message->data.concerns == "bruno@pec.beta.example");
  CHECK(read.message->data.error_detail ==
        "5.5.1 - PEC Beta S.r.l. - presenza di un virus nel messaggio: Eicar-Test");
  CHECK_FALSE(read.message->original);
}

TEST_CASE("a virus detection of another provider becomes our user's notice",
          "[rule:6][rule:3.2.4]") {
  auto scanned = facts(beta);
  scanned.virus = "Eicar-Test";
  const auto envelope = simple_envelope();
  const auto first = value_of(
      plan_receipt(classified(envelope),
                   {{InternalEvent::virus_found, "bruno@pec.beta.example", morning}}, scanned));
  const auto detection = sent(make_receipt(first, first.proposed, stamp_of(morning)), beta);

  const auto plan_about = [&](const std::string& recipient) {
    return plan_receipt(classified(detection), {{InternalEvent::virus_told, recipient, morning}},
                        facts(alfa));
  };
  CHECK_FALSE(plan_about("bice@pec.beta.example"));
  CHECK_FALSE(plan_for({{InternalEvent::virus_told, "bruno@pec.beta.example", morning}}, alfa));
  const auto plan = value_of(plan_about("bruno@pec.beta.example"));
  CHECK(plan.entries.steps ==
        std::vector<DispatchStep>{{"20261122041122.id1@pec.alfa.example", "bruno@pec.beta.example",
                                   DispatchStep::Step::failed, morning, true}});

  auto decision = make_receipt(plan, plan.proposed, stamp_of(morning));
  CHECK(decision.route == Route{alfa.address, {"anna@pec.alfa.example"}});
  const auto notice = sent(decision, alfa);
  CHECK(notice.header.unfolded("X-Ricevuta") == "errore-consegna");
  CHECK(notice.header.unfolded("X-VerificaSicurezza") == "errore");
  CHECK(notice.header.unfolded("Subject") == "AVVISO DI MANCATA CONSEGNA PER VIRUS: Prova");
  const auto read = classified(notice);
  REQUIRE(read.what == IncomingClass::correct);
  CHECK(read.message->data.pec_id == "20261122041122.id1@pec.alfa.example");
  CHECK(read.message->data.provider == "PEC Alfa S.p.A.");
  CHECK(read.message->data.error_detail ==
        "5.5.1 - PEC Alfa S.p.A. - presenza di un virus nel messaggio: Eicar-Test");
}

TEST_CASE("no receipt for an address that is not a certified recipient of ours", "[rule:8.5]") {
  const auto refused = [](const InternalRecipient& internal, const Identity& us) {
    const auto plan = plan_for({internal}, us);
    return !plan && plan.error().fault == Fault::rejected;
  };
  CHECK(refused({InternalEvent::delivery, "eva@pec.beta.example", morning}, beta));
  CHECK(refused({InternalEvent::delivery, "dario@ordinaria.example", morning}, beta));
  CHECK(refused({InternalEvent::delivery, "bruno@pec.beta.example", morning}, alfa));
  CHECK(refused({InternalEvent::take_charge, "carla@pec.alfa.example", morning}, beta));
  CHECK(refused({InternalEvent::acceptance, "eva@pec.alfa.example", morning}, alfa));
}

TEST_CASE("nothing is certified of a copy that is not a correct envelope: it waits", "[rule:5]") {
  const auto waits = [](const mime::Message& copy, const Identity& us) {
    const auto plan = plan_for({delivery}, us, copy);
    return !plan && plan.error().fault != Fault::rejected;
  };
  CHECK(waits(message_of(simple_original), beta));
  CHECK(waits(made({acceptance}, alfa).message, beta));
  CHECK_FALSE(plan_for({acceptance}, beta));
  CHECK_FALSE(plan_for({}, beta));
  CHECK_FALSE(plan_for({delivery, acceptance}, beta));
}

TEST_CASE("a delivery is neither in the future nor before the message", "[rule:5][rule:3.3.2]") {
  using std::chrono::seconds;
  const auto plan_at = [](Instant at, Instant now) {
    const auto copy = simple_envelope();  // sent in the morning
    auto known = facts(beta);
    known.now = now;
    return plan_receipt(classified(copy), {{InternalEvent::delivery, delivery.recipient, at}},
                        known);
  };
  const auto fault_at = [&](Instant at, Instant now) { return error_of(plan_at(at, now)).fault; };
  const auto evening = morning + std::chrono::hours(12);
  CHECK(plan_at(morning, evening));
  CHECK(plan_at(evening, evening));
  CHECK(plan_at(evening + seconds(60), evening));
  CHECK(plan_at(evening, evening)->at == evening);
  CHECK(fault_at(evening + seconds(61), evening) == Fault::unavailable);  // it will be true
  for (const auto before : {seconds(1), seconds(7200)}) {                 // it never will
    CHECK(plan_at(morning - before, evening)->at == morning);
    CHECK(plan_at(morning - before, evening)->proposed.at == morning);
  }
  // The message's own clock is the wrong one.
  const auto early = morning - std::chrono::hours(2);
  CHECK(plan_at(early, early)->at == early);
}

TEST_CASE("the receipt bears the identity that the ledger gives, not the proposed one") {
  const auto plan = value_of(plan_for({delivery}, beta));
  const Instant earlier = morning - std::chrono::minutes(1);
  auto decision = make_receipt(plan, {"first@pec.beta.example", earlier}, stamp_of(earlier));
  const auto& draft = std::get<Replace>(decision.action).draft;
  CHECK(draft.header.unfolded("Message-ID") == "<first@pec.beta.example>");
  CHECK(draft.at == earlier);
  CHECK(draft.header.find("Date")->value == " Sun, 22 Nov 2026 05:10:22 +0100");
}

// ---- notices -----------------------------------------------------------------------------------

namespace {

// The log's entry for simple_envelope().
LedgerEvent logged(const std::string& sender = "anna@pec.alfa.example") {
  const auto message = simple_envelope();
  auto data = classified(message).message->data;
  data.sender = sender;
  data.reply_to = "risposte@pec.alfa.example";
  return log_event(data, EventKind::transport_envelope, Direction::issued, morning);
}

Result<ReceiptPlan> notice_for(InternalEvent event, const std::string& recipient,
                               const LedgerEvent& envelope = logged(), const Identity& us = alfa) {
  return plan_notice(
      {event, recipient, morning}, envelope,
      {CertifiedError::no_recipient, "5.1.1 - PEC Alfa S.p.A. - indirizzo non valido"}, facts(us));
}

}  // namespace

TEST_CASE("a non-delivery notice goes to the sender and names recipient, message and reason",
          "[rule:6][rule:3.3.3]") {
  const auto plan = value_of(notice_for(InternalEvent::non_delivery, "Bruno@pec.beta.example"));
  auto decision = make_receipt(plan, plan.proposed, stamp_of(morning));
  CHECK(decision.route == Route{"posta-certificata@pec.alfa.example", {"anna@pec.alfa.example"}});
  const auto message = sent(decision, alfa);
  const auto found = classified(message);
  REQUIRE(found.what == IncomingClass::correct);
  const auto& data = found.message->data;
  CHECK(data.kind == EventKind::non_delivery);
  CHECK(data.error == CertifiedError::no_recipient);
  CHECK(data.error_detail == "5.1.1 - PEC Alfa S.p.A. - indirizzo non valido");
  CHECK(data.concerns == "bruno@pec.beta.example");
  CHECK(data.reply_to == "risposte@pec.alfa.example");
  CHECK(data.recipients.size() == 3);
  CHECK(data.pec_id == "20261122041122.id1@pec.alfa.example");
  CHECK(data.msgid == "<client-1@pec.alfa.example>");
  CHECK_FALSE(data.receipt_form);
  CHECK_FALSE(found.message->original);
  const auto& header = message.header;
  CHECK(header.unfolded("Subject") == "AVVISO DI MANCATA CONSEGNA: Prova");
  CHECK(header.unfolded("X-Ricevuta") == "errore-consegna");
  CHECK_FALSE(header.find("X-VerificaSicurezza"));
}

TEST_CASE("a non-delivery notice is logged and ends the dispatch", "[rule:6][rule:8.5]") {
  const auto plan = value_of(notice_for(InternalEvent::non_delivery, "bruno@pec.beta.example"));
  CHECK(plan.key == ReceiptKey{"20261122041122.id1@pec.alfa.example",
                               EventKind::non_delivery,
                               {"bruno@pec.beta.example"}});
  REQUIRE(plan.entries.events.size() == 1);
  CHECK(plan.entries.events.front().error == "no-dest");
  CHECK(plan.entries.events.front().recipient == "bruno@pec.beta.example");
  CHECK(plan.entries.steps ==
        std::vector<DispatchStep>{{"20261122041122.id1@pec.alfa.example", "bruno@pec.beta.example",
                                   DispatchStep::Step::failed, morning, true}});
}

TEST_CASE("an ordinary recipient may fail too, without a dispatch", "[rule:6]") {
  const auto plan = value_of(notice_for(InternalEvent::non_delivery, "dario@ordinaria.example"));
  CHECK(plan.entries.events.size() == 1);
  CHECK(plan.entries.steps.empty());
}

TEST_CASE("the notices of a timeout differ in text, step and key", "[rule:6][rule:3.1.6]") {
  const auto early = notice_for(InternalEvent::early_notice, "bruno@pec.beta.example");
  const auto last = notice_for(InternalEvent::timeout_notice, "bruno@pec.beta.example");
  REQUIRE(early);
  REQUIRE(last);
  CHECK(early->key.kind == EventKind::early_notice);
  CHECK(last->key.kind == EventKind::timeout_notice);
  CHECK(early->entries.steps.front().step == DispatchStep::Step::warned);
  CHECK(last->entries.steps.front().step == DispatchStep::Step::timed_out);
  for (const auto& plan : {*early, *last}) {
    const auto message = sent(make_receipt(plan, plan.proposed, stamp_of(morning)), alfa);
    const auto found = classified(message);
    INFO(found.reason);
    REQUIRE(found.what == IncomingClass::correct);
    CHECK(message.header.unfolded("X-Ricevuta") == "preavviso-errore-consegna");
    CHECK(message.header.unfolded("Subject") ==
          "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: Prova");
    CHECK(found.message->data.concerns == "bruno@pec.beta.example");
  }
}

TEST_CASE("no notice is made for whom it does not concern", "[rule:6][rule:8.5]") {
  const auto rejected = [](const Result<ReceiptPlan>& plan) {
    return !plan && plan.error().fault == Fault::rejected;
  };
  using Event = InternalEvent;
  CHECK(rejected(notice_for(Event::non_delivery, "nobody@pec.beta.example")));
  CHECK(rejected(notice_for(Event::timeout_notice, "dario@ordinaria.example")));
  CHECK(rejected(notice_for(Event::early_notice, "dario@ordinaria.example")));
  const auto foreign = logged("bice@pec.beta.example");
  CHECK(rejected(notice_for(Event::timeout_notice, "carla@pec.alfa.example", foreign)));
  CHECK(rejected(notice_for(Event::non_delivery, "bruno@pec.beta.example", foreign)));
  CHECK(rejected(notice_for(Event::non_delivery, "dario@ordinaria.example", foreign)));
  const auto ours = value_of(notice_for(Event::non_delivery, "carla@pec.alfa.example", foreign));
  CHECK(ours.to == "bice@pec.beta.example");
  CHECK(ours.entries.steps.empty());
}

TEST_CASE("a notice is never made of a copy of an envelope", "[rule:6]") {
  const auto plan =
      error_of(plan_for({{InternalEvent::non_delivery, "bruno@pec.beta.example", morning}}, alfa));
  CHECK(plan.fault == Fault::internal);
}
