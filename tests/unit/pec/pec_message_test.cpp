// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/pec_message.hpp"

#include "unit/pec/made_messages.hpp"

using namespace pec;
using namespace pec::test;

namespace {

Result<PecMessage> read(const mime::Message& message) {
  return read_pec_message(message, value_of(read_frame(message)), {alfa.address});
}

// The envelope with another part of the name and type before its own.
mime::Message with_second(const std::string& type) {
  const auto whole = simple_envelope().wire().str();
  const auto part = whole.find("Content-Type: " + type);
  const auto delimiter = whole.rfind("\r\n--", part) + 2;
  return message_of(whole.substr(0, part) + "Content-Type: " + type + "\r\n\r\nx\r\n" +
                    whole.substr(delimiter, part - delimiter) + whole.substr(part));
}

}  // namespace

TEST_CASE("a message in the right form is read with its data and its original",
          "[rule:4][rule:2.2.2]") {
  const auto found = value_of(read(simple_envelope()));
  CHECK(found.kind == EventKind::transport_envelope);
  CHECK(found.message_id == "20261122041122.id1@pec.alfa.example");
  CHECK(found.data.sender == "anna@pec.alfa.example");
  CHECK(found.data.pec_id == found.message_id);
  CHECK(found.remarks.empty());
  REQUIRE(found.original);
  CHECK(found.original->view.ends_with("\r\n\r\nCiao.\r\n"));
  CHECK(message_of(std::string(found.original->view)).header.unfolded("Subject") == "Prova");
}

TEST_CASE("the data of a message are read whatever its header says", "[rule:4]") {
  const auto unnamed = changed(simple_envelope(), "X-Trasporto: posta-certificata\r\n", "");
  CHECK(error_of(read(unnamed)).fault == Fault::bad_input);
  const auto data = value_of(read_data(unnamed, value_of(read_frame(unnamed))));
  CHECK(data.pec_id == "20261122041122.id1@pec.alfa.example");
}

TEST_CASE("a message with two files of one name is malformed", "[rule:4]") {
  CHECK(error_of(read(with_second("application/xml; name=\"daticert.xml\""))).detail ==
        "it has 2 parts daticert.xml, not one");
  CHECK(error_of(read(with_second("message/rfc822; name=\"postacert.eml\""))).detail ==
        "it has more than one postacert.eml");
}

TEST_CASE("a daticert.xml that is too large is not decoded", "[rule:4]") {
  const std::string head = "filename=\"daticert.xml\"\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  const auto with_blank_lines = [&](std::size_t count) {
    const auto lines = text::replace_all(std::string(count, '.'), ".", "\r\n");
    return read(changed(simple_envelope(), head, head + lines));
  };
  CHECK(with_blank_lines(most_data_octets / 2));
  CHECK_THAT(error_of(with_blank_lines(most_data_octets)).detail,
             Catch::Contains("more than 2097152"));
}

TEST_CASE("a signed message in wrong form is malformed", "[rule:4]") {
  const auto envelope = simple_envelope();
  const auto malformed = [&](std::string_view from, std::string_view to) {
    const auto found = classified(changed(envelope, from, to));
    CHECK(found.what == IncomingClass::malformed);
    return found.reason;
  };
  using Catch::Contains;
  CHECK_THAT(malformed("X-Trasporto: posta-certificata\r\n", ""), Contains("X-Trasporto"));
  CHECK_THAT(malformed("X-Trasporto: posta-certificata", "X-Ricevuta: accettazione"),
             Contains("daticert.xml says"));
  CHECK_THAT(malformed("X-Trasporto: posta-certificata",
                       "X-Trasporto: posta-certificata\r\nX-Ricevuta: accettazione"),
             Contains("neither"));
  CHECK_THAT(malformed("name=\"daticert.xml\"", "name=\"daticerx.xml\""),
             Contains("0 parts daticert.xml"));
  CHECK_THAT(malformed("name=\"postacert.eml\"", "name=\"postacerx.eml\""),
             Contains("postacert.eml"));
  const auto id = malformed("\r\nMessage-ID: <20261122041122.id1@pec.alfa.example>\r\nSubject",
                            "\r\nMessage-ID: <20261122041122.id9@pec.alfa.example>\r\nSubject");
  CHECK_THAT(id, Contains("Message-ID"));
}

TEST_CASE("a message about one recipient, or some, names them", "[rule:4][rule:8.2]") {
  struct Row {
    Letter letter;
    EventKind kind;
    CertifiedError error;
    Identity signer;
  };
  const auto delivery = receipt(InternalEvent::delivery, "bruno@pec.beta.example", beta);
  for (const auto& row : {
           Row{Letter::delivery_concise, EventKind::delivery, CertifiedError::none, beta},
           Row{Letter::take_charge, EventKind::take_charge, CertifiedError::none, beta},
           Row{Letter::non_delivery, EventKind::non_delivery, CertifiedError::other, alfa},
           Row{Letter::virus_detection, EventKind::virus_detection, CertifiedError::virus, beta},
           Row{Letter::timeout_notice, EventKind::timeout_notice, CertifiedError::other, alfa},
       }) {
    auto contents = contents_of(delivery);
    contents.letter = row.letter;
    contents.data.kind = row.kind;
    contents.data.error = row.error;
    contents.data.taken_in_charge.clear();
    if (row.kind != EventKind::delivery) contents.data.receipt_form.reset();
    if (row.kind == EventKind::take_charge) {
      contents.data.taken_in_charge = {contents.data.concerns};
      contents.data.concerns.clear();
    }
    const auto found = [&] {
      return classified(sent(compose_receipt(contents, row.signer), row.signer));
    };
    CAPTURE(wire_name(row.kind), found().reason);
    CHECK(found().what == IncomingClass::correct);
    contents.data.concerns.clear();
    contents.data.taken_in_charge.clear();
    CHECK(found().what == IncomingClass::malformed);
    CHECK_THAT(found().reason, Catch::Contains("which recipient it is about"));
  }
}

TEST_CASE("an envelope's original is a message in no other encoding", "[rule:4][rule:7]") {
  const auto encoded = [](const std::string& encoding) {
    auto decision = decide_access(message_of(simple_original), simple_submission(), access_facts());
    auto& draft = std::get<Replace>(decision.action).draft;
    const std::string head = "filename=\"postacert.eml\"\r\nContent-Transfer-Encoding: ";
    const auto content = draft.content.str();
    const auto other = text::replace_all(content, head + "7bit", head + encoding);
    draft.content = mime::Rope(other);
    return classified(sent(std::move(draft), alfa));
  };
  for (const auto* identity : {"7bit", "8bit", "BINARY"})
    CHECK(encoded(identity).what == IncomingClass::correct);
  for (const auto* other : {"base64", "quoted-printable"}) {
    const auto found = encoded(other);
    CHECK(found.what == IncomingClass::malformed);
    CHECK_THAT(found.reason, Catch::Contains("not a plain message/rfc822"));
  }
}

TEST_CASE("an envelope's mittente is the address of a sender", "[rule:4]") {
  const auto found = [](const std::string& sender) {
    auto data = classified(simple_envelope()).message->data;
    data.sender = data.reply_to = sender;
    auto original = message_of(simple_original);
    return classified(
        sent(compose_transport_envelope(original, data, stamp_of(morning), alfa), alfa));
  };
  CHECK(found("anna@pec.alfa.example").what == IncomingClass::correct);
  for (const auto* sender : {"anna", "anna@localhost", "anna@pec.internal", "a@b.PEC.internal"}) {
    CAPTURE(sender);
    CHECK(found(sender).what == IncomingClass::malformed);
  }
}
