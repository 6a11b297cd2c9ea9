// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/texts.hpp"

#include "support/domain_fixtures.hpp"
#include "support/enumerators.hpp"

#include <catch2/catch.hpp>
#include <set>

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
      "è stato consegnato nella casella di destinazione.\n";
  const std::string end = "Identificativo messaggio: id1@pec.alfa.example\n";
  CHECK(text(Letter::delivery_complete) == "Ricevuta di avvenuta consegna" + body + end);
  CHECK(text(Letter::delivery_brief) ==
        "Ricevuta breve di avvenuta consegna" + body +
            "Ogni allegato è sostituito dalla sua impronta: il codice SHA-1 del contenuto\n"
            "dell'allegato, codificato come sta nel messaggio inviato.\n" +
            end);
  CHECK(text(Letter::delivery_concise) == "Ricevuta sintetica di avvenuta consegna" + body + end);
  CHECK(subject_prefix(Letter::delivery_complete) == "CONSEGNA: ");
}

TEST_CASE("the non-acceptance's text", "[rule:9][rule:3.1.2]") {
  auto failed = facts();
  failed.description = "assenza di un indirizzo nel campo From; campo Message-ID non valido";
  CHECK(subject_prefix(Letter::non_acceptance) == "AVVISO DI NON ACCETTAZIONE: ");
  CHECK(render(Letter::non_acceptance, failed).plain ==
        "Errore nell'accettazione del messaggio\n\n"
        "Il giorno 22/11/2026 alle ore 05:11:22 (+0100) nel messaggio\n"
        "\"Prova\" proveniente da \"anna@pec.alfa.example\"\n"
        "ed indirizzato a:\n"
        "bruno@pec.beta.example\n"
        "dario@ordinaria.example\n"
        "è stato rilevato un problema che ne impedisce l'accettazione\n"
        "a causa di assenza di un indirizzo nel campo From; campo Message-ID non valido.\n"
        "Il messaggio non è stato accettato.\n"
        "Identificativo messaggio: id1@pec.alfa.example\n");
}

TEST_CASE("the texts about viruses", "[rule:9][rule:3.1.3][rule:3.2.3][rule:3.2.4]") {
  auto infected = facts();
  infected.description = "Eicar-Test";
  CHECK(subject_prefix(Letter::non_acceptance_for_virus) ==
        "AVVISO DI NON ACCETTAZIONE PER VIRUS: ");
  CHECK(render(Letter::non_acceptance_for_virus, infected).plain ==
        "Errore nell'accettazione del messaggio per presenza di virus\n\n"
        "Il giorno 22/11/2026 alle ore 05:11:22 (+0100) nel messaggio\n"
        "\"Prova\" proveniente da \"anna@pec.alfa.example\"\n"
        "ed indirizzato a:\n"
        "bruno@pec.beta.example\n"
        "dario@ordinaria.example\n"
        "è stato rilevato un problema di sicurezza Eicar-Test.\n"
        "Il messaggio non è stato accettato.\n"
        "Identificativo messaggio: id1@pec.alfa.example\n");
  CHECK(subject_prefix(Letter::virus_detection) == "PROBLEMA DI SICUREZZA: ");
  CHECK(render(Letter::virus_detection, infected).plain ==
        "Avviso di rilevazione virus informatico\n\n"
        "Il giorno 22/11/2026 alle ore 05:11:22 (+0100) nel messaggio\n"
        "\"Prova\" proveniente da \"anna@pec.alfa.example\"\n"
        "e destinato all'utente \"bruno@pec.beta.example\"\n"
        "è stato rilevato un problema di sicurezza Eicar-Test.\n"
        "Identificativo messaggio: id1@pec.alfa.example\n");
  CHECK(subject_prefix(Letter::non_delivery_for_virus) == "AVVISO DI MANCATA CONSEGNA PER VIRUS: ");
  CHECK(render(Letter::non_delivery_for_virus, infected).plain ==
        "Avviso di mancata consegna per virus\n\n"
        "Il giorno 22/11/2026 alle ore 05:11:22 (+0100) nel messaggio\n"
        "\"Prova\" destinato all'utente \"bruno@pec.beta.example\"\n"
        "è stato rilevato un problema di sicurezza Eicar-Test.\n"
        "Il messaggio non è stato consegnato.\n"
        "Identificativo messaggio: id1@pec.alfa.example\n");
}

