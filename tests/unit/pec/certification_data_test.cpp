// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/certification_data.hpp"

#include "base/text.hpp"
#include "support/results.hpp"

#include <catch2/catch.hpp>
#include <random>

using namespace pec;
using namespace pec::test;

namespace {

CertificationData full() {
  CertificationData data;
  data.kind = EventKind::delivery;
  data.sender = "a@x.example";
  data.recipients = {{"b@y.example", true}, {"c@z.example", false}};
  data.reply_to = "r@x.example";
  data.subject = "Prova <& \"àè\" 漢";
  data.provider = "PEC Alfa S.p.A.";
  data.date = "22/11/2026";
  data.time = "05:11:22";
  data.zone = "+0100";
  data.pec_id = "id1@pec.alfa.example";
  data.msgid = "<m@x.example>";
  data.receipt_form = ReceiptForm::complete;
  data.concerns = "b@y.example";
  data.taken_in_charge = {"b@y.example"};
  data.error_detail = "5.1.1 - x";
  return data;
}

const std::string golden = R"(<?xml version="1.0" encoding="UTF-8"?>
<postacert tipo="avvenuta-consegna" errore="nessuno">
    <intestazione>
        <mittente>a@x.example</mittente>
        <destinatari tipo="certificato">b@y.example</destinatari>
        <destinatari tipo="esterno">c@z.example</destinatari>
        <risposte>r@x.example</risposte>
        <oggetto>Prova &lt;&amp; "àè" 漢</oggetto>
    </intestazione>
    <dati>
        <gestore-emittente>PEC Alfa S.p.A.</gestore-emittente>
        <data zona="+0100">
            <giorno>22/11/2026</giorno>
            <ora>05:11:22</ora>
        </data>
        <identificativo>id1@pec.alfa.example</identificativo>
        <msgid>&lt;m@x.example&gt;</msgid>
        <ricevuta tipo="completa" />
        <consegna>b@y.example</consegna>
        <ricezione>b@y.example</ricezione>
        <errore-esteso>5.1.1 - x</errore-esteso>
    </dati>
</postacert>
)";

std::string why_invalid(const std::string& xml) {
  const auto read = read_xml(xml);
  return read ? "valid" : read.error().detail;
}

}  // namespace

TEST_CASE("certification data are written in the decree's order and form", "[rule:8.2][rule:4.4]") {
  CHECK(write_xml(full()) == golden);
}

TEST_CASE("data reads back as it was written", "[rule:8.2]") {
  const auto read = value_of(read_xml(golden));
  CHECK(read == full());
}

TEST_CASE("optional elements may be absent", "[rule:8.2]") {
  CertificationData data = full();
  data.msgid.clear();
  data.receipt_form.reset();
  data.concerns.clear();
  data.taken_in_charge.clear();
  data.error_detail.clear();
  const auto xml = write_xml(data);
  for (const auto* name : {"<msgid", "<ricevuta", "<consegna", "<ricezione", "<errore-esteso"})
    CHECK(xml.find(name) == std::string::npos);
  CHECK(read_xml(xml) == data);
}

TEST_CASE("attributes with a default in the DTD may be absent when reading", "[rule:8.2]") {
  auto xml = text::replace_all(golden, " errore=\"nessuno\"", "");
  xml = text::replace_all(xml, "<destinatari tipo=\"certificato\">", "<destinatari>");
  const auto read = value_of(read_xml(xml));
  CHECK(read == full());
}

TEST_CASE("other layouts and a DOCTYPE are accepted", "[rule:8.2]") {
  auto xml = text::replace_all(golden, "\n", "");
  xml = text::replace_all(xml, "    ", "\t");
  xml = text::replace_all(xml, "?>", "?><!DOCTYPE postacert SYSTEM \"daticert.dtd\"><!-- x -->");
  CHECK(read_xml(xml) == full());
}

TEST_CASE("characters that XML can't hold become blanks", "[rule:8.2]") {
  auto data = full();
  data.subject = "a\x01z";
  const auto read = value_of(read_xml(write_xml(data)));
  CHECK(read.subject == "a z");
}

TEST_CASE("data that was read and written again reads the same", "[rule:8.2]") {
  const auto read = read_xml(text::replace_all(golden, "Prova", "Una\n  prova&#1;&#x7f;"));
  REQUIRE(read);
  CHECK(read->subject.starts_with("Una   prova   <&"));
  CHECK(read_xml(write_xml(*read)) == read);
}

