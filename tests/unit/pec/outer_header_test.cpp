// SPDX-License-Identifier: GPL-2.0-or-later

// Section 4 of the rules: what "agrees with the header" means, field by field.
#include "pec/outer_header.hpp"

#include "mime/date.hpp"
#include "mime/encoded_word.hpp"
#include "support/domain_fixtures.hpp"
#include "support/results.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;
using Catch::Contains;

namespace {

CertificationData data_of(EventKind kind) {
  CertificationData data;
  data.kind = kind;
  data.sender = "anna@pec.alfa.example";
  data.recipients = {{"bruno@pec.beta.example", true}, {"carla@ordinaria.example", false}};
  data.reply_to = "anna@pec.alfa.example";
  data.subject = "Prova di invio";
  data.date = "22/11/2026";
  data.time = "05:11:22";
  data.zone = "+0100";
  data.pec_id = "id1@pec.alfa.example";
  data.msgid = "<m1@client>";
  return data;
}

// A header and data that agree; each test changes one or the other.
struct Pair {
  EventKind claimed = EventKind::transport_envelope;
  CertificationData data = data_of(EventKind::transport_envelope);
  mime::HeaderList header;

  explicit Pair(EventKind kind) : claimed(kind), data(data_of(kind)) {
    const bool envelope = kind == EventKind::transport_envelope;
    set("Date", "Sun, 22 Nov 2026 05:11:22 +0100");
    set("From", envelope
                    ? "\"Per conto di: anna@pec.alfa.example\" <posta-certificata@pec.alfa.example>"
                    : "posta-certificata@pec.alfa.example");
    set("To", envelope ? "Bruno <bruno@pec.beta.example>" : "anna@pec.alfa.example");
    if (envelope) set("Cc", "carla@ordinaria.example");
    set("Message-ID", envelope ? "<id1@pec.alfa.example>" : "<id2@pec.alfa.example>");
    set("Subject", envelope ? "POSTA CERTIFICATA: Prova di invio" : "CONSEGNA: Prova di invio");
    set("X-Riferimento-Message-ID", "<m1@client>");
  }

  // Replaces the fields of that name.
  Pair& set(const std::string& name, const std::string& value) {
    mime::HeaderList other;
    for (const auto& field : header)
      if (!field.is(name)) other.add_raw(field.name, field.value);
    other.add_raw(name, " " + value);
    header = other;
    return *this;
  }
  Pair& without(const std::string& name) {
    mime::HeaderList other;
    for (const auto& field : header)
      if (!field.is(name)) other.add_raw(field.name, field.value);
    header = other;
    return *this;
  }
  Pair& add(const std::string& name, const std::string& value) {
    header.add_raw(name, " " + value);
    return *this;
  }
  auto compare() const {
    return compare_outer_header(header, claimed, data, {"posta-certificata@pec.alfa.example"});
  }
};

// The text/plain of a message that is composed here, decoded.
std::string text_of(const mime::Message& message) {
  const auto parts = value_of(read_frame(message));
  const auto& letter = parts.signed_part.children.front();
  const auto tree = mime::parse_part(message.body.view, letter.entity_begin, letter.end);
  return mime::decode_content(tree.root.children.front(), message.body.view);
}

Pair envelope() {
  return Pair(EventKind::transport_envelope);
}
Pair receipt() {
  return Pair(EventKind::delivery);
}

void agrees(const Pair& pair) {
  const auto compared = pair.compare();
  INFO((compared ? std::string() : compared.error().detail));
  CHECK(compared);
}

void differs(const Pair& pair, const std::string& why) {
  CHECK_THAT(error_of(pair.compare()).detail, Contains(why));
}

// The Subject shown for an oggetto.
Pair titled(const std::string& oggetto, const std::string& shown) {
  auto pair = envelope();
  pair.data.subject = oggetto;
  return pair.set("Subject", shown);
}

}  // namespace

TEST_CASE("header and certification data are of the same kind", "[rule:4]") {
  agrees(envelope());
  agrees(receipt());
  auto pair = receipt();
  pair.claimed = EventKind::non_delivery;
  differs(pair, "the header says errore-consegna, daticert.xml says avvenuta-consegna");
}

