// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/incoming_point.hpp"

#include "pec/belief.hpp"
#include "pec/message_identity.hpp"
#include "pec/receipts.hpp"
#include "support/domain_fixtures.hpp"
#include "support/results.hpp"
#include "unit/pec/made_messages.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;

namespace {

IncomingFacts facts(const Identity& us) {
  return {stamp_of(morning), "20261122041122.id7", Takes::all_mail, us, directory()};
}

Decision decide(const mime::Message& message, std::vector<std::string> recipients,
                const IncomingFacts& facts, std::string sender = "anna@pec.alfa.example") {
  return decide_incoming(message, classified(message, facts.identity),
                         {std::move(sender), std::move(recipients)}, facts);
}

std::vector<std::string> split_at(std::string_view text, std::string_view line) {
  std::vector<std::string> pieces;
  for (auto end = text.find(line); end != text.npos; end = text.find(line)) {
    pieces.emplace_back(text.substr(0, end));
    text.remove_prefix(end + line.size());
  }
  pieces.emplace_back(text);
  return pieces;
}

// The follow-up of an anomaly envelope around a provider's message: no evidence, only a note.
void only_noted(const Decision& decision) {
  for (const auto& internal : decision.follow_ups)
    CHECK(internal.event == InternalEvent::anomaly_kept);
}

}  // namespace

TEST_CASE("a correct envelope goes on unchanged, with a take-charge for each recipient",
          "[rule:4][rule:2.2.2]") {
  const auto found = classified(simple_envelope());
  CHECK(found.what == IncomingClass::correct);
  const auto decision = decide(simple_envelope(), {"bruno@pec.beta.example"}, facts(beta));
  CHECK(std::holds_alternative<Keep>(decision.action));
  CHECK(decision.pec_id == "20261122041122.id1@pec.alfa.example");
  CHECK(decision.follow_ups == std::vector<InternalRecipient>{{InternalEvent::take_charge,
                                                               "bruno@pec.beta.example", morning}});
  CHECK(decision.entries.empty());
}

TEST_CASE("no take-charge for an address that the envelope does not certify", "[rule:8.5]") {
  const auto decision =
      decide(simple_envelope(), {"eva@pec.beta.example", "dario@ordinaria.example"}, facts(beta));
  CHECK(std::holds_alternative<Keep>(decision.action));
  CHECK(decision.follow_ups.empty());
  CHECK(decision.counted ==
        std::vector<std::string>(2, "envelope for a recipient that it does not name"));
  CHECK(decision.entries.empty());
  CHECK(decision.alerts.empty());
}

TEST_CASE("a correct receipt goes on unchanged and is noted", "[rule:4]") {
  const auto message = receipt(InternalEvent::delivery, "bruno@pec.beta.example", beta);
  const auto decision = decide(message, {"anna@pec.alfa.example"}, facts(alfa));
  CHECK(std::holds_alternative<Keep>(decision.action));
  CHECK(decision.follow_ups.empty());
  REQUIRE(decision.entries.events.size() == 1);
  const auto& event = decision.entries.events.front();
  CHECK(event.kind == EventKind::delivery);
  CHECK(event.direction == Direction::received);
  CHECK(event.recipient == "bruno@pec.beta.example");
  CHECK(event.provider == "PEC Beta S.r.l.");
  CHECK(event.generated_id == bare_message_id(message.header));
  CHECK(event.identity == receipt_identity(classified(message).message->data, beta.address));
  CHECK(decision.entries.steps ==
        std::vector<DispatchStep>{{"20261122041122.id1@pec.alfa.example", "bruno@pec.beta.example",
                                   DispatchStep::Step::delivered, morning}});
}

TEST_CASE("a receipt is noted for the recipient in whatever case it writes him", "[rule:8.5]") {
  auto contents = contents_of(receipt(InternalEvent::delivery, "bruno@pec.beta.example", beta));
  contents.data.concerns = "\"Bruno\"@PEC.Beta.example";
  const auto decision =
      decide(sent(compose_receipt(contents, beta), beta), {"anna@pec.alfa.example"}, facts(alfa));
  REQUIRE(decision.entries.events.size() == 1);
  CHECK(decision.entries.events.front().recipient == "bruno@pec.beta.example");
  REQUIRE(decision.entries.steps.size() == 1);
  CHECK(decision.entries.steps.front().recipient == "bruno@pec.beta.example");
}

TEST_CASE("a take-charge that comes in advances the dispatch", "[rule:4]") {
  const auto message = receipt(InternalEvent::take_charge, "bruno@pec.beta.example", beta);
  const auto decision = decide(message, {"ricevute@pec.alfa.example"}, facts(alfa));
  REQUIRE(decision.entries.steps.size() == 1);
  CHECK(decision.entries.steps.front().step == DispatchStep::Step::taken_in_charge);
}

TEST_CASE("a take-charge about many has one list of recipients, whatever its lines", "[rule:8.5]") {
  auto contents = contents_of(receipt(InternalEvent::take_charge, "bruno@pec.beta.example", beta));
  contents.letter = Letter::take_charge;
  std::vector<Recipient> all;
  contents.data.taken_in_charge.clear();
  for (int i = 0; i < 2000; ++i) {
    all.push_back({fmt::format("r{}@pec.beta.example", i), true});
    contents.data.taken_in_charge.push_back(all.back().address);
  }
  contents.data.recipients = all;
  const auto decision = decide(sent(compose_receipt(contents, beta), beta),
                               {"ricevute@pec.alfa.example"}, facts(alfa));
  const auto& lines = decision.entries.events;
  REQUIRE(lines.size() == 2000);
  CHECK(lines.front().recipients.size() == 2000);
  for (const auto& line : lines)
    if (!line.recipients.shares_with(lines.front().recipients)) FAIL(line.recipient);
}