TEST_CASE("data that the DTD does not allow are refused, with the element's name",
          "[rule:8.2][rule:4.4]") {
  const auto with = [](std::string_view from, std::string_view to) {
    const auto changed = text::replace_all(golden, from, to);
    REQUIRE(changed != golden);
    return why_invalid(changed);
  };
  using Catch::Contains;
  CHECK_THAT(with("<mittente>a@x.example</mittente>", ""), Contains("lacks <mittente>"));
  CHECK_THAT(with("<mittente>a@x.example</mittente>", "<mittente/>"), Contains("empty"));
  CHECK_THAT(with("tipo=\"avvenuta-consegna\"", "tipo=\"altro\""), Contains("tipo"));
  CHECK_THAT(with("tipo=\"avvenuta-consegna\"", "tipo=\"errore\""), Contains("tipo"));
  CHECK_THAT(with("tipo=\"avvenuta-consegna\"", ""), Contains("tipo"));
  CHECK_THAT(with("errore=\"nessuno\"", "errore=\"boh\""), Contains("errore"));
  CHECK_THAT(with("tipo=\"esterno\"", "tipo=\"interno\""), Contains("destinatari"));
  CHECK_THAT(with("<ricevuta tipo=\"completa\" />", "<ricevuta tipo=\"x\" />"),
             Contains("ricevuta"));
  CHECK_THAT(with("<giorno>22/11/2026</giorno>", "<giorno>22.11.2026</giorno>"),
             Contains("giorno"));
  CHECK_THAT(with("<ora>05:11:22</ora>", "<ora>5:11</ora>"), Contains("ora"));
  CHECK_THAT(with("zona=\"+0100\"", "zona=\"CET\""), Contains("zona"));
  CHECK_THAT(with("</oggetto>", "</oggetto><extra/>"), Contains("<extra> is out of place"));
  CHECK_THAT(with("</risposte>", "</risposte>a"), Contains("loose"));
  CHECK_THAT(with("<identificativo>id1@pec.alfa.example</identificativo>", ""),
             Contains("lacks <identificativo>"));
  CHECK_THAT(with("</mittente>", "<b/></mittente>"), Contains("holds an element"));
  CHECK_THAT(with("Prova", "Prova \xe0"), Contains("<oggetto> is not UTF-8"));
  CHECK_THAT(with("PEC Alfa S.p.A.", "&#1;"), Contains("<gestore-emittente> is empty"));
  CHECK_THAT(why_invalid(""), Contains("daticert.xml"));
  CHECK_THAT(why_invalid("<html/>"), Contains("root"));
  CHECK_THAT(why_invalid(golden.substr(0, golden.size() / 2)), Contains("at byte"));
}

TEST_CASE("entities are never expanded", "[rule:8.2]") {
  const std::string bomb = text::replace_all(
      text::replace_all(golden, "?>\n",
                        "?>\n<!DOCTYPE postacert [<!ENTITY x SYSTEM \"file:///etc/passwd\">"
                        "<!ENTITY y \"yyyyyyyyyy\">]>\n"),
      "Prova", "&x;&y;");
  const auto read = value_of(read_xml(bomb));
  CHECK(text::starts_with_ignoring_case(read.subject, "&x;&y;"));
}

TEST_CASE("no damage to the XML makes reading crash, and what is read can be written") {
  std::mt19937 random(20261122);
  for (int round = 0; round < 3000; ++round) {
    auto xml = golden;
    for (int change = 0; change < 3; ++change)
      xml[random() % xml.size()] = static_cast<char>(random() % 256);
    const auto read = read_xml(xml);
    if (read) CHECK_FALSE(write_xml(*read).empty());
  }
}

TEST_CASE("brackets where others leave them out, or put them, make no difference", "[rule:8.2]") {
  CertificationData data;
  data.kind = EventKind::transport_envelope;
  data.sender = data.reply_to = "anna@x.example";
  data.recipients = {{"bruno@y.example", true}};
  data.provider = "X";
  data.date = "22/11/2026";
  data.time = "05:11:22";
  data.zone = "+0100";
  data.pec_id = "id1@x.example";
  data.msgid = "<1@client>";
  const auto xml = write_xml(data);
  const auto others =
      text::replace_all(text::replace_all(xml, ">id1@x.example<", ">&lt;id1@x.example&gt;<"),
                        "&lt;1@client&gt;", "1@client");
  REQUIRE(others != xml);
  const auto read = value_of(read_xml(others));
  CHECK((read == data));
  CHECK_FALSE(read_xml(text::replace_all(xml, ">id1@x.example<", ">&lt;&gt;<")));
}

TEST_CASE("reading is bounded: the document, and each list in it", "[rule:4][rule:8.2]") {
  auto data = full();
  const auto refusal = [](const std::string& xml) { return error_of(read_xml(xml)).detail; };
  data.recipients = std::vector<Recipient>(2000, {"b@y.example", true});
  CHECK(read_xml(write_xml(data)));
  data.recipients = std::vector<Recipient>(2001, {"b@y.example", true});
  CHECK_THAT(refusal(write_xml(data)),
             Catch::Contains("there are 2001 <destinatari>, more than 2000"));
  data.recipients = {{"b@y.example", true}};
  data.taken_in_charge.assign(2000, "b@y.example");
  CHECK(read_xml(write_xml(data)));
  data.taken_in_charge.assign(3000, "b@y.example");
  CHECK_THAT(refusal(write_xml(data)),
             Catch::Contains("there are 3000 <ricezione>, more than 2000"));
  data.taken_in_charge.clear();
  data.subject = std::string(2'000'000, 'x');
  CHECK_THAT(refusal(write_xml(data)), Catch::Contains("octets, more than 1048576"));
}