TEST_CASE("an envelope's Message-ID is the identificativo, a receipt's is its own", "[rule:4]") {
  differs(envelope().set("Message-ID", "<id9@pec.alfa.example>"), "identificativo");
  differs(envelope().without("Message-ID"), "identificativo");
  agrees(receipt().without("Message-ID"));
}

TEST_CASE("X-Riferimento-Message-ID is the msgid", "[rule:4]") {
  differs(envelope().set("X-Riferimento-Message-ID", "<m2@client>"), "msgid");
  agrees(envelope().set("X-Riferimento-Message-ID", "m1@client"));
  agrees(envelope().without("X-Riferimento-Message-ID"));
  auto silent = receipt();
  silent.data.msgid = "";
  differs(silent, "msgid");
}

TEST_CASE("X-TipoRicevuta is the ricevuta, where the XML says one", "[rule:4]") {
  auto pair = envelope().add("X-TipoRicevuta", "breve");
  agrees(pair);
  pair.data.receipt_form = ReceiptForm::brief;
  agrees(pair);
  pair.data.receipt_form = ReceiptForm::complete;
  differs(pair, "X-TipoRicevuta");
}

TEST_CASE("an envelope's From shows the mittente", "[rule:4]") {
  agrees(envelope().set("From", "\"per conto di: ANNA@pec.alfa.example\" <x@pec.alfa.example>"));
  differs(envelope().set("From", "\"Per conto di: eva@pec.alfa.example\" <x@pec.alfa.example>"),
          "mittente");
  differs(envelope().set("From", "posta-certificata@pec.alfa.example"), "mittente");
  differs(envelope().set("From", "a@pec.alfa.example, b@pec.alfa.example"), "one address");
  differs(envelope().without("From"), "one address");
}

TEST_CASE("a receipt's From is an address of the signer's certificate, under no other name",
          "[rule:4]") {
  const std::string own = "posta-certificata@pec.alfa.example";
  agrees(receipt().set("From", "\"" + own + "\" <" + own + ">"));
  differs(receipt().set("From", "\"Agenzia\" <" + own + ">"), "another name");
  differs(receipt().set("From", "anna@pec.alfa.example"), "certificate");
  agrees(receipt().set("From", "posta-certificata@unit.alfa.example"));  // a unit's
}

TEST_CASE("a receipt's To is the mittente; a message between providers has another", "[rule:4]") {
  differs(receipt().set("To", "eva@pec.alfa.example"), "To of a receipt");
  differs(receipt().set("To", "anna@pec.alfa.example, eva@pec.alfa.example"), "To of a receipt");
  differs(receipt().without("To"), "To of a receipt");
  differs(receipt().add("To", "eva@pec.alfa.example"), "To of a receipt");
  agrees(Pair(EventKind::take_charge)
             .set("To", "ricevute@pec.alfa.example")
             .set("Subject", "PRESA IN CARICO: Prova di invio"));
  agrees(Pair(EventKind::virus_detection)
             .set("To", "ricevute@pec.alfa.example")
             .set("Subject", "PROBLEMA DI SICUREZZA: Prova di invio"));
}

TEST_CASE("the Subject is the prefix of the kind and the oggetto", "[rule:4][rule:9]") {
  differs(envelope().set("Subject", "POSTA CERTIFICATA: Prova d'invio"), "Subject");
  differs(envelope().set("Subject", "CONSEGNA: Prova di invio"), "Subject");
  differs(envelope().set("Subject", "Prova di invio"), "Subject");
  differs(envelope().set("Subject", "POSTA CERTIFICATA: Prova di"), "Subject");
  differs(envelope().without("Subject"), "Subject");
  agrees(titled("", "POSTA CERTIFICATA:"));

  const auto of_kind = [](EventKind kind, CertifiedError error, const std::string& prefix) {
    Pair pair(kind);
    pair.data.error = error;
    agrees(pair.set("Subject", prefix + "Prova di invio"));
    differs(pair.set("Subject", "CONSEGNE: Prova di invio"), "Subject");
  };
  using Error = CertifiedError;
  of_kind(EventKind::acceptance, Error::none, "ACCETTAZIONE: ");
  of_kind(EventKind::non_acceptance, Error::other, "AVVISO DI NON ACCETTAZIONE: ");
  of_kind(EventKind::non_acceptance, Error::virus, "AVVISO DI NON ACCETTAZIONE PER VIRUS: ");
  of_kind(EventKind::take_charge, Error::none, "PRESA IN CARICO: ");
  of_kind(EventKind::delivery, Error::none, "CONSEGNA: ");
  of_kind(EventKind::non_delivery, Error::no_recipient, "AVVISO DI MANCATA CONSEGNA: ");
  of_kind(EventKind::non_delivery, Error::virus, "AVVISO DI MANCATA CONSEGNA PER VIRUS: ");
  of_kind(EventKind::virus_detection, Error::virus, "PROBLEMA DI SICUREZZA: ");
  of_kind(EventKind::timeout_notice, Error::other,
          "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: ");
}

