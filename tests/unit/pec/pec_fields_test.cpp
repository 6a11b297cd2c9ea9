// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/pec_fields.hpp"

#include "support/domain_fixtures.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::test;

TEST_CASE("one field says once what kind of message it is", "[rule:4]") {
  const auto kind_of = [](const std::string& fields) {
    return claimed_kind(message_of(fields + "Subject: x\r\n\r\n").header);
  };
  CHECK(kind_of("X-Trasporto: posta-certificata\r\n") == EventKind::transport_envelope);
  CHECK(kind_of("x-ricevuta: Avvenuta-Consegna\r\n") == EventKind::delivery);
  for (const std::string fields :
       {"", "X-Trasporto:\r\n", "X-Ricevuta: \r\n",
        "X-Trasporto:\r\nX-Ricevuta: avvenuta-consegna\r\n",
        "X-Ricevuta: avvenuta-consegna\r\nX-Trasporto: \r\n",
        "X-Trasporto: posta-certificata\r\nX-Ricevuta:\r\n",
        "X-Trasporto: posta-certificata\r\nX-Ricevuta: avvenuta-consegna\r\n",
        "X-Ricevuta:\r\nX-Ricevuta: avvenuta-consegna\r\n",
        "X-Ricevuta: avvenuta-consegna\r\nX-Ricevuta: avvenuta-consegna\r\n",
        "X-Trasporto: avvenuta-consegna\r\n", "X-Ricevuta: posta-certificata\r\n"}) {
    CAPTURE(fields);
    CHECK_FALSE(kind_of(fields));
  }
}

TEST_CASE("the kind of delivery receipt is the one asked for, complete if unclear", "[rule:3]") {
  const auto form = [](const std::string& value) {
    return requested_form(message_of("X-TipoRicevuta: " + value + "\r\n\r\n").header);
  };
  CHECK(form("breve") == ReceiptForm::brief);
  CHECK(form("Sintetica") == ReceiptForm::concise);
  CHECK(form("completa") == ReceiptForm::complete);
  CHECK(form("enorme") == ReceiptForm::complete);
  CHECK(requested_form(message_of("X-A: b\r\n\r\n").header) == ReceiptForm::complete);
}
