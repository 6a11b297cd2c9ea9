"""What isn't a transport envelope and can't be delivered: nobody gets a notice of it. Receipts that
are lost go to the service mailbox; those that could not be made are incidents, and are made again from
there. Numbers in brackets are sections of RFC 6109.
"""

import re
from pathlib import Path

import harness
from pec_message import PecMessage
from support.changed_postfix import ChangedPostfix
from support.failures import KILOBYTE, SHORT, FailureCase, filler, start
from support.notices import (NON_DELIVERY, certified_time, dispatches, ends, incidents, pec_id_of,
                             unknown_mailbox)
from support.pec_mail import ORDINARY, Arrivals, check_signature, letter, subjects_of

UNKNOWN = "User unknown in virtual mailbox table"
GIANNI = "gianni@ordinaria.example"


def setUpModule():
    global box, mailboxes, anna, bruno, carla, dario, elena, service, operators, beta_operators
    box, mailboxes = start()
    anna, bruno, carla = box.alfa.users
    dario, elena = box.beta.users[:2]
    service = box.alfa.service_mailbox
    operators, beta_operators = box.alfa.operators, box.beta.operators


class NeverANotice(FailureCase):
    """What isn't a transport envelope goes another way when it fails."""

    def test_a_receipt(self):
        """[3.3.3] to the operators of the provider that made it: nobody else is told"""
        self.fill(box.alfa, anna)
        came = self.send("Ricevute perdute", dario)
        self.assertEqual(came.kinds(), {dario: ["posta-certificata"],
                                        service: ["presa-in-carico"], operators: ["ordinaria"],
                                        beta_operators: ["errore"]})
        [bounce] = came.of_kind("ordinaria", at=operators)
        [envelope] = came.by_address[dario]
        self.assert_dsn(bounce.raw, anna, "ACCETTAZIONE: Ricevute perdute")
        # From alfa's Postfix to beta: mail that nobody certifies.
        [anomaly] = came.by_address[beta_operators]
        self.assert_dsn(anomaly.postacert(), anna, "CONSEGNA: Ricevute perdute")
        self.assertEqual(ends(box.alfa, envelope), {dario: "delivered_at"})

    def assert_dsn(self, raw: bytes, recipient: str, subject: str) -> None:
        dsn = PecMessage(raw).parsed
        self.assertEqual(dsn.get_content_type(), "multipart/report")
        [status] = [part for part in dsn.walk() if part.get_content_type() == "message/delivery-status"]
        self.assertEqual([str(each["Final-Recipient"]) for each in status.iter_parts()][1:],
                         [f"rfc822; {recipient}"])
        self.assertIn(f"Subject: {subject}".encode(), raw)

    def test_a_non_delivery_notice(self):
        """[3.3.3] nor does a notice lead to another"""
        self.fill(box.alfa, anna)
        nobody = f"nessuno@{box.beta.domain}"
        came = self.send("Avviso perduto", nobody)
        self.assertEqual(came.kinds(), {operators: ["ordinaria", "ordinaria"]})
        bounces = came.of_kind("ordinaria", at=operators)
        self.assertEqual(sorted(re.search(rb"Subject: (A[A-Z ]+):", each.raw)[1] for each in bounces),
                         [b"ACCETTAZIONE", b"AVVISO DI MANCATA CONSEGNA"])

    def test_an_anomaly_envelope(self):
        """[3.2.2] an ordinary DSN, to the ordinary sender"""
        self.fill(box.beta, elena)
        with box.beta.connect("mx") as connection:
            connection.sendmail(GIANNI, [elena], letter(GIANNI, to=[elena], subject="Anomala"))
        came = mailboxes.new(ordinary=1)
        self.assertEqual(came.kinds(), {ORDINARY: ["ordinaria"]})
        [bounce] = came.by_address[ORDINARY]
        self.assertEqual(bounce.header("Delivered-To"), GIANNI)
        self.assert_dsn(bounce.raw, elena, "ANOMALIA MESSAGGIO: Anomala")

    def test_a_non_acceptance(self):
        """[3.1.2]"""
        self.fill(box.alfa, anna)
        box.alfa.submit(anna, [dario], letter(anna, to=[dario], subject="Vietata",
                                              fields=b"Bcc: x@x.example\r\n"))
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {operators: ["ordinaria"]})
        self.assert_dsn(came.by_address[operators][0].raw, anna, "AVVISO DI NON ACCETTAZIONE: Vietata")

    def test_what_only_looks_like_an_envelope(self):
        """A forged X-Trasporto from outside comes in as an anomaly, and bounces as one."""
        self.fill(box.beta, elena)
        forged = letter(GIANNI, to=[elena], subject="Falsa",
                        fields=b"X-Trasporto: posta-certificata\r\n")
        with box.beta.connect("mx") as connection:
            connection.sendmail(GIANNI, [elena], forged)
        self.assertEqual(mailboxes.new(ordinary=1).kinds(), {ORDINARY: ["ordinaria"]})