TEST_CASE("a Subject is compared decoded, with blanks folded", "[rule:4]") {
  agrees(titled("Perché no", "POSTA CERTIFICATA: =?utf-8?q?Perch=C3=A9?= no"));
  agrees(titled("Perché no", "POSTA\r\n CERTIFICATA:  =?iso-8859-1?q?Perch=E9_?=\r\n\tno "));
  agrees(titled("  a \t b ", "POSTA CERTIFICATA: a b"));
  differs(titled("Perché no", "POSTA CERTIFICATA: Perche no"), "Subject");
}

TEST_CASE("a question mark stands for what an encoding can't hold, and for nothing of ASCII",
          "[rule:4]") {
  agrees(titled("100 € \U0001f600", "POSTA CERTIFICATA: 100 ? ?"));
  agrees(titled("Perch\ufffd", "POSTA CERTIFICATA: =?utf-8?q?Perch=C3=A9?="));
  differs(titled("100 euro", "POSTA CERTIFICATA: 100 eur?"), "Subject");
  differs(titled("Domani?", "POSTA CERTIFICATA: Domani!"), "Subject");
}

TEST_CASE("a Subject that ends in dots is a beginning of at least 200 characters", "[rule:4]") {
  const std::string text(250, 'x');
  agrees(titled(text, "POSTA CERTIFICATA: " + text.substr(0, 200) + "..."));
  differs(titled(text, "POSTA CERTIFICATA: " + text.substr(0, 199) + "..."), "Subject");
  differs(titled(text, "POSTA CERTIFICATA: " + text.substr(0, 199) + "y..."), "Subject");
  differs(titled(text, "POSTA CERTIFICATA: " + text.substr(0, 200)), "Subject");
  agrees(titled("Domani...", "POSTA CERTIFICATA: Domani..."));
}

TEST_CASE("where the XML is silent on the kind of receipt, the header's is the one asked for",
          "[rule:4][rule:5]") {
  const auto form_of = [](std::optional<ReceiptForm> certified, const std::string& shown) {
    auto data = data_of(EventKind::transport_envelope);
    data.receipt_form = certified;
    data.provider = alfa.provider;
    auto draft =
        compose_transport_envelope(message_of(simple_original), data, stamp_of(morning), alfa);
    mime::HeaderList header;
    for (const auto& field : draft.header)
      if (!field.is("X-TipoRicevuta") && !field.is("Subject"))
        header.add_raw(field.name, field.value);
    header.add("Subject", "POSTA CERTIFICATA: " + data.subject);
    if (!shown.empty()) header.add("X-TipoRicevuta", shown);
    draft.header = header;
    const auto found = classified(sent(std::move(draft), alfa), beta);
    INFO(found.reason);
    REQUIRE(found.what == IncomingClass::correct);
    return found.message->data.receipt_form;
  };
  CHECK(form_of(std::nullopt, "breve") == ReceiptForm::brief);
  CHECK(form_of(std::nullopt, "Sintetica") == ReceiptForm::concise);
  CHECK_FALSE(form_of(std::nullopt, "boh"));
  CHECK_FALSE(form_of(std::nullopt, ""));
  CHECK(form_of(ReceiptForm::concise, "") == ReceiptForm::concise);
}

