# SPDX-License-Identifier: GPL-2.0-or-later
"""What isn't a transport envelope and can't be delivered: nobody gets a notice of it. Receipts that
could not be handed over are incidents, and are sent again from there; those that could not be made are
incidents, too, and are made again. Numbers in brackets are sections of RFC 6109.
"""

import base64
import re
import smtplib
from pathlib import Path

from support import harness
from support.box import Provider
from support.changed_postfix import ChangedPostfix
from support.failures import KILOBYTE, LINE, SHORT, FailureCase, filler, start
from support.foreign_provider import DOMAIN as GAMMA, SENDER as GIULIA, ForeignProvider
from support.notices import NON_DELIVERY, certified_time, dispatches, ends, incidents, pec_id_of, unknown_mailbox
from support.pec_mail import ORDINARY, Arrivals, check_signature, letter, subjects_of
from support.pec_message import PecMessage
from support.people import anna, bruno, carla, dario, elena
from support.smtp_sink import SmtpSink
from support.waiting import wait_until

UNKNOWN = "User unknown in virtual mailbox table"
GIANNI = "gianni@ordinaria.example"


def setUpModule():
    global box, mailboxes, gamma, service, operators, beta_operators
    box, mailboxes = start()
    gamma = ForeignProvider(box)
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

    def missing_in_the_store(self) -> str:
        """A mailbox that Postfix knows and Dovecot does not. (Ordinary mail for a full one does not come in.)"""
        ghost = f"fantasma@{box.beta.domain}"
        self.change(box.beta).add_mailbox(ghost)
        return ghost

    def test_an_anomaly_envelope(self):
        """[3.2.2] an ordinary DSN, to the ordinary sender"""
        ghost = self.missing_in_the_store()
        with box.beta.connect("mx") as connection:
            connection.sendmail(GIANNI, [ghost], letter(GIANNI, to=[ghost], subject="Anomala"))
        came = mailboxes.new(ordinary=1)
        self.assertEqual(came.kinds(), {ORDINARY: ["ordinaria"]})
        [bounce] = came.by_address[ORDINARY]
        self.assertEqual(bounce.header("Delivered-To"), GIANNI)
        self.assert_dsn(bounce.raw, ghost, "ANOMALIA MESSAGGIO: Anomala")

    def test_ordinary_mail_in_the_name_of_a_mailbox_of_ours(self):
        """[2.2.2] Whoever sends it from outside: its bounce is ordinary mail to that mailbox."""
        ghost = self.missing_in_the_store()
        message = letter(dario, to=[ghost], subject="In nome d'altri")
        for takes, wanted in (("--open", {dario: ["errore"]}), ("--closed", {})):
            with self.subTest(takes):
                box.beta.pecctl("mailbox", "set", dario, takes)
                self.addCleanup(box.beta.pecctl, "mailbox", "set", dario, "--open")
                with box.beta.connect("mx") as connection:
                    connection.sendmail(dario, [ghost], message)
                self.assertEqual(mailboxes.new().kinds(), wanted)

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
        ghost = self.missing_in_the_store()
        forged = letter(GIANNI, to=[ghost], subject="Falsa",
                        fields=b"X-Trasporto: posta-certificata\r\n")
        with box.beta.connect("mx") as connection:
            connection.sendmail(GIANNI, [ghost], forged)
        self.assertEqual(mailboxes.new(ordinary=1).kinds(), {ORDINARY: ["ordinaria"]})