TEST_CASE("an envelope and its receipt are read by their frame, whatever lies in the original",
          "[rule:4]") {
  const std::string part = "--b\r\n\r\nx\r\n";
  std::string many, attached, deep;
  for (int i = 0; i < 10'050; ++i) many += part;
  const auto long_header = "X-Long: " + std::string(8192, 'x') + "\r\n\r\nx\r\n";
  for (int i = 0; i < 300; ++i)
    attached += "--b\r\nContent-Type: message/rfc822\r\n\r\n" + long_header;
  for (int i = 0; i < 300; ++i)
    deep += fmt::format("--b{0}\r\nContent-Type: multipart/mixed; boundary=b{1}\r\n\r\n",
                        i == 0 ? "" : std::to_string(i), i + 1);
  std::string own_header;
  for (int i = 0; i < 300; ++i)
    own_header += fmt::format("X-{}: ", i) + std::string(8192, 'x') + "\r\n";
  const std::string type = "Content-Type: multipart/mixed; boundary=b\r\n";
  for (const auto& [fields, body] : {std::pair(type, many), std::pair(type, attached),
                                     std::pair(type, deep), std::pair(type + own_header, part)}) {
    const auto original = message_of(
        text::replace_all(simple_original, "\r\n\r\nCiao.\r\n", "\r\n" + fields + "\r\n" + body));
    const auto data = classified(simple_envelope()).message->data;
    const auto envelope =
        sent(compose_transport_envelope(original, data, stamp_of(morning), alfa), alfa);
    const auto found = classified(envelope, beta);
    INFO(found.reason);
    REQUIRE(found.what == IncomingClass::correct);
    const auto embedded = original_with_pec_id(original, data.pec_id, "").str();
    CHECK((found.message->original->view == embedded));

    // Another provider may put its parts in another order.
    const auto content =
        envelope.body.view.substr(envelope.body.view.find("Content-Type: multipart/mixed"),
                                  read_frame(envelope)->content.size());
    const auto boundary = content.substr(content.find("--pec-mixed"));
    const auto line = "\r\n" + std::string(boundary.substr(0, boundary.find("\r\n")));
    const auto pieces = split_at(content, line);
    REQUIRE(pieces.size() == 5);
    Draft other = compose_transport_envelope(original, data, stamp_of(morning), alfa);
    other.content =
        mime::Rope(text::join({pieces[0], pieces[1], pieces[3], pieces[2], pieces[4]}, line));
    const auto swapped = classified(sent(std::move(other), alfa), beta);
    INFO(swapped.reason);
    REQUIRE(swapped.what == IncomingClass::correct);
    CHECK((swapped.message->original->view == embedded));

    const auto plan =
        value_of(plan_receipt(found, {{InternalEvent::delivery, "bruno@pec.beta.example", morning}},
                              {&host_group, beta, directory(), {}, morning}));
    auto decision = make_receipt(plan, plan.proposed, stamp_of(morning));
    const auto receipt = classified(sent(decision, beta));
    INFO(receipt.reason);
    REQUIRE(receipt.what == IncomingClass::correct);
    CHECK((receipt.message->original->view == embedded));
  }
}

TEST_CASE(
    "a message that is not the signer's to send is not evidence: anomaly envelope and incident",
    "[rule:4][rule:8.5]") {
  const auto not_believed = [](const mime::Message& message, const Identity& us,
                               const std::string& why) {
    INFO(why);
    auto closed = facts(us);  // delivered to closed mailboxes, too
    closed.takes = Takes::certified_mail;
    const auto decision = decide(message, {"X@" + us.domain}, closed);
    CHECK(classified(message, us).flaw == IncomingFlaw::foreign_message);
    REQUIRE(std::holds_alternative<Replace>(decision.action));
    const auto text = std::get<Replace>(decision.action).draft.content.str();
    CHECK_THAT(text, Catch::Contains("non pu=F2 certificare messaggi"));
    only_noted(decision);
    CHECK(decision.entries.steps.empty());
    REQUIRE(decision.entries.incidents.size() == 1);
    const auto& incident = decision.entries.incidents.front();
    CHECK(incident.what == "foreign message");
    CHECK(incident.recipient == "x@" + us.domain);
    CHECK(incident.at == morning);
    CHECK_THAT(incident.detail, Catch::Contains(why));
    CHECK_FALSE(decision.alerts.empty());
    CHECK(decision.alerts == std::vector<std::string>{"foreign message"});
  };
  const auto message = receipt(InternalEvent::delivery, "bruno@pec.beta.example", beta);
  not_believed(message, beta, "the sender anna@pec.alfa.example is not of PEC Beta S.r.l.");

  // Signed by beta: about a mailbox of alfa, and about a message with an id of somebody else's.
  auto about_ours = contents_of(message);
  about_ours.data.concerns = "carla@pec.alfa.example";
  not_believed(sent(compose_receipt(about_ours, beta), beta), alfa,
               "the mailbox carla@pec.alfa.example is not of PEC Beta S.r.l.");
  auto never_sent = contents_of(message);
  never_sent.data.pec_id = "20261122041122.id9@pec.gamma.example";
  not_believed(sent(compose_receipt(never_sent, beta), beta), alfa,
               "the identificativo 20261122041122.id9@pec.gamma.example is not of PEC Alfa");

  // Beta's own acceptance of a message of alfa's user, and beta's envelope for it.
  auto acceptance = contents_of(message);
  acceptance.letter = Letter::acceptance;
  acceptance.data.kind = EventKind::acceptance;
  acceptance.data.concerns.clear();
  not_believed(sent(compose_receipt(acceptance, beta), beta), alfa,
               "the sender anna@pec.alfa.example is not of PEC Beta S.r.l.");
  auto data = classified(simple_envelope()).message->data;
  not_believed(
      sent(compose_transport_envelope(message_of(simple_original), data, stamp_of(morning), beta),
           beta),
      alfa, "the sender anna@pec.alfa.example is not of PEC Beta S.r.l.");
}

TEST_CASE("a non-delivery notice is the recipient's side's, or the sender's to its own user",
          "[rule:4]") {
  auto notice = contents_of(receipt(InternalEvent::delivery, "bruno@pec.beta.example", beta));
  notice.letter = Letter::non_delivery;
  notice.data.kind = EventKind::non_delivery;
  notice.data.error = CertifiedError::other;
  notice.data.error_detail = "5.2.2 - PEC Beta S.r.l. - casella piena";
  notice.data.receipt_form.reset();
  const auto from = [&](const Identity& signer, const Identity& us) {
    return classified(sent(compose_receipt(notice, signer), signer), us).what;
  };
  CHECK(from(beta, alfa) == IncomingClass::correct);
  CHECK(from(alfa, beta) == IncomingClass::correct);  // passed on by its user
  CHECK(from(beta, beta) == IncomingClass::malformed);
  notice.data.concerns = "dario@ordinaria.example";
  CHECK(from(beta, alfa) == IncomingClass::malformed);
  CHECK(from(alfa, alfa) == IncomingClass::correct);
}

TEST_CASE("mail under way for a domain that went elsewhere lately ends here", "[rule:4]") {
  auto late = contents_of(receipt(InternalEvent::delivery, "bruno@pec.beta.example", beta));
  late.data.sender = "uno@old.beta.example";
  late.data.reply_to = late.data.sender;
  late.data.pec_id = "20261122041122.id9@pec.beta.example";
  late.data.concerns = "carla@pec.alfa.example";
  late.to = late.data.sender;
  const auto decision =
      decide(sent(compose_receipt(late, alfa), alfa), {"uno@old.beta.example"}, facts(beta));
  CHECK(std::holds_alternative<Keep>(decision.action));
  CHECK(decision.entries.events.size() == 1);
  REQUIRE(decision.entries.steps.size() == 1);
  CHECK(decision.entries.steps.front().step == DispatchStep::Step::delivered);
}

TEST_CASE("an envelope that comes again gets no second take-charge", "[rule:4][rule:8.5]") {
  const std::string bruno = "bruno@pec.beta.example", eva = "eva@pec.beta.example";
  auto again = facts(beta);
  again.seen.known_to = {bruno};
  auto decision = decide(simple_envelope(), {bruno}, again);
  CHECK(std::holds_alternative<Keep>(decision.action));  // the journal knows it
  CHECK_FALSE(decision.route);
  CHECK(decision.follow_ups.empty());
  CHECK(decision.alerts.empty());
  CHECK(decision.counted == std::vector<std::string>{"duplicate envelope"});
  CHECK_FALSE(to_be_scanned(classified(simple_envelope()), {"", {bruno}}, again.takes, again.seen));

  SECTION("with a new recipient, for him alone") {
    decision = decide(simple_envelope(), {bruno, "unit@unit.beta.example"}, again);
    CHECK(decision.follow_ups.empty());  // whom it doesn't certify
    CHECK(
        to_be_scanned(classified(simple_envelope()), {"", {bruno, eva}}, again.takes, again.seen));
  }
  SECTION("after the journal has forgotten it, it goes nowhere") {
    again.seen = {{}, {bruno}, {}};
    CHECK(std::holds_alternative<Discard>(decide(simple_envelope(), {bruno}, again).action));
    const auto mixed = decide(simple_envelope(), {bruno, eva}, again);
    CHECK(std::holds_alternative<Keep>(mixed.action));
    CHECK(mixed.route == Route{"anna@pec.alfa.example", {eva}});
  }
  SECTION("infected or not") {
    again.virus = "Eicar-Test";
    decision = decide(simple_envelope(), {bruno}, again);
    CHECK(std::holds_alternative<Discard>(decision.action));
    CHECK(decision.follow_ups.empty());
    CHECK(decision.alerts.empty());
  }
}

TEST_CASE("another message under an id that was received is an anomaly", "[rule:4][rule:8.5]") {
  auto other = facts(beta);
  other.takes = Takes::certified_mail;
  other.seen.other_for = {"Bruno@pec.beta.example"};
  auto decision = decide(simple_envelope(), {"Bruno@pec.beta.example"}, other);
  REQUIRE(std::holds_alternative<Replace>(decision.action));
  CHECK_THAT(std::get<Replace>(decision.action).draft.content.str(),
             Catch::Contains("stesso identificativo"));
  only_noted(decision);
  REQUIRE(decision.entries.incidents.size() == 1);
  CHECK(decision.entries.incidents.front().what == "other content");
  CHECK(decision.entries.incidents.front().pec_id == "20261122041122.id1@pec.alfa.example");
  CHECK(decision.entries.incidents.front().recipient == "bruno@pec.beta.example");
  CHECK_FALSE(decision.alerts.empty());
}

TEST_CASE("a provider's message in wrong form is kept once by each", "[rule:4]") {
  const auto wrong = changed(simple_envelope(), "X-Trasporto: posta-certificata\r\n", "");
  const std::string bruno = "bruno@pec.beta.example", eva = "eva@pec.beta.example";
  auto known = facts(beta);
  CHECK(decide(wrong, {bruno, eva}, known).follow_ups ==
        std::vector<InternalRecipient>{{InternalEvent::anomaly_kept, bruno, morning},
                                       {InternalEvent::anomaly_kept, eva, morning}});
  CHECK(classified(wrong).envelope->pec_id == "20261122041122.id1@pec.alfa.example");
  known.anomaly_known_to = {bruno};
  const auto for_eva = decide(wrong, {bruno, eva}, known);
  CHECK(for_eva.route == Route{"anna@pec.alfa.example", {eva}});
  CHECK(for_eva.follow_ups ==
        std::vector<InternalRecipient>{{InternalEvent::anomaly_kept, eva, morning}});
  const auto for_nobody = decide(wrong, {bruno}, known);
  CHECK(std::holds_alternative<Discard>(for_nobody.action));
  CHECK(for_nobody.entries.empty());
  CHECK(for_nobody.counted == std::vector<std::string>{"duplicate anomaly"});
}

TEST_CASE("a receipt that comes again is logged once, and always goes to its mailbox",
          "[rule:4][rule:8.5]") {
  const auto message = receipt(InternalEvent::delivery, "bruno@pec.beta.example", beta);
  auto again = facts(alfa);
  again.seen.known_to = {"bruno@pec.beta.example"};
  auto decision = decide(message, {"anna@pec.alfa.example"}, again);
  CHECK(std::holds_alternative<Keep>(decision.action));
  CHECK(decision.counted == std::vector<std::string>{"duplicate receipt"});
  again.seen = {{}, {"bruno@pec.beta.example"}, {}};
  decision = decide(message, {"anna@pec.alfa.example"}, again);
  CHECK(
      std::holds_alternative<Keep>(decision.action));  // it may have failed at a full mailbox since
  CHECK(decision.entries.empty());
  CHECK(decision.counted == std::vector<std::string>{"duplicate receipt"});
}

TEST_CASE("to a closed mailbox only those messages are certified mail that are meant for it",
          "[rule:4]") {
  const std::string bruno = "bruno@pec.beta.example", eva = "eva@pec.beta.example";
  auto closed = facts(beta);
  closed.takes = Takes::certified_mail;
  auto decision = decide(simple_envelope(), {eva}, closed);
  REQUIRE(std::holds_alternative<Refuse>(decision.action));
  CHECK(std::get<Refuse>(decision.action).enhanced == "5.7.1");
  decision = decide(simple_envelope(), {bruno, eva}, closed);
  CHECK(std::holds_alternative<Keep>(decision.action));
  CHECK(decision.route == Route{"anna@pec.alfa.example", {bruno}});
  CHECK(decision.follow_ups.size() == 1);

  const auto message = receipt(InternalEvent::delivery, bruno, beta);
  auto ours = facts(alfa);
  ours.takes = Takes::certified_mail;
  CHECK(std::holds_alternative<Keep>(decide(message, {"Anna@pec.alfa.example"}, ours).action));
  decision = decide(message, {"carla@pec.alfa.example"}, ours);
  CHECK(std::holds_alternative<Refuse>(decision.action));
  CHECK(decision.entries.steps.empty());
  CHECK(decision.entries.incidents.empty());
  CHECK(decision.entries.events.size() == 1);
  const auto taken = receipt(InternalEvent::take_charge, bruno, beta);
  CHECK(std::holds_alternative<Keep>(decide(taken, {"carla@pec.alfa.example"}, ours).action));

  closed.takes = Takes::all_mail;
  CHECK(std::holds_alternative<Keep>(decide(simple_envelope(), {eva}, closed).action));
}

TEST_CASE("a nearly full mailbox refuses ordinary mail alone", "[rule:5]") {
  const std::string bruno = "bruno@pec.beta.example", eva = "eva@pec.beta.example";
  auto full = facts(beta);
  full.takes = Takes::no_ordinary_mail;
  const auto decision = decide(message_of(simple_original), {bruno}, full);
  REQUIRE(std::holds_alternative<Refuse>(decision.action));
  const auto& refuse = std::get<Refuse>(decision.action);
  CHECK(refuse.code == "552");
  CHECK(refuse.enhanced == "5.2.2");
  CHECK(decision.counted == std::vector<std::string>{"refused: mailbox nearly full"});
  CHECK(decision.entries.empty());

  CHECK(std::holds_alternative<Keep>(decide(simple_envelope(), {bruno}, full).action));
  CHECK(std::holds_alternative<Keep>(decide(simple_envelope(), {eva}, full).action));
  const auto malformed = changed(simple_envelope(), "X-Trasporto: posta-certificata\r\n", "");
  CHECK(std::holds_alternative<Replace>(decide(malformed, {bruno}, full).action));
  auto ours = facts(alfa);
  ours.takes = Takes::no_ordinary_mail;
  const auto delivery = receipt(InternalEvent::delivery, bruno, beta);
  CHECK(std::holds_alternative<Keep>(decide(delivery, {"anna@pec.alfa.example"}, ours).action));
  CHECK(std::holds_alternative<Keep>(decide(delivery, {"carla@pec.alfa.example"}, ours).action));
}

TEST_CASE("a refused message of a provider has its line, and each refusal is counted",
          "[rule:8.5]") {
  struct Row {
    Takes takes;
    std::string counted;
  };
  const auto row =
      GENERATE(values<Row>({{Takes::certified_mail, "refused: closed mailbox"},
                            {Takes::own_receipts, "refused: revoked or renamed mailbox"},
                            {Takes::service, "refused: service address"}}));
  auto here = facts(beta);
  here.takes = row.takes;
  const auto decision = decide(simple_envelope(), {"Eva@pec.beta.example"}, here);
  REQUIRE(std::holds_alternative<Refuse>(decision.action));
  CHECK(decision.counted == std::vector<std::string>{row.counted});
  REQUIRE(decision.entries.events.size() == 1);
  const auto& event = decision.entries.events.front();
  CHECK(event.kind == EventKind::refusal);
  CHECK(log_name(event.kind) == "rifiuto");
  CHECK(event.direction == Direction::received);
  CHECK(event.pec_id == "20261122041122.id1@pec.alfa.example");
  CHECK(event.recipient == "eva@pec.beta.example");
  CHECK(event.sender == "anna@pec.alfa.example");
  CHECK(event.provider == alfa.provider);
  CHECK(event.at == morning);
  CHECK(event.error == "altro");
  CHECK(event.detail == decision.reason);
  CHECK(decision.entries.steps.empty());

  const auto stranger = decide(message_of(simple_original), {"eva@pec.beta.example"}, here);
  REQUIRE(std::holds_alternative<Refuse>(stranger.action));
  CHECK(stranger.counted == std::vector<std::string>{row.counted});
  CHECK(stranger.entries.empty());
}

TEST_CASE("no message can call itself a refusal") {
  CHECK_FALSE(event_kind_from_wire("rifiuto"));
  CHECK(event_kind_from_log("rifiuto") == EventKind::refusal);
  CHECK(event_kind_from_log("preavviso-errore-consegna-12") == EventKind::early_notice);
}

TEST_CASE("a receipt that comes a second time under another Message-ID has a line, and is counted",
          "[rule:8.5]") {
  const auto message = receipt(InternalEvent::delivery, "bruno@pec.beta.example", beta);
  auto ours = facts(alfa);
  ours.seen.known_to = {"bruno@pec.beta.example"};
  ours.seen.under_another_id = true;
  const auto decision = decide(message, {"anna@pec.alfa.example"}, ours);
  CHECK(std::holds_alternative<Keep>(decision.action));
  CHECK(decision.entries.events.size() == 1);
  CHECK(decision.counted == std::vector<std::string>{"second receipt", "duplicate receipt"});
  CHECK(decision.alerts.empty());
}

TEST_CASE("a recipient who has another message of the same id does not keep the others from theirs",
          "[rule:4]") {
  auto mixed = facts(beta);
  mixed.seen.other_for = {"Eva@pec.beta.example"};
  const auto decision =
      decide(simple_envelope(), {"bruno@pec.beta.example", "Eva@pec.beta.example"}, mixed);
  CHECK(std::holds_alternative<Keep>(decision.action));
  CHECK(decision.route == Route{"anna@pec.alfa.example", {"bruno@pec.beta.example"}});
  CHECK(decision.follow_ups.size() == 1);
  REQUIRE(decision.entries.incidents.size() == 1);
  CHECK(decision.entries.incidents.front().recipient == "eva@pec.beta.example");
  CHECK(decision.entries.incidents.front().copy == simple_envelope().wire().str());
  CHECK_FALSE(decision.alerts.empty());
}

TEST_CASE("a recipient of ours is certified however the sender's provider marked it", "[rule:4]") {
  auto data = classified(simple_envelope()).message->data;
  data.recipients = std::vector<Recipient>{{"bruno@pec.beta.example", false}};
  const auto envelope = sent(
      compose_transport_envelope(message_of(simple_original), data, stamp_of(morning), alfa), alfa);
  CHECK(decide(envelope, {"bruno@pec.beta.example"}, facts(beta)).follow_ups ==
        std::vector<InternalRecipient>{
            {InternalEvent::take_charge, "bruno@pec.beta.example", morning}});
}

TEST_CASE("a message without a provider's signature is ordinary, whatever its header says",
          "[rule:4][rule:2.2.2]") {
  CHECK(classified(message_of(simple_original)).what == IncomingClass::ordinary);
  CHECK(classified(message_of("X-Trasporto: posta-certificata\r\n" + simple_original)).what ==
        IncomingClass::ordinary);
  CHECK(classified(message_of("X-Ricevuta: avvenuta-consegna\r\n" + simple_original)).what ==
        IncomingClass::ordinary);
  CHECK(classified(message_of("")).what == IncomingClass::ordinary);
}

TEST_CASE("a damaged envelope is ordinary mail", "[rule:4]") {
  CHECK(classified(changed(simple_envelope(), "Ciao.", "Ciao!!")).what == IncomingClass::ordinary);
}

TEST_CASE("a provider's signature over another provider's From is nobody's", "[rule:4]") {
  const auto envelope = simple_envelope();
  const auto forged = changed(envelope, "<posta-certificata@pec.alfa.example>",
                              "<posta-certificata@pec.beta.example>");
  const auto found = classified(forged);
  CHECK(found.what == IncomingClass::ordinary);
  CHECK_THAT(found.reason, Catch::Contains("From"));
}

TEST_CASE("an anomaly envelope from outside is ordinary mail, whoever signed it", "[rule:4]") {
  const auto anomaly = [](std::string_view field) {
    const auto found =
        classified(changed(simple_envelope(), "X-Trasporto: posta-certificata", field));
    CHECK(found.what == IncomingClass::ordinary);
    CHECK(found.flaw == IncomingFlaw::foreign_anomaly);
    CHECK_THAT(found.reason, Catch::Contains("anomaly"));
  };
  anomaly("X-Trasporto: errore");
  anomaly("X-Trasporto: posta-certificata\r\nX-Trasporto: ERRORE");

  auto closed = facts(beta);
  closed.takes = Takes::certified_mail;
  const auto ours =
      changed(simple_envelope(), "X-Trasporto: posta-certificata", "X-Trasporto: errore");
  CHECK(std::holds_alternative<Refuse>(decide(ours, {"bruno@pec.beta.example"}, closed).action));
}

TEST_CASE("a frame that can be read in more than one way is ordinary mail", "[rule:4]") {
  const auto found =
      classified(changed(simple_envelope(), "This is an S/MIME", "--SIG\r\nThis is an S/MIME"));
  CHECK(found.what == IncomingClass::ordinary);
  CHECK(found.flaw == IncomingFlaw::unclear_frame);
  CHECK_THAT(found.reason, Catch::Contains("before the first part"));
}

TEST_CASE("everything that is not correct goes on in an anomaly envelope", "[rule:4][rule:3.2.2]") {
  const auto ordinary = message_of(simple_original);
  auto decision = decide(ordinary, {"bruno@pec.beta.example"}, facts(beta));
  REQUIRE(std::holds_alternative<Replace>(decision.action));
  CHECK_FALSE(decision.route);
  CHECK(decision.follow_ups.empty());
  const auto envelope = sent(decision, beta);
  CHECK(envelope.header.unfolded("X-Trasporto") == "errore");
  CHECK(envelope.body.view.find(simple_original) != std::string::npos);
  CHECK(envelope.body.view.find("daticert.xml") == std::string::npos);

  REQUIRE(decision.entries.events.size() == 1);
  const auto& event = decision.entries.events.front();
  CHECK(event.pec_id == "20261122041122.id7@pec.beta.example");
  CHECK(event.kind == EventKind::anomaly_envelope);
  CHECK(event.msgid == "<client-1@pec.alfa.example>");
  CHECK(event.sender == "anna@pec.alfa.example");
  CHECK(event.recipients == std::vector<Recipient>{{"bruno@pec.beta.example", true}});
  CHECK(event.subject == "Prova");
  CHECK(event.error == "altro");
  CHECK_THAT(event.detail, Catch::Contains("multipart/signed"));
}

TEST_CASE("an anomaly envelope says who wrote, as far as it can be told", "[rule:7]") {
  const auto from_of = [](const std::string& header, const std::string& reverse_path) {
    auto decision =
        decide(message_of(header + "\r\nx\r\n"), {"b@pec.beta.example"}, facts(beta), reverse_path);
    auto& draft = std::get<Replace>(decision.action).draft;
    return draft.header.unfolded("From") + " " + draft.header.unfolded("Reply-To");
  };
  const std::string us = " <posta-certificata@pec.beta.example>";
  CHECK(from_of("From: =?utf-8?q?G=2C_=22?= <g@o.example>\r\n", "r@o.example") ==
        "\"Per conto di: g@o.example\"" + us + " g@o.example");
  CHECK(from_of("From: g@o.example, h@o.example\r\n", "r@o.example") ==
        "\"Per conto di: g@o.example\"" + us + " g@o.example");
  CHECK(from_of("From: nobody\r\n", "r@o.example") ==
        "\"Per conto di: r@o.example\"" + us + " r@o.example");
  CHECK(from_of("Reply-To: other@o.example\r\n", "r@o.example") ==
        "\"Per conto di: r@o.example\"" + us + " other@o.example");
  CHECK(from_of("From: \"a\\\"b\"@o.example\r\n", "") ==
        "\"Per conto di: \\\"a\\\\\\\"b\\\"@o.example\"" + us + " \"a\\\"b\"@o.example");
  CHECK(from_of("Subject: x\r\n", "") ==
        "\"Per conto di: sconosciuto@mittente.invalid\"" + us + " ");
}

TEST_CASE("an anomaly envelope's text does not tell who got a hidden copy", "[rule:7]") {
  const auto listed = [](const std::string& header, std::vector<std::string> recipients) {
    auto decision =
        decide(message_of(header + "\r\nx\r\n"), std::move(recipients), facts(beta), "a@o.example");
    const auto text = std::get<Replace>(decision.action).draft.content.str();
    const auto begin = text.find("indirizzato a:\r\n") + 16;
    return text.substr(begin, text.find("\r\nTali") - begin);
  };
  const std::string b = "b@pec.beta.example", c = "c@pec.beta.example";
  CHECK(listed("To: x@o.example, b@pec.beta.example\r\nCc: B@pec.beta.example\r\n", {b, c}) ==
        "x@o.example\r\nb@pec.beta.example");
  CHECK(listed("To: x@o.example\r\n", {b}) == "x@o.example\r\nb@pec.beta.example");
  CHECK(listed("Subject: x\r\n", {b}) == "b@pec.beta.example");
  CHECK(listed("To: undisclosed-recipients:;\r\n", {b, c}) == "destinatari non indicati");
}

TEST_CASE("a closed mailbox refuses ordinary mail, and nothing else", "[rule:4]") {
  auto closed = facts(beta);
  closed.takes = Takes::certified_mail;
  const std::vector<std::string> bruno{"bruno@pec.beta.example"};
  const auto decision = decide(message_of(simple_original), bruno, closed);
  REQUIRE(std::holds_alternative<Refuse>(decision.action));
  const auto& refuse = std::get<Refuse>(decision.action);
  CHECK(refuse.enhanced == "5.7.1");
  CHECK_THAT(refuse.text, Catch::Contains("solo posta certificata"));
  CHECK_THAT(refuse.text, Catch::Contains("certified mail (PEC) only"));
  CHECK(decision.entries.empty());
  CHECK_THAT(decision.reason, Catch::StartsWith("closed mailbox: "));

  CHECK(std::holds_alternative<Keep>(decide(simple_envelope(), bruno, closed).action));
  const auto malformed = changed(simple_envelope(), "X-Trasporto: posta-certificata\r\n", "");
  CHECK(std::holds_alternative<Replace>(decide(malformed, bruno, closed).action));
}

TEST_CASE("one transaction has mailboxes that take the same, never others", "[rule:4]") {
  const auto all = {Takes::all_mail, Takes::certified_mail, Takes::own_receipts, Takes::service};
  for (const auto mailbox : all) {
    CHECK(admit_recipient(std::nullopt, mailbox));
    for (const auto first : all) CHECK(admit_recipient(first, mailbox) == (first == mailbox));
  }
}

TEST_CASE("a revoked or renamed mailbox takes receipts for what its holder has sent, and no more",
          "[rule:5]") {
  const std::string anna = "anna@pec.alfa.example", bruno = "bruno@pec.beta.example";
  auto revoked = facts(alfa);
  revoked.takes = Takes::own_receipts;
  const auto refused = [&](const mime::Message& message, const std::string& recipient) {
    const auto decision = decide(message, {recipient}, revoked);
    const auto* refuse = std::get_if<Refuse>(&decision.action);
    return refuse && refuse->enhanced == "5.2.1" && decision.entries.steps.empty() &&
           decision.entries.incidents.empty();
  };
  const auto delivery = receipt(InternalEvent::delivery, bruno, beta);
  const auto kept = decide(delivery, {anna}, revoked);
  CHECK(std::holds_alternative<Keep>(kept.action));
  CHECK(kept.entries.steps.size() == 1);
  CHECK(refused(delivery, "carla@pec.alfa.example"));
  CHECK(refused(simple_envelope(), anna));
  CHECK(refused(message_of(simple_original), anna));
  const auto no_kind = changed(simple_envelope(), "X-Trasporto: posta-certificata\r\n", "");
  CHECK(refused(no_kind, anna));
  const auto malformed = changed(delivery, "X-Ricevuta: avvenuta-consegna\r\n", "");
  CHECK(std::holds_alternative<Replace>(decide(malformed, {anna}, revoked).action));
  const auto taken = decide(receipt(InternalEvent::take_charge, bruno, beta), {anna}, revoked);
  CHECK(taken.route->recipients == std::vector<std::string>{"ricevute@pec.alfa.example"});
}

TEST_CASE("a take-charge goes to the service mailbox and never to a user", "[rule:4][rule:3.2.1]") {
  const auto message = receipt(InternalEvent::take_charge, "bruno@pec.beta.example", beta);
  const auto to = [&](std::vector<std::string> recipients) {
    return decide(message, std::move(recipients), facts(alfa), beta.address).route;
  };
  CHECK_FALSE(to({"ricevute@pec.alfa.example"}));
  const Route service{beta.address, {"ricevute@pec.alfa.example"}};
  CHECK(to({"anna@pec.alfa.example"}) == service);
  CHECK(to({"anna@pec.alfa.example", "ricevute@pec.alfa.example"}) == service);
  const auto delivery = receipt(InternalEvent::delivery, "bruno@pec.beta.example", beta);
  CHECK_FALSE(decide(delivery, {"anna@pec.alfa.example"}, facts(alfa)).route);
}

TEST_CASE("an infected envelope goes no further: its recipients' virus detections do",
          "[rule:4][rule:3.2.3]") {
  auto infected = facts(beta);
  infected.virus = "Eicar-Test";
  const auto decision =
      decide(simple_envelope(), {"bruno@pec.beta.example", "eva@pec.beta.example"}, infected);
  CHECK(std::holds_alternative<Keep>(decision.action));
  CHECK(decision.route == Route{"anna@pec.alfa.example", {}});
  CHECK(decision.follow_ups == std::vector<InternalRecipient>{{InternalEvent::virus_found,
                                                               "bruno@pec.beta.example", morning}});
  CHECK(decision.bound_to == "20261122041122.id1@pec.alfa.example");
  CHECK_FALSE(decision.alerts.empty());
  CHECK_THAT(decision.reason, Catch::Contains("Eicar-Test"));

  const auto nobody = decide(simple_envelope(), {"eva@pec.beta.example"}, infected);
  CHECK(std::holds_alternative<Discard>(nobody.action));
}

TEST_CASE("nor does it when it comes again, though nothing is looked for in what is known",
          "[rule:4][rule:3.2.3]") {
  const std::string bruno = "bruno@pec.beta.example", elena = "elena@pec.beta.example";
  auto again = facts(beta);
  again.seen.note_failed_for(bruno);
  CHECK_FALSE(again.seen.is_new_to(bruno));
  const auto alone = decide(simple_envelope(), {bruno}, again);
  CHECK(std::holds_alternative<Discard>(alone.action));
  CHECK(alone.alerts.empty());
  CHECK(alone.entries.empty());
  CHECK(alone.counted == std::vector<std::string>{"duplicate envelope"});
  CHECK_THAT(alone.reason, Catch::Contains("whose failure the sender knows"));

  // With other recipients, it goes to them alone.
  const auto both = decide(simple_envelope(), {bruno, elena}, again);
  CHECK(std::holds_alternative<Keep>(both.action));
  CHECK(both.route == Route{"anna@pec.alfa.example", {elena}});
  for (const auto& follow_up : both.follow_ups) CHECK(follow_up.recipient == elena);
}

TEST_CASE("an envelope in wrong form with a virus: the signer is told all the same",
          "[rule:4][rule:3.2.3]") {
  auto infected = facts(beta);
  infected.virus = "Eicar-Test";
  const std::string bruno = "bruno@pec.beta.example";
  const auto wrong = changed(simple_envelope(), "X-Trasporto: posta-certificata\r\n", "");
  const auto told = decide(wrong, {bruno}, infected);
  CHECK(std::holds_alternative<Keep>(told.action));
  CHECK(told.route == Route{"anna@pec.alfa.example", {}});
  CHECK(told.follow_ups ==
        std::vector<InternalRecipient>{{InternalEvent::virus_found, bruno, morning}});
  CHECK(told.bound_to == "20261122041122.id1@pec.alfa.example");
  CHECK_FALSE(told.alerts.empty());

  infected.anomaly_known_to = {bruno};
  CHECK(std::holds_alternative<Discard>(decide(wrong, {bruno}, infected).action));
  infected.anomaly_known_to = {};
  const auto nobody = decide(wrong, {"eva@pec.beta.example"}, infected);
  CHECK(std::holds_alternative<Refuse>(nobody.action));  // whom it does not name
  CHECK_FALSE(nobody.alerts.empty());

  infected.seen.other_for = {bruno};
  CHECK(std::holds_alternative<Refuse>(decide(simple_envelope(), {bruno}, infected).action));

  infected.seen = {};
  auto marked = classified(simple_envelope()).message->data;  // as an ordinary recipient
  marked.recipients = std::vector<Recipient>{{bruno, false}};
  const auto of_him =
      sent(compose_transport_envelope(message_of(simple_original), marked, stamp_of(morning), alfa),
           alfa);
  CHECK(decide(changed(of_him, "X-Trasporto: posta-certificata\r\n", ""), {bruno}, infected)
            .follow_ups == told.follow_ups);

  // Beta may not sign a message for a user of alfa.
  auto at_alfa = facts(alfa);
  at_alfa.virus = "Eicar-Test";
  const auto data = classified(simple_envelope()).message->data;
  const auto foreign = sent(
      compose_transport_envelope(message_of(simple_original), data, stamp_of(morning), beta), beta);
  const auto refused = decide(changed(foreign, "X-Trasporto: posta-certificata\r\n", ""),
                              {"carla@pec.alfa.example"}, at_alfa);
  CHECK(std::holds_alternative<Refuse>(refused.action));
  CHECK(refused.follow_ups.empty());
  CHECK_FALSE(refused.alerts.empty());
}

TEST_CASE(
    "mail from another host that bears an address of ours says that it was not used through us",
    "[rule:7]") {
  struct Wrapped {
    bool says_so;
    std::string mark;
  };
  const auto wrapped = [&](std::string_view from, std::string sender,
                           std::optional<SenderCheck> check, const Identity& us) {
    auto at = facts(us);
    at.sender_check = check;
    const auto message = changed(message_of(simple_original), "anna@pec.alfa.example", from);
    const auto decision = decide(message, {"bruno@pec.beta.example"}, at, std::move(sender));
    REQUIRE(std::holds_alternative<Replace>(decision.action));
    const auto& draft = std::get<Replace>(decision.action).draft;
    return Wrapped{draft.content.str().find("non =E8 stato inviato") != std::string::npos,
                   draft.header.unfolded("X-PEC-Spam")};
  };
  const std::string ours = "mario@pec.beta.example", other = "a@ordinaria.example";
  const auto unknown = SenderCheck::unknown;
  CHECK(wrapped(ours, other, unknown, beta).says_so);
  CHECK(wrapped(other, ours, unknown, beta).says_so);
  CHECK(wrapped("MARIO@PEC.BETA.EXAMPLE", "", unknown, beta).says_so);
  CHECK_FALSE(wrapped(other, other, unknown, beta).says_so);
  CHECK_FALSE(wrapped("giulia@pec.alfa.example", "", unknown, beta).says_so);  // alfa's, not ours
  CHECK_FALSE(wrapped(ours, ours, std::nullopt, beta).says_so);                // from this host
  CHECK(wrapped(ours, other, unknown, beta).mark.empty());

  // The host's filter knows more.
  CHECK_FALSE(wrapped(ours, ours, SenderCheck::pass, beta).says_so);
  const auto forged = wrapped(ours, ours, SenderCheck::fail, beta);
  CHECK(forged.says_so);
  CHECK(forged.mark == "suspected");
  CHECK(wrapped(other, other, SenderCheck::fail, beta).mark.empty());
}

TEST_CASE("a provider's signed message is never spam", "[rule:4]") {
  auto marked = facts(beta);
  marked.spam = SpamLevel::spam;
  const auto mark_on = [&](const mime::Message& message) {
    const auto decision = decide(message, {"bruno@pec.beta.example"}, marked);
    REQUIRE(std::holds_alternative<Replace>(decision.action));
    return std::get<Replace>(decision.action).draft.header.unfolded("X-PEC-Spam");
  };
  CHECK_FALSE(mark_on(message_of(simple_original)).empty());
  CHECK(mark_on(changed(simple_envelope(), "X-Trasporto: posta-certificata\r\n", "")).empty());
}

TEST_CASE("a provider's own addresses take receipts of providers, and bounces", "[rule:5]") {
  auto service = facts(alfa);
  service.takes = Takes::service;
  const std::string ours = "ricevute@pec.alfa.example", operators = "postmaster@pec.alfa.example";
  const auto refused = [&](const mime::Message& message, const std::string& sender) {
    const auto decision = decide(message, {ours}, service, sender);
    const auto* refuse = std::get_if<Refuse>(&decision.action);
    return refuse && refuse->enhanced == "5.7.1" && decision.entries.steps.empty() &&
           decision.entries.incidents.empty();
  };
  CHECK(refused(simple_envelope(), "anna@pec.alfa.example"));
  CHECK(refused(message_of(simple_original), "g@ordinaria.example"));
  CHECK(
      refused(changed(simple_envelope(), "X-Trasporto: posta-certificata\r\n", ""), "x@y.example"));

  const auto bounce = decide(message_of(simple_original), {ours}, service, "");
  CHECK(std::holds_alternative<Replace>(bounce.action));
  CHECK(bounce.route == Route{"", {operators}});

  const std::string bruno = "bruno@pec.beta.example";
  const auto taken = receipt(InternalEvent::take_charge, bruno, beta);
  CHECK_FALSE(decide(taken, {ours}, service, beta.address).route);
  CHECK(decide(taken, {alfa.address}, service, beta.address).route == Route{beta.address, {ours}});
  const auto delivery = decide(receipt(InternalEvent::delivery, bruno, beta), {ours}, service);
  CHECK(delivery.route->recipients == std::vector<std::string>{operators});
  CHECK(delivery.entries.steps.size() == 1);
  const auto malformed = changed(taken, "X-Ricevuta: presa-in-carico\r\n", "");
  CHECK(decide(malformed, {ours}, service).route->recipients ==
        std::vector<std::string>{operators});
}

TEST_CASE("a genuine receipt is believed if it fits what is known", "[rule:4][rule:8.5]") {
  using Step = DispatchStep::Step;
  const std::string bruno = "bruno@pec.beta.example";
  const auto message = receipt(InternalEvent::delivery, bruno, beta);
  const auto found = classified(message);
  const auto& data = found.message->data;
  KnownOfMessage log;
  CHECK_FALSE(doubt_about(data, log));  // the acceptance may not have been made yet
  log.envelope = LedgerEvent{};
  log.envelope->recipients = {{"Bruno@PEC.beta.example", true}};
  CHECK_FALSE(doubt_about(data, log));
  for (const auto& [end, believed] :
       {std::pair{Step::delivered, true}, {Step::failed, false}, {Step::timed_out, true}}) {
    log.ends = {{bruno, end}};
    const auto doubt = doubt_about(data, log);
    CHECK(doubt.has_value() != believed);
    if (doubt) CHECK(doubt->flaw == IncomingFlaw::other_end);
  }
  const auto taken = classified(receipt(InternalEvent::take_charge, bruno, beta));
  CHECK_FALSE(doubt_about(taken.message->data, log));
  auto written_otherwise = data;
  written_otherwise.concerns = "BRUNO@PEC.beta.example";
  log.ends = {{bruno, Step::failed}};
  CHECK(doubt_about(written_otherwise, log)->flaw == IncomingFlaw::other_end);
  log.envelope->recipients = {{"eva@pec.beta.example", true}};
  CHECK(doubt_about(data, log)->flaw == IncomingFlaw::never_addressed);

  const auto other = disbelieved(found, message, IncomingFlaw::other_end, "it was lost");
  const auto decision =
      decide_incoming(message, other, {beta.address, {"anna@pec.alfa.example"}}, facts(alfa));
  REQUIRE(std::holds_alternative<Replace>(decision.action));
  const auto& draft = std::get<Replace>(decision.action).draft;
  CHECK(draft.header.unfolded("X-Trasporto") == "errore");
  CHECK_THAT(draft.content.str(), Catch::Contains("contraddice l'esito"));
  CHECK(decision.follow_ups.front().event == InternalEvent::anomaly_kept);
  REQUIRE(decision.entries.events.size() == 2);
  CHECK(decision.entries.events.back().kind == EventKind::delivery);
  CHECK(decision.entries.events.back().direction == Direction::received);
  CHECK(decision.entries.steps.size() == 1);  // the ledger enters it as an incident
}

TEST_CASE("other infected mail is refused, closed mailbox or not", "[rule:4]") {
  auto infected = facts(beta);
  infected.virus = "Eicar-Test";
  for (const auto takes : {Takes::all_mail, Takes::certified_mail}) {
    infected.takes = takes;
    for (const auto& message :
         {message_of(simple_original),
          changed(receipt(InternalEvent::delivery, "bruno@pec.beta.example", beta),
                  "X-Ricevuta: avvenuta-consegna\r\n", "")}) {
      const auto decision = decide(message, {"bruno@pec.beta.example"}, infected);
      REQUIRE(std::holds_alternative<Refuse>(decision.action));
      CHECK(std::get<Refuse>(decision.action).enhanced == "5.7.1");
      CHECK_THAT(std::get<Refuse>(decision.action).text, Catch::Contains("virus: Eicar-Test"));
      CHECK(decision.entries.steps.empty());
      const bool is_signed = message.header.find("X-Riferimento-Message-ID") != nullptr;
      CHECK(decision.entries.events.size() == (is_signed ? 1 : 0));
      CHECK((is_signed ? decision.alerts : decision.counted) ==
            std::vector<std::string>{is_signed ? "refused: virus, signed by a provider"
                                               : "refused: virus"});
      CHECK((is_signed ? decision.counted : decision.alerts).empty());
      if (!is_signed) continue;
      const auto& event = decision.entries.events.front();
      CHECK(event.kind == EventKind::refusal);
      CHECK(event.error == "virus");
      CHECK(event.provider == beta.provider);
      CHECK(event.pec_id == infected.new_id + "@" + beta.domain);  // what it speaks of is not sure
    }
  }
}

TEST_CASE("all is scanned but receipts, which are evidence whatever they hold", "[rule:4]") {
  const auto scanned = [](const mime::Message& message, Takes takes = Takes::all_mail,
                          const std::string& sender = "x@ordinaria.example") {
    return to_be_scanned(classified(message), {sender, {"bruno@pec.beta.example"}}, takes, {});
  };
  CHECK(scanned(simple_envelope()));
  CHECK(scanned(message_of(simple_original)));
  CHECK(scanned(changed(simple_envelope(), "X-Trasporto: posta-certificata\r\n", "")));
  CHECK_FALSE(scanned(receipt(InternalEvent::delivery, "bruno@pec.beta.example", beta)));
  for (const auto takes :
       {Takes::no_ordinary_mail, Takes::certified_mail, Takes::own_receipts, Takes::service}) {
    CHECK_FALSE(scanned(message_of(simple_original), takes));  // refused, whatever it holds
    CHECK(scanned(simple_envelope(), takes));
    CHECK(scanned(changed(simple_envelope(), "X-Trasporto: posta-certificata\r\n", ""), takes));
  }
  CHECK(scanned(message_of(simple_original), Takes::service, ""));  // a bounce
}

TEST_CASE("another provider's virus detection has our user told", "[rule:4][rule:3.2.4]") {
  const auto envelope = simple_envelope();
  const auto plan = value_of(plan_receipt(
      classified(envelope), {{InternalEvent::virus_found, "bruno@pec.beta.example", morning}},
      {&host_group, beta, directory(), "Eicar-Test", morning}));
  const auto detection = sent(make_receipt(plan, plan.proposed, stamp_of(morning)), beta);

  const auto decision = decide(detection, {"ricevute@pec.alfa.example"}, facts(alfa), beta.address);
  CHECK(std::holds_alternative<Keep>(decision.action));
  CHECK(decision.follow_ups == std::vector<InternalRecipient>{
                                   {InternalEvent::virus_told, "bruno@pec.beta.example", morning}});
  CHECK(decision.bound_to == bare_message_id(detection.header));
  CHECK_FALSE(decision.alerts.empty());
  CHECK_THAT(decision.reason, Catch::Contains("PEC Beta S.r.l.") && Catch::Contains("Eicar-Test"));
  REQUIRE(decision.entries.events.size() == 1);
  CHECK(decision.entries.events.front().error == "virus");
  CHECK(decision.entries.steps.empty());

  // The provider reads it, wherever it was sent.
  CHECK(decide(detection, {"anna@pec.alfa.example"}, facts(alfa), beta.address).route ==
        Route{beta.address, {"ricevute@pec.alfa.example"}});

  // About a message that is not ours: nothing follows.
  only_noted(decide(detection, {"x@pec.beta.example"}, facts(beta), beta.address));
}

TEST_CASE("a message was taken in charge when the log first says so of these bytes", "[rule:4]") {
  const auto envelope = simple_envelope();
  const auto parts = read_frame(envelope);
  const auto identity = envelope_identity(parts->content);
  const std::chrono::hours hour(1);
  const std::vector<LoggedMessage> lines{{"eva@pec.beta.example", identity, morning + hour, ""},
                                         {"bruno@pec.beta.example", identity, morning, ""},
                                         {"bice@pec.beta.example", identity, morning + hour, ""},
                                         {"ugo@unit.beta.example", "another", morning - hour, ""}};
  CHECK(taken_in_charge_at(*parts, lines) == morning);
  CHECK_FALSE(taken_in_charge_at(*parts, {lines.back()}));
}

TEST_CASE("a signature that can't be judged now is neither correct nor ordinary", "[rule:4]") {
  const auto envelope = simple_envelope();
  SignatureCheck check;
  check.outcome = SignatureCheck::Outcome::undetermined;
  check.certificate = "certificate of pec.alfa.example";
  const auto found =
      classify(envelope, read_frame(envelope), check, *directory(), beta.provider, morning);
  CHECK(found.what == IncomingClass::undecided);
  const auto decision =
      decide_incoming(envelope, found, {"", {"bruno@pec.beta.example"}}, facts(beta));
  REQUIRE(std::holds_alternative<TryLater>(decision.action));
  CHECK(std::get<TryLater>(decision.action).enhanced == "4.7.5");
}
