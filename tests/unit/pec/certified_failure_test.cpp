// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/certified_failure.hpp"

#include <catch2/catch.hpp>

using namespace pec;

namespace {

const std::string provider = "PEC Alfa S.p.A.";

CertifiedFailure certified(const std::string& status, const std::string& words = "") {
  return certify_failure({"bruno@pec.beta.example", status, words}, provider);
}

}  // namespace

TEST_CASE("errore and errore-esteso follow the status code", "[rule:6]") {
  struct Row {
    std::string status, words;
    CertifiedError error;
    std::string detail;
  };
  const auto [status, words, error, detail] = GENERATE(values<Row>({
      {"5.1.1", "", CertifiedError::no_recipient, "5.1.1 - PEC Alfa S.p.A. - indirizzo non valido"},
      {"5.1.6", "", CertifiedError::no_recipient, "5.1.1 - PEC Alfa S.p.A. - indirizzo non valido"},
      {"5.1.2", "", CertifiedError::no_domain, "5.1.2 - PEC Alfa S.p.A. - dominio non valido"},
      {"5.4.4", "", CertifiedError::no_domain, "5.1.2 - PEC Alfa S.p.A. - dominio non valido"},
      {"5.2.1", "", CertifiedError::other, "5.2.1 - PEC Alfa S.p.A. - casella non attiva"},
      {"5.2.2", "", CertifiedError::other, "5.2.2 - PEC Alfa S.p.A. - casella piena"},
      {"4.2.2", "", CertifiedError::other, "5.2.2 - PEC Alfa S.p.A. - casella piena"},
      {"4.4.1", "", CertifiedError::other,
       "5.4.7 - PEC Alfa S.p.A. - tempo massimo per la consegna superato"},
      {"4.1.1", "", CertifiedError::other,
       "5.4.7 - PEC Alfa S.p.A. - tempo massimo per la consegna superato"},
      {"5.7.1", "", CertifiedError::other,
       "5.7.1 - PEC Alfa S.p.A. - messaggio rifiutato dal destinatario"},
      {"", "", CertifiedError::other,
       "5.0.0 - PEC Alfa S.p.A. - messaggio rifiutato dal destinatario"},
      {"5.0.0", "550 No such user here", CertifiedError::no_recipient,
       "5.1.1 - PEC Alfa S.p.A. - indirizzo non valido (550 No such user here)"},
      {"5.0.0", "552 Mailbox full", CertifiedError::other,
       "5.2.2 - PEC Alfa S.p.A. - casella piena (552 Mailbox full)"},
      {"5.7.1", "554 User unknown, says my list", CertifiedError::other,
       "5.7.1 - PEC Alfa S.p.A. - messaggio rifiutato dal destinatario (554 User unknown, says my "
       "list)"},
  }));
  CHECK(certified(status, words) == CertifiedFailure{error, detail});
}

TEST_CASE("the remote host's words can't be anything but words", "[rule:6]") {
  CHECK(certified("5.7.1", "554 \xe8\x01 n\xc3\xb2").detail ==
        "5.7.1 - PEC Alfa S.p.A. - messaggio rifiutato dal destinatario (554 ?? n?"
        "?)");
  CHECK(certified("5.7.1", std::string(5000, 'x')).detail.size() < 500);
}

TEST_CASE("the notices of a timeout have the codes that clients know", "[rule:6][rule:3.1.6]") {
  CHECK(certify_failure(DeliveryFailure::early, "PEC Alfa").detail ==
        "4.4.1 - PEC Alfa - il messaggio non è stato consegnato nelle prime dodici ore dal suo "
        "invio");
  CHECK(certify_failure(DeliveryFailure::timeout, "PEC Alfa").detail ==
        "5.4.1 - PEC Alfa - il messaggio non è stato consegnato nelle prime ventiquattro ore dal "
        "suo invio");
  CHECK(certify_failure(DeliveryFailure::timeout, "PEC Alfa").error == CertifiedError::other);
}

TEST_CASE("a virus and a bad form have codes of their own", "[rule:6][rule:3.1.2][rule:3.1.3]") {
  CHECK(certify_bad_form("altro", provider) ==
        CertifiedFailure{CertifiedError::other, "5.6.0 - PEC Alfa S.p.A. - altro"});
  const auto infected = certify_virus("Eicar-Test", provider);
  CHECK(infected.error == CertifiedError::virus);
  CHECK_THAT(infected.detail,
             Catch::StartsWith("5.5.1 - PEC Alfa S.p.A. - ") && Catch::Contains("Eicar-Test"));
}