class LostReceipts(FailureCase):
    """Receipts that were made and could not be handed over: nobody has them but the incident."""

    def resend(self, provider: Provider, pec_id: str, *recipient: str) -> list[str]:
        said = provider.pecctl("receipts", "resend", pec_id, *recipient).splitlines()
        self.assertTrue(all(line.startswith("sent again lost ") for line in said), said)
        return said

    def issued(self, provider: Provider, pec_id: str, kind: str) -> tuple[str, int]:
        """Message-ID and certified time, as the log has them."""
        [row] = provider.query("SELECT generated_id, at FROM message_log WHERE pec_id = ? AND kind = ?"
                               " AND direction = 'issued'", pec_id, kind)
        return row

    def check_identity(self, receipt: PecMessage, issued: tuple[str, int]) -> None:
        check_signature(receipt, box.ca_file)
        self.assertEqual(receipt.message_id.strip("<>"), issued[0])
        self.assertEqual(certified_time(receipt).timestamp(), issued[1])

    def test_the_senders_mailbox_is_full(self):
        """[rule 6] Acceptance, and the delivery receipt that another provider has made."""
        self.fill(box.alfa, anna)
        came = self.send("Ricevute in attesa", dario)
        [envelope] = came.by_address[dario]
        pec_id = pec_id_of(envelope)
        lost = [("lost accettazione", anna), ("lost avvenuta-consegna", dario)]
        self.assertEqual(incidents(box.alfa, pec_id), lost)
        log = box.alfa.milter_log()
        self.assertRegex(log, rf"role=bounces.*{re.escape(pec_id)}.*lost accettazione, could not be")
        self.assertRegex(log, r"\[warning\].*role=bounces.*could not be handed over")  # once an hour
        self.assertRegex(box.alfa.pecctl("incidents"), rf"lost accettazione  {re.escape(pec_id)}  "
                         rf"{anna}  can be resent  could not be handed over to {anna}: 5\.2\.2 ")

        # It is still full: the receipt is not lost by the attempt.
        self.resend(box.alfa, pec_id, anna)
        self.assertEqual(mailboxes.new().kinds(), {operators: ["ordinaria"]})
        self.assertEqual(incidents(box.alfa, pec_id), lost)

        box.alfa.set_quota(anna)
        self.assertEqual(len(self.resend(box.alfa, pec_id)), 2)
        again = mailboxes.new()
        self.assertEqual(again.kinds(), {anna: ["accettazione", "avvenuta-consegna"]})
        self.check_identity(again.of_kind("accettazione", at=anna)[0],
                            self.issued(box.alfa, pec_id, "accettazione"))
        self.check_identity(again.of_kind("avvenuta-consegna", at=anna)[0],
                            self.issued(box.beta, pec_id, "avvenuta-consegna"))
        self.assertEqual(incidents(box.alfa, pec_id), [])

    def test_a_large_receipt(self):
        """[rule 6] A complete delivery receipt holds the original, and comes back whole."""
        self.fill(box.alfa, anna)
        came = self.send("Grande in attesa", dario, body=filler(3000 * KILOBYTE))
        [envelope] = came.by_address[dario]
        pec_id = pec_id_of(envelope)
        box.alfa.set_quota(anna)
        self.assertEqual(len(self.resend(box.alfa, pec_id, dario)), 1)
        [receipt] = mailboxes.new().of_kind("avvenuta-consegna", at=anna)
        self.check_identity(receipt, self.issued(box.beta, pec_id, "avvenuta-consegna"))
        self.assertGreater(receipt.raw.count(LINE), 3000 * KILOBYTE // len(LINE) - 1)

    def test_a_non_delivery_notice(self):
        """[rule 6]"""
        self.fill(box.alfa, anna)
        nobody = f"nessuno@{box.beta.domain}"
        self.send("Avviso in attesa", nobody)
        [(pec_id,)] = box.alfa.query("SELECT pec_id FROM incident WHERE what = 'lost errore-consegna'"
                                     " AND recipient = ? AND resolved_at IS NULL", nobody)
        box.alfa.set_quota(anna)
        self.resend(box.alfa, pec_id, nobody)
        [notice] = mailboxes.new().of_kind(NON_DELIVERY, at=anna)
        self.check_identity(notice, self.issued(box.alfa, pec_id, NON_DELIVERY))

    def test_the_other_provider_is_away(self):
        """[rule 6] The take-charge and the delivery receipt, past the queue's life."""
        sink = self.stack().enter_context(SmtpSink())
        postfix = self.change(box.beta)
        postfix.route(GAMMA, sink.address)
        sink.down()
        with ChangedPostfix(box.beta) as short:
            short.set(maximal_queue_lifetime=SHORT)
            envelope = gamma.envelope([dario])
            pec_id = re.search(rb"Message-ID: <([^>]+)>", envelope)[1].decode()
            gamma.deliver(box.beta, [dario], envelope)
            came = mailboxes.new()
        self.assertEqual(came.kinds(), {dario: ["posta-certificata"],
                                        beta_operators: ["ordinaria", "ordinaria"]})
        self.assertEqual(incidents(box.beta, pec_id), [("lost avvenuta-consegna", dario),
                                                       ("lost presa-in-carico", dario)])
        sink.up()
        self.assertEqual(len(self.resend(box.beta, pec_id)), 2)
        wait_until(lambda: len(sink.mails) == 2, "both arrive")
        by_kind = {}
        for mail in sink.mails:
            receipt = PecMessage(mail.data)
            by_kind[receipt.header("X-Ricevuta")] = receipt, mail
            self.assertEqual(mail.sender, f"posta-certificata@{box.beta.domain}")
        for kind, to in (("presa-in-carico", f"ricevute@{GAMMA}"), ("avvenuta-consegna", GIULIA)):
            receipt, mail = by_kind[kind]
            self.check_identity(receipt, self.issued(box.beta, pec_id, kind))
            self.assertEqual(mail.recipients, [to])
        self.assertEqual(incidents(box.beta, pec_id), [])

    def test_nobody_else_has_anything_sent(self):
        """An internal recipient of another message, or of another event, is good for nothing."""
        self.fill(box.alfa, anna)
        came = self.send("Solo nostra", dario)
        pec_id = pec_id_of(came.by_address[dario][0])
        [(copy,)] = box.alfa.query("SELECT copy FROM incident WHERE pec_id = ? AND recipient = ?",
                                   pec_id, anna)
        host, port = box.alfa.info["receipts"]
        forged = f"{anna}.1795324282.{'q' * 32}.rinvio.pec.internal"
        with smtplib.SMTP(host, port) as smtp, self.assertRaises(smtplib.SMTPResponseException) as refused:
            smtp.sendmail("a@b.example", [forged], base64.b64decode(copy))
        self.assertEqual(refused.exception.smtp_code // 100, 4)
        for _ in range(2):
            mailboxes.new()


class MissingReceipts(FailureCase):
    """An internal recipient that fails: a receipt that should be and is not. Operators learn of it."""

    def check_incidents(self, provider: Provider, pec_id: str,
                        *expected: tuple[str, str]) -> None:
        """`expected`: what is missing, and the recipient it is about."""
        self.assertEqual(incidents(provider, pec_id), list(expected))
        lines = [line for line in provider.pecctl("incidents").splitlines() if pec_id in line]
        self.assertEqual(len(lines), len(expected))
        for what, recipient in expected:
            self.assertTrue(any(what in line and recipient in line for line in lines), lines)
        self.assertRegex(provider.milter_log(), rf"\[(warning|info)\].*role=bounces.*{re.escape(pec_id)}.*"
                         f"{len(expected)} internal recipients failed")

    def reissue(self, provider: Provider, pec_id: str) -> Arrivals:
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

    def test_behind_an_alias_to_several_mailboxes(self):
        """[3.3.2] Each one's delivery is missing, and asked for again: the last one gives the receipt."""
        everyone = f"tutti@{box.beta.domain}"
        self.change(box.beta).add_alias(everyone, of=f"{dario}, {elena}")
        with ChangedPostfix(box.beta) as postfix:
            postfix.set(maximal_queue_lifetime=SHORT)
            postfix.close_receipts_service()
            came = self.send("Senza ricevuta a tutti", everyone)
        self.assertEqual(came.kinds(), {anna: ["accettazione"], dario: ["posta-certificata"],
                                        elena: ["posta-certificata"], beta_operators: ["ordinaria"]})
        [acceptance] = came.by_address[anna]
        found = incidents(box.beta, pec_id_of(acceptance))
        self.assertEqual([(what.split()[0], recipient) for what, recipient in found],
                         [("consegna", everyone), ("consegna", everyone), ("presa", everyone)])
        again = self.reissue(box.beta, pec_id_of(acceptance))
        self.assertEqual(again.kinds(), {anna: ["avvenuta-consegna"], service: ["presa-in-carico"]})
        self.assertEqual(ends(box.alfa, acceptance), {everyone: "delivered_at"})

    def test_of_a_large_message(self):
        """[3.1.4] Where its copy doesn't come back, there is nothing to make the receipt of, and that is
        said."""
        with ChangedPostfix(box.alfa) as postfix:
            postfix.set(bounce_size_limit="50000")
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
            wait_until(lambda: log.read_text().count("bounce failed") > before,
                       "the bounce fails")
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {
            anna: ["accettazione", "avvenuta-consegna", NON_DELIVERY], dario: ["posta-certificata"],
            service: ["presa-in-carico"]})
        acceptance = self.check_told(came, unknown_mailbox(nobody, box.alfa, UNKNOWN))
        self.assertEqual(ends(box.alfa, acceptance), {nobody: "failed_at", dario: "delivered_at"})


if __name__ == "__main__":
    harness.main()