TEST_CASE("a virus's name is found in what another provider says", "[rule:6]") {
  CHECK(virus_named_in("5.5.1 - PEC Beta - " + description_of_virus("Eicar-Test")) == "Eicar-Test");
  CHECK(virus_named_in("5.5.1 - PEC Beta - virus Foo") == "5.5.1 - PEC Beta - virus Foo");
}

TEST_CASE("the anomaly envelope's text, which certifies nothing", "[rule:9][rule:3.2.2]") {
  auto ordinary = facts();
  ordinary.description = "il messaggio non è di posta elettronica certificata";
  CHECK(subject_prefix(Letter::anomaly_envelope) == "ANOMALIA MESSAGGIO: ");
  CHECK(render(Letter::anomaly_envelope, ordinary).plain ==
        "Anomalia nel messaggio\n\n"
        "Il giorno 22/11/2026 alle ore 05:11:22 (+0100) è stato ricevuto\n"
        "il messaggio \"Prova\" proveniente da \"anna@pec.alfa.example\"\n"
        "ed indirizzato a:\n"
        "bruno@pec.beta.example\n"
        "dario@ordinaria.example\n"
        "Tali dati non sono stati certificati per il seguente errore:\n"
        "il messaggio non è di posta elettronica certificata\n"
        "Il messaggio originale è incluso in allegato.\n");

  ordinary.sender.clear();
  ordinary.recipients.clear();
  const auto text = render(Letter::anomaly_envelope, ordinary).plain;
  CHECK_THAT(text, Catch::Contains("proveniente da \"mittente sconosciuto\""));
  CHECK_THAT(text, Catch::Contains("indirizzato a:\ndestinatari non indicati\n"));
}

TEST_CASE("a provider's own text ends every text, and is not markup", "[rule:9]") {
  const OwnTexts own{{}, {}, "Assistenza: <aiuto@pec.alfa.example> [data]\n"};
  for (const auto letter : all_of<Letter>()) {
    CAPTURE(file_name(letter));
    const auto rendered = render(letter, facts(), own);
    CHECK_THAT(rendered.plain,
               Catch::EndsWith("\n\nAssistenza: <aiuto@pec.alfa.example> [data]\n"));
    CHECK_THAT(rendered.html,
               Catch::Contains("Assistenza: &lt;aiuto@pec.alfa.example&gt; [data]<br>"));
  }
}

TEST_CASE("below ours: a second language, words about this kind of message, words for all",
          "[rule:9]") {
  const OwnTexts own{{{Letter::acceptance, "Accepted: \"[oggetto]\", to [destinatario]\n"}},
                     {{Letter::acceptance, "Cercare [identificativo]\n"},
                      {Letter::non_delivery, "Scrivere a [mittente]\n"}},
                     "Assistenza\n"};
  auto hostile = facts();
  hostile.subject = "<b>[data]";
  const auto rendered = render(Letter::acceptance, hostile, own);
  const auto bare = render(Letter::acceptance, hostile);
  CHECK(rendered.plain == bare.plain +
                              "\nAccepted: \"<b>[data]\", to bruno@pec.beta.example\n"
                              "\nCercare id1@pec.alfa.example\n\nAssistenza\n");
  CHECK_THAT(rendered.html, Catch::Contains("<br>\nAccepted: &quot;&lt;b&gt;[data]&quot;, to "
                                            "bruno@pec.beta.example<br>\n<br>\nCercare "));
  CHECK(render(Letter::non_delivery, facts(), own).plain ==
        render(Letter::non_delivery, facts()).plain +
            "\nScrivere a anna@pec.alfa.example\n\nAssistenza\n");
  CHECK(render(Letter::take_charge, facts(), own).plain ==
        render(Letter::take_charge, facts()).plain + "\nAssistenza\n");
}

TEST_CASE("each kind of message has the name of a file") {
  std::set<std::string_view> names;
  for (const auto letter : all_of<Letter>()) {
    CHECK(letter_of_file(file_name(letter)) == letter);
    names.insert(file_name(letter));
  }
  CHECK(names.size() == all_of<Letter>().size());
  CHECK_FALSE(letter_of_file("receipt"));
}

