#include "pec/texts.hpp"

#include "../../support/domain_fixtures.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;

namespace {

LetterFacts facts() {
  LetterFacts facts;
  facts.stamp = stamp_of(morning);
  facts.subject = "Prova";
  facts.sender = "anna@pec.alfa.example";
  facts.recipients = {{"bruno@pec.beta.example", true}, {"dario@ordinaria.example", false}};
  facts.recipient = "bruno@pec.beta.example";
  facts.pec_id = "id1@pec.alfa.example";
  facts.msgid = "<client-1@pec.alfa.example>";
  return facts;
}

}  // namespace

TEST_CASE("the acceptance names each recipient with its type", "[rule:9][rule:3.1.4]") {
  CHECK(subject_prefix(Letter::acceptance) == "ACCETTAZIONE: ");
  CHECK(render(Letter::acceptance, facts()).plain ==
        "Ricevuta di accettazione\n\n"
        "Il giorno 22/11/2026 alle ore 05:11:22 (+0100) il messaggio\n"
        "\"Prova\" proveniente da \"anna@pec.alfa.example\"\n"
        "ed indirizzato a:\n"
        "bruno@pec.beta.example (\"posta certificata\")\n"
        "dario@ordinaria.example (\"posta ordinaria\")\n"
        "è stato accettato dal sistema ed inoltrato.\n"
        "Identificativo messaggio: id1@pec.alfa.example\n"
        "Message-ID del messaggio originale: <client-1@pec.alfa.example>\n");
}

TEST_CASE("the acceptance of a message without Message-ID names none", "[rule:9]") {
  auto without = facts();
  without.msgid.clear();
  CHECK(render(Letter::acceptance, without).plain.find("Message-ID") == std::string::npos);
}

TEST_CASE("the transport envelope's text", "[rule:9][rule:3.1.5]") {
  CHECK(subject_prefix(Letter::transport_envelope) == "POSTA CERTIFICATA: ");
  CHECK(render(Letter::transport_envelope, facts()).plain ==
        "Messaggio di posta certificata\n\n"
        "Il giorno 22/11/2026 alle ore 05:11:22 (+0100) il messaggio\n"
        "\"Prova\" è stato inviato da \"anna@pec.alfa.example\"\n"
        "indirizzato a:\n"
        "bruno@pec.beta.example\n"
        "dario@ordinaria.example\n"
        "Il messaggio originale è incluso in allegato.\n"
        "Identificativo messaggio: id1@pec.alfa.example\n");
}

TEST_CASE("the take-charge's text", "[rule:9][rule:3.2.1]") {
  CHECK(subject_prefix(Letter::take_charge) == "PRESA IN CARICO: ");
  CHECK(render(Letter::take_charge, facts()).plain ==
        "Ricevuta di presa in carico\n\n"
        "Il giorno 22/11/2026 alle ore 05:11:22 (+0100) il messaggio\n"
        "\"Prova\" proveniente da \"anna@pec.alfa.example\"\n"
        "ed indirizzato a:\n"
        "bruno@pec.beta.example\n"
        "dario@ordinaria.example\n"
        "è stato accettato dal sistema.\n"
        "Identificativo messaggio: id1@pec.alfa.example\n");
}

TEST_CASE("the delivery's title follows its kind", "[rule:5][rule:9][rule:3.3.2]") {
  const auto text = [](Letter letter) { return render(letter, facts()).plain; };
  const std::string body =
      "\n\nIl giorno 22/11/2026 alle ore 05:11:22 (+0100) il messaggio\n"
      "\"Prova\" proveniente da \"anna@pec.alfa.example\"\n"
      "ed indirizzato a \"bruno@pec.beta.example\"\n"
      "è stato consegnato nella casella di destinazione.\n"
      "Identificativo messaggio: id1@pec.alfa.example\n";
  CHECK(text(Letter::delivery_complete) == "Ricevuta di avvenuta consegna" + body);
  CHECK(text(Letter::delivery_brief) == "Ricevuta breve di avvenuta consegna" + body);
  CHECK(text(Letter::delivery_concise) == "Ricevuta sintetica di avvenuta consegna" + body);
  CHECK(subject_prefix(Letter::delivery_complete) == "CONSEGNA: ");
}

TEST_CASE("nothing from the message becomes markup, or is filled in again", "[rule:8.1]") {
  auto hostile = facts();
  hostile.subject = "<script>[mittente]</script>&\"[";
  const auto letter = render(Letter::acceptance, hostile);
  CHECK(letter.html.find("<script") == std::string::npos);
  CHECK(letter.html.find("&lt;script&gt;[mittente]&lt;/script&gt;&amp;&quot;[") !=
        std::string::npos);
  CHECK(letter.plain.find("\"<script>[mittente]</script>&\"[\"") != std::string::npos);
}