TEST_CASE("a Subject that the mail server has cut counts as far as it goes", "[rule:4]") {
  const std::string prefix = "POSTA CERTIFICATA: ";
  const std::string text(70'000, 'x');
  agrees(titled(text, prefix + text.substr(0, 59'000)));
  differs(titled(text, prefix + text.substr(0, 49'000)), "Subject");
  differs(titled(text, prefix + text.substr(0, 59'000) + "y"), "Subject");
  differs(titled(text, prefix + std::string(50'000, ' ')), "Subject");
  // Within an encoded word.
  std::string oggetto, shown = prefix + "a";
  for (int i = 0; i < 2000; ++i) oggetto += "\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac";
  for (int i = 0; i < 1500; ++i) shown += "\r\n =?utf-8?b?4oKs4oKs4oKs4oKs4oKs4oKs?=";
  agrees(titled("a " + oggetto, shown + "\r\n =?utf-8?b?4oKs4oK"));
}

TEST_CASE("Reply-To, if present, is the risposte, all of them", "[rule:4]") {
  agrees(envelope().add("Reply-To", "Anna <ANNA@pec.alfa.example>"));
  differs(envelope().add("Reply-To", "eva@ordinaria.example"), "Reply-To");
  differs(envelope().add("Reply-To", "eva@[192.0.2.1]"), "Reply-To");
  differs(envelope().add("Reply-To", "anna@pec.alfa.example, eva@ordinaria.example"), "Reply-To");

  auto several = envelope();
  several.data.reply_to = "r@x.example, s@localhost";
  agrees(several.set("Reply-To", "s@localhost, R <r@x.example>"));
  differs(several.set("Reply-To", "r@x.example"), "Reply-To");
}

TEST_CASE("From, Reply-To and a receipt's To are written so that all read them alike", "[rule:4]") {
  const std::string anna = "anna@pec.alfa.example";
  for (const std::string& odd : std::vector<std::string>{"",
                                                         "nobody, <>",
                                                         "evil",
                                                         "<evil>",
                                                         "evil@bad.example:;",
                                                         "evil@bad.example: " + anna + ";",
                                                         "Group: " + anna + ";",
                                                         anna + ";",
                                                         "<evil@bad.example:" + anna + ">",
                                                         "<@bad.example:" + anna + ">",
                                                         anna + " (evil@bad.example)",
                                                         "(a) " + anna,
                                                         "<" + anna + "> evil@bad.example",
                                                         "<evil@bad.example> <" + anna + ">",
                                                         "<<" + anna + ">>",
                                                         "evil@bad.example <" + anna + ">",
                                                         "\"open <" + anna + ">",
                                                         "<" + anna,
                                                         anna + ",",
                                                         "," + anna,
                                                         anna + ", evil",
                                                         anna + " evil",
                                                         "anna @pec.alfa.example",
                                                         "< " + anna + " >",
                                                         anna + "\revil@bad.example",
                                                         anna + std::string(1, '\0')}) {
    CAPTURE(odd);
    differs(envelope().add("Reply-To", odd), "Reply-To");
    differs(receipt().set("To", odd), "To of a receipt");
    differs(receipt().add("To", odd), "To of a receipt");
  }
  const std::string own = "posta-certificata@pec.alfa.example";
  const std::string shown = "\"Per conto di: " + anna + "\" <" + own + ">";
  for (const std::string& odd :
       std::vector<std::string>{"Agenzia delle Entrate: " + shown + ";", shown + ";",
                                shown + " (Agenzia)", "Per conto di: " + anna + " <" + own + ">",
                                "\"Per conto di: " + anna + "\" <evil:" + own + ">",
                                "\"Per conto di: " + anna + "\" <evil@bad.example:" + own + ">"}) {
    CAPTURE(odd);
    differs(envelope().set("From", odd), "one address");
  }
  for (const std::string& odd : std::vector<std::string>{
           "Agenzia: " + own + ";", own + " (Agenzia)", "<evil@bad.example:" + own + ">"})
    differs(receipt().set("From", odd), "one address");

  for (const std::string& plain : std::vector<std::string>{
           anna, "<" + anna + ">", "Anna Bianchi\r\n\t<" + anna + ">",
           "\"Bianchi; \\\"A.\\\"\" <" + anna + ">", "=?utf-8?q?Societ=C3=A0?= <" + anna + ">",
           anna + ",\r\n <" + anna + ">"}) {
    CAPTURE(plain);
    agrees(envelope().add("Reply-To", plain));
  }
  agrees(envelope().set("From", "\"Per conto di:\r\n\t" + anna + "\" <" + own + ">"));
  agrees(envelope().set("From",
                        "=?utf-8?q?Per_conto_di=3A_anna=40pec=2Ealfa=2Eexample?= <" + own + ">"));
}

TEST_CASE("any other address that a client would answer is the mittente or one of the risposte",
          "[rule:4]") {
  for (const std::string name : {"Disposition-Notification-To", "Return-Receipt-To",
                                 "X-Confirm-Reading-To", "Mail-Reply-To", "Mail-Followup-To"}) {
    CAPTURE(name);
    auto pair = envelope();
    pair.data.reply_to = "r@x.example";
    differs(Pair(pair).add(name, "evil@bad.example"), name);
    differs(Pair(pair).add(name, "anna@pec.alfa.example, evil@bad.example"), name);
    differs(Pair(pair).add(name, "evil@bad.example:;"), name);
    differs(Pair(pair).add(name, ""), name);
    differs(Pair(pair).add(name, "r@x.example").add(name, "evil@bad.example"), name);
    agrees(Pair(pair).add(name, "anna@pec.alfa.example, R <R@x.example>"));
    differs(receipt().add(name, "evil@bad.example"), name);
  }
}

TEST_CASE("Date is the instant of the data, within a minute", "[rule:4]") {
  agrees(envelope().set("Date", "22 Nov 2026 04:12:22 GMT"));
  agrees(envelope().set("Date", "Sun, 22 Nov 2026 05:10:22 +0100 (CET)"));
  differs(envelope().set("Date", "Sun, 22 Nov 2026 05:12:23 +0100"), "Date");
  differs(envelope().set("Date", "Sun, 22 Nov 2026 05:11:22 +0200"), "Date");
  differs(envelope().set("Date", "Sun, 22 Nov 2025 05:11:22 +0100"), "Date");
  differs(envelope().set("Date", "yesterday"), "Date");
  differs(envelope().without("Date"), "Date");
  auto impossible = envelope();
  impossible.data.date = "31/02/2026";
  differs(impossible, "Date");
  impossible.data.date = "";
  differs(impossible, "Date");
}

TEST_CASE("a Date is read only in the form that all read alike", "[rule:4]") {
  using namespace std::chrono;
  const sys_seconds moment{seconds{1795320682}};
  CHECK(mime::instant_of("Sun, 22 Nov 2026 05:11:22 +0100") == moment);
  CHECK(mime::instant_of("Sat, 21 Nov 2026 19:41:22 -0830 (a zone)") == moment);
  CHECK(mime::instant_of("2 nov 2026 05:11:22 +0100") == moment - days(20));
  for (const auto* odd :
       {"", "Sun, 22 Nov 2026 05:11 +0100", "Sun, 22 Nov 26 05:11:22 +0100",
        "Sun, 22 Nov 2026 05:11:22 CET", "Sun, 22 Nov 2026 05:11:22 +0100 +0200",
        "Sun, 22 (x) Nov 2026 05:11:22 +0100", "Sun, 22 Nov 2026 05:11:22 +0100 (a (b))",
        "Sun, 32 Nov 2026 05:11:22 +0100", "Sun, 22 Nov 2026 24:11:22 +0100",
        "Sun, 022 Nov 2026 05:11:22 +0100", "Sun, 22 Nov 2026 05:11:22 +01:00"}) {
    CAPTURE(odd);
    CHECK_FALSE(mime::instant_of(odd));
  }
}

TEST_CASE("each field that names the message is there once, and nobody else is named", "[rule:4]") {
  for (const std::string name :
       {"From", "Subject", "Date", "Message-ID", "X-Trasporto", "X-Ricevuta", "X-TipoRicevuta",
        "X-Riferimento-Message-ID", "X-Mittente", "X-VerificaSicurezza", "Reply-To"}) {
    auto pair = envelope();
    const auto value = pair.header.unfolded(name);
    pair.set(name, value).add(name, value);
    differs(pair, "the field " + name + " occurs more than once");
  }
  differs(envelope().add("Sender", "eva@ordinaria.example"), "no field Sender");
  differs(envelope().add("Resent-From", "eva@ordinaria.example"), "no field Resent-From");
  differs(receipt().add("resent-date", "Sun, 22 Nov 2026 05:11:22 +0100"), "no field resent-date");
}

TEST_CASE("other recipients in To and Cc of an envelope are remarked upon, no more", "[rule:4]") {
  const auto remarks = [](const Pair& pair) { return pair.compare().value(); };
  using Remarks = std::vector<std::string>;
  CHECK(remarks(envelope()).empty());
  CHECK(remarks(envelope().without("Cc")) == Remarks{"recipients_not_shown"});
  CHECK(remarks(envelope().set("To", "bruno@pec.beta.example, eva@x.example")) ==
        Remarks{"others_shown"});
  CHECK(remarks(envelope().set("To", "eva@x.example")) ==
        Remarks{"recipients_not_shown", "others_shown"});
}

TEST_CASE("our own messages agree with themselves, however long or odd the subject is",
          "[rule:4][rule:8.1]") {
  std::string longest;
  for (int i = 0; i < 20'000; ++i) longest += i % 7 == 0 ? " " : "\u20ac";
  for (const std::string& subject :
       {std::string(), std::string("   "), std::string("Perché? \U0001f600 ..."),
        std::string("=?utf-8?q?x?="),
        std::string("a\tb\x01"
                    "c"),
        std::string("\xe8"), std::string("\u0085x\u00a0y"), longest, std::string(49'000, 'x')}) {
    CAPTURE(subject.substr(0, 50));
    auto original = message_of(simple_original);
    original.header = message_of(text::replace_all(simple_original, "Prova", "")).header;
    mime::HeaderList header;
    for (const auto& field : original.header)
      header.add_raw(field.name, field.is("Subject") ? " " : field.value);
    CertificationData data = data_of(EventKind::transport_envelope);
    data.receipt_form = ReceiptForm::complete;
    data.provider = alfa.provider;
    data.subject = mime::decode_text(subject);
    original.header = header;
    const auto envelope =
        sent(compose_transport_envelope(original, data, stamp_of(morning), alfa), alfa);
    CHECK(envelope.header.find("Subject")->value.size() < 50'000);
    CHECK(text_of(envelope).size() < 60'000);
    const auto found = classified(envelope);
    INFO(found.reason);
    CHECK(found.what == IncomingClass::correct);
  }
}

TEST_CASE("an envelope's Reply-To agrees with its risposte, however odd the original's is",
          "[rule:4][rule:3.1.5]") {
  const auto reply_to_of = [](const std::string& field) {
    const auto envelope =
        sent(decide_access(message_of("Reply-To:" + field + "\r\n" + simple_original),
                           simple_submission(), access_facts()),
             alfa);
    const auto found = classified(envelope);
    INFO(field << ": " << found.reason);
    CHECK(found.what == IncomingClass::correct);
    return envelope.header.find("Reply-To")->value;
  };
  const std::string anna = " anna@pec.alfa.example";
  for (const std::string plain : {"  R\r\n\t<r@x.example>", " r@x.example, S <s@localhost>",
                                  " x@[192.0.2.1]", " \"a, b\"@x.example"})
    CHECK(reply_to_of(plain) == plain);
  CHECK(reply_to_of(" Ufficio: r@x.example, S <s@x.example>;") == " r@x.example,\r\n s@x.example");
  CHECK(reply_to_of(" r@x.example (R)") == " r@x.example");
  CHECK(reply_to_of(" nobody, r@x.example") == " r@x.example");
  CHECK(reply_to_of(" X: \"a, b\"@x.example, c@x.example;") ==
        " \"a,\r\n b\"@x.example,\r\n c@x.example");
  for (const std::string none :
       {"", " ", " undisclosed:;", " nobody", " <>", " a b@x.example", " x@[IPv6:2001:db8::1]"})
    CHECK(reply_to_of(none) == anna);
}