TEST_CASE("a text that names nothing that there is can't be filled in") {
  for (const std::string name :
       {"data", "ora", "zona", "oggetto", "mittente", "destinatario", "destinatari",
        "destinatari con tipo", "descrizione", "identificativo", "msgid"})
    CHECK(flaw_of_template("x [" + name + "] y") == "");
  CHECK(flaw_of_template("nothing") == "");
  CHECK_THAT(flaw_of_template("On [date]"),
             Catch::StartsWith("[date] is nothing that a text can name; write one of [data], "));
  CHECK_THAT(flaw_of_template("[data] [ora"), Catch::StartsWith("a bracket is open"));
}

TEST_CASE("every finding has words of its own", "[rule:2][rule:7]") {
  std::set<std::string> all;
  const auto rules = all_of<FormalRule>();
  for (const auto rule : rules) {
    const auto words = description_of({{rule, "<value>"}});
    CHECK_FALSE(words.empty());
    all.insert(words);
  }
  const auto flaws = all_of<IncomingFlaw>();
  for (const auto flaw : flaws)
    if (flaw != IncomingFlaw::none) all.insert(description_of(flaw, false));
  CHECK(all.size() == rules.size() + flaws.size() - 1);
  CHECK_FALSE(all.contains(""));

  CHECK(
      description_of({{FormalRule::no_from, ""}, {FormalRule::repeated_fields, "To, [valore]"}}) ==
      "assenza di un indirizzo nel campo From; campi di intestazione ripetuti: To, [valore]");
  CHECK_THAT(description_of(IncomingFlaw::not_signed, true),
             Catch::EndsWith("; un campo di intestazione molto lungo può non essere giunto per "
                             "intero"));
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

TEST_CASE("the non-delivery notice's text", "[rule:9][rule:3.3.3]") {
  auto failed = facts();
  failed.description = "5.1.1 - PEC Alfa S.p.A. - indirizzo non valido";
  CHECK(subject_prefix(Letter::non_delivery) == "AVVISO DI MANCATA CONSEGNA: ");
  CHECK(render(Letter::non_delivery, failed).plain ==
        "Avviso di mancata consegna\n\n"
        "Il giorno 22/11/2026 alle ore 05:11:22 (+0100) nel messaggio\n"
        "\"Prova\" proveniente da \"anna@pec.alfa.example\"\n"
        "e destinato all'utente \"bruno@pec.beta.example\"\n"
        "è stato rilevato un errore 5.1.1 - PEC Alfa S.p.A. - indirizzo non valido.\n"
        "Il messaggio è stato rifiutato dal sistema.\n"
        "Identificativo messaggio: id1@pec.alfa.example\n");
}

TEST_CASE("the texts of the notices after 12 and 24 hours", "[rule:9][rule:3.1.6]") {
  const std::string opening =
      "Avviso di mancata consegna\n\n"
      "Il giorno 22/11/2026 alle ore 05:11:22 (+0100) il messaggio\n"
      "\"Prova\" proveniente da \"anna@pec.alfa.example\"\n"
      "e destinato all'utente \"bruno@pec.beta.example\"\n";
  const std::string closing = "Identificativo messaggio: id1@pec.alfa.example\n";
  for (const auto letter : {Letter::early_notice, Letter::timeout_notice})
    CHECK(subject_prefix(letter) == "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: ");
  CHECK(render(Letter::early_notice, facts()).plain ==
        opening +
            "non è stato consegnato nelle prime dodici ore dal suo invio.\n"
            "Non escludendo che questo possa avvenire in seguito si ritiene utile considerare\n"
            "che l'invio potrebbe non andare a buon fine. Il sistema provvederà comunque\n"
            "ad inviare un ulteriore avviso di mancata consegna se nelle prossime dodici ore\n"
            "non vi sarà la conferma della ricezione da parte del destinatario.\n" +
            closing);
  CHECK(render(Letter::timeout_notice, facts()).plain ==
        opening +
            "non è stato consegnato nelle ventiquattro ore successive al suo invio.\n"
            "Si ritiene che la spedizione debba considerarsi non andata a buon fine.\n" +
            closing);
}