class MissingReceipts(FailureCase):
    """An internal recipient that fails: a receipt that should be and is not. Operators learn of it."""

    def check_incidents(self, provider: harness.Provider, pec_id: str,
                        *expected: tuple[str, str]) -> None:
        """`expected`: what is missing, and the recipient it is about."""
        self.assertEqual(incidents(provider, pec_id), list(expected))
        lines = [line for line in provider.pecctl("incidents").splitlines() if pec_id in line]
        self.assertEqual(len(lines), len(expected))
        for what, recipient in expected:
            self.assertTrue(any(what in line and recipient in line for line in lines), lines)
        self.assertRegex(provider.milter_log(), rf"\[warning\].*role=bounces.*{re.escape(pec_id)}.*"
                         f"{len(expected)} internal recipients failed")

    def reissue(self, provider: harness.Provider, pec_id: str) -> Arrivals:
        provider.pecctl("receipts", "reissue", pec_id)
        came = mailboxes.new()
        for message in came.all():
            check_signature(message, box.ca_file)
        self.assertEqual(incidents(provider, pec_id), [])
        self.assertNotIn(pec_id, provider.pecctl("incidents"))
        self.assertIn(pec_id, provider.pecctl("incidents", "--all"))
        return came

    def test_an_acceptance(self):
        """[3.1.4] The receipts service refuses; later it doesn't, and the receipt is made."""
        with ChangedPostfix(box.alfa) as postfix:
            postfix.have_receipts_service_refuse()
            came = self.send("Senza accettazione", dario)
        self.assertEqual(came.kinds(), {
            anna: ["avvenuta-consegna"], dario: ["posta-certificata"],
            service: ["presa-in-carico"], operators: ["ordinaria"]})
        [envelope] = came.by_address[dario]
        self.check_incidents(box.alfa, pec_id_of(envelope), ("accettazione", anna))
        again = self.reissue(box.alfa, pec_id_of(envelope))
        self.assertEqual(again.kinds(), {anna: ["accettazione"]})
        [acceptance] = again.by_address[anna]
        # It speaks of the time when the message was accepted, not of now.
        self.assertEqual(certified_time(acceptance), certified_time(envelope))
        self.assertEqual(ends(box.alfa, acceptance), {dario: "delivered_at"})
        self.assertIsNotNone(dispatches(box.alfa, pec_id_of(envelope))[dario]["accepted_at"])

    def test_a_take_charge(self):
        """[3.2.1] Nobody answers until the copy expires. It was for two recipients."""
        with ChangedPostfix(box.alfa) as postfix:
            postfix.set(maximal_queue_lifetime=SHORT)
            postfix.mislead("presa")
            came = self.send("Senza presa in carico", bruno, carla)
        self.assertEqual(came.kinds(), {
            anna: ["accettazione", "avvenuta-consegna", "avvenuta-consegna"],
            bruno: ["posta-certificata"], carla: ["posta-certificata"], operators: ["ordinaria"]})
        [envelope] = came.by_address[bruno]
        self.check_incidents(box.alfa, pec_id_of(envelope), ("presa", bruno), ("presa", carla))
        again = self.reissue(box.alfa, pec_id_of(envelope))
        self.assertEqual(set(again.kinds()), {service})
        taken = [recipient for message in again.of_kind("presa-in-carico", at=service)
                 for recipient in subjects_of(message)]
        self.assertEqual(sorted(taken), [bruno, carla])

    def test_a_delivery_receipt(self):
        """[3.3.2] The message is in the mailbox: nobody is told that it isn't."""
        with ChangedPostfix(box.beta) as postfix:
            postfix.set(maximal_queue_lifetime=SHORT)
            postfix.close_receipts_service()
            came = self.send("Senza ricevuta", dario)
        self.assertEqual(came.kinds(), {anna: ["accettazione"], dario: ["posta-certificata"],
                                        beta_operators: ["ordinaria"]})
        [acceptance] = came.by_address[anna]
        self.check_incidents(box.beta, pec_id_of(acceptance), ("consegna", dario), ("presa", dario))
        again = self.reissue(box.beta, pec_id_of(acceptance))
        self.assertEqual(again.kinds(), {anna: ["avvenuta-consegna"], service: ["presa-in-carico"]})
        self.assertEqual(ends(box.alfa, acceptance), {dario: "delivered_at"})

    def test_of_a_large_message(self):
        """[3.1.4] Its copy did not come back: nothing to make the receipt of, and that is said."""
        with ChangedPostfix(box.alfa) as postfix:
            postfix.have_receipts_service_refuse()
            came = self.send("Grande senza accettazione", dario, body=filler(60 * KILOBYTE))
        [envelope] = came.by_address[dario]
        pec_id = pec_id_of(envelope)
        self.check_incidents(box.alfa, pec_id, ("accettazione", anna))
        with self.assertRaises(AssertionError):
            box.alfa.pecctl("receipts", "reissue", pec_id)
        self.assertEqual(mailboxes.new().kinds(), {})
        self.assertEqual(incidents(box.alfa, pec_id), [("accettazione", anna)])

    def test_a_notice_waits_for_the_acceptance(self):
        """[3.1.4, 3.3.3] What the notice is made of is the log's line about the message, which the
        acceptance brings: until that can be made, the bounce is tried again and again."""
        nobody = f"nessuno@{box.beta.domain}"
        log = Path(box.alfa.info["maillog"])
        before = log.read_text().count("bounce failed")
        with ChangedPostfix(box.alfa) as postfix:
            postfix.close_receipts_service()
            box.alfa.submit(anna, [nobody, dario], letter(anna, to=[nobody, dario], subject="Aspetta"))
            harness.wait_until(lambda: log.read_text().count("bounce failed") > before,
                               "the bounce fails")
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {
            anna: ["accettazione", "avvenuta-consegna", NON_DELIVERY], dario: ["posta-certificata"],
            service: ["presa-in-carico"]})
        acceptance = self.check_told(came, unknown_mailbox(nobody, box.alfa, UNKNOWN))
        self.assertEqual(ends(box.alfa, acceptance), {nobody: "failed_at", dario: "delivered_at"})


if __name__ == "__main__":
    harness.main()
