# SPDX-License-Identifier: GPL-2.0-or-later
"""What comes in from outside, and what becomes of it: a table of messages that are correct, not quite,
or not at all (RFC 6109, 2.2.2), written by hand and signed by openssl. Numbers in brackets are
sections of RFC 6109.
"""

import re
import smtplib
from datetime import datetime
from email.utils import parsedate_to_datetime

from support import harness
from support.foreign_provider import ADDRESS, DOMAIN, NAME, ORIGINAL, SENDER, ForeignProvider, data_part, original_part
from support.pec_mail import (ORDINARY, all_mailboxes, certified, check_signature, check_text, header_lines, letter,
                              plain_text, subjects_of)
from support.pec_message import PecMessage, split_parts
from support.people import anna, dario, elena
from support.waiting import wait_until

OUTSIDE = "gianni@ordinaria.example"

# What the anomaly envelope says (rules, 7), and what log and ledger say.
NOT_SIGNED = "il messaggio non è di posta elettronica certificata"
UNCLEAR = ("la struttura del messaggio si presta a letture diverse: la sua firma elettronica non può "
           "essere verificata")
BROKEN = "la firma elettronica del messaggio non è valida"
UNKNOWN = "la firma elettronica del messaggio non è di un gestore di posta certificata"
UNTRUSTED = "il certificato con cui il messaggio è firmato non è valido"
FOREIGN = "il mittente del messaggio non appartiene al gestore che lo ha firmato"
ANOMALY = "il messaggio è una busta di anomalia, che non certifica il suo contenuto"
MALFORMED = "il messaggio è firmato da un gestore di posta certificata, ma non è formalmente corretto"


def setUpModule():
    global box, mailboxes, gamma
    box = harness.sandbox()
    gamma = ForeignProvider(box)
    mailboxes = all_mailboxes(box)


def changed(message: bytes, old: bytes, new: bytes) -> bytes:
    if message.count(old) < 1:
        raise AssertionError(f"no {old!r} in the message")
    return message.replace(old, new, 1)


class Anomalies(harness.Case):
    def check_anomaly(self, found: PecMessage, sent: bytes, description: str, recipients: list[str],
                      sender: str, subject: str) -> None:
        """[3.2.2] Beta's envelope around exactly what was sent."""
        self.assertEqual(check_signature(found, box.ca_file), "posta-certificata@pec.beta.example")
        self.assertEqual(header_lines(found.raw, "X-Trasporto"), [b"X-Trasporto: errore\r\n"])
        self.assertIsNone(found.header("X-Ricevuta"))
        self.assertEqual([(part.get_content_type(), part.get_filename())
                          for part in found.mixed_parts()],
                         [("multipart/alternative", None), ("message/rfc822", "postacert.eml")])
        self.assertTrue(found.postacert() == sent, "postacert.eml is not what was sent")
        self.assertEqual(found.header("Subject"), f"ANOMALIA MESSAGGIO: {subject}".strip())
        date = parsedate_to_datetime(found.header("Date"))
        self.assertLess(abs((datetime.now(date.tzinfo) - date).total_seconds()), 120)
        check_text(plain_text(found), "errore", [(address, "certificato") for address in recipients],
                   subject=subject, sender=sender, description=description,
                   date=f"{date:%d/%m/%Y}", time=f"{date:%H:%M:%S}", zone=f"{date:%z}")


class TheLadder(Anomalies):
    """[2.2.2] Step by step: signature, its bytes, its owner, its certificate, the sender, the form."""

    def rows(self):
        """Name, message, what the envelope says, what the log says."""
        good = gamma.envelope([dario])
        content = split_parts(good)[0]
        pec_id = PecMessage(good).message_id.strip("<>")
        head = gamma.header("X-Trasporto: posta-certificata", pec_id)
        xml = gamma.xml("posta-certificata", pec_id, [dario])
        original = ORIGINAL % pec_id.encode()
        signature = gamma.sign(content)

        def formed(xml_bytes, original_bytes, *more, header=head):
            body = gamma.mixed(xml_bytes, original_bytes, *more)
            return header + gamma.signed(body, gamma.sign(body))

        claims = letter("x@pec.gamma.example", to=[dario], subject="Prova", message_id=f"<{pec_id}>")
        yield "X-Ricevuta without signature", b"X-Ricevuta: avvenuta-consegna\r\n" + claims, \
            NOT_SIGNED, "not multipart/signed"
        yield "X-Trasporto without signature", b"X-Trasporto: posta-certificata\r\n" + claims, \
            NOT_SIGNED, "not multipart/signed"
        yield "X-Trasporto: errore without signature", b"X-Trasporto: errore\r\n" + claims, \
            NOT_SIGNED, "not multipart/signed"
        yield "signed part not outermost", head + gamma.mixed(
            None, None, gamma.signed(content, signature)), NOT_SIGNED, "not multipart/signed"
        yield "two signature parts", head + gamma.signed(content, signature, signature), \
            UNCLEAR, "more lines"
        yield "parts of others in the preamble", changed(
            good, b"\r\n\r\n--signed", b"\r\n\r\n--signed-by-me\r\n\r\nx\r\n--signed"), \
            UNCLEAR, "more lines"
        yield "two boundaries", changed(good, b'; boundary="signed"', b'; boundary="signed"; boundary*=x'), \
            UNCLEAR, "Content-Type"
        yield "opaque signature", head + (
            b'Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"\r\n\r\n'
            b"MIIE\r\n"), NOT_SIGNED, "not multipart/signed"

        yield "two signers", head + gamma.signed(content, gamma.sign(content, "good", "unlisted")), \
            BROKEN, "2 signers"
        yield "signature over other bytes", changed(good, b"Ciao.", b"Ciao!"), BROKEN, "not match"
        yield "changed certification data", changed(
            good, gamma_line(good), gamma_line(good)[::-1]), BROKEN, "not match"
        yield "signature that is none", head + gamma.signed(content, b"none"), BROKEN, "not a CMS"

        yield "unknown certificate", gamma.envelope([dario], "unlisted"), UNKNOWN, "belongs to no provider"
        for name, why in (("expired", "expired"), ("future", "not yet valid"),
                          ("revoked", "revoked"), ("stranger", "issuer")):
            yield f"{name} certificate", gamma.envelope([dario], name), UNTRUSTED, why
        yield "From of another provider", gamma.envelope(
            [dario], address="posta-certificata@pec.alfa.example"), FOREIGN, "From"
        yield "From of nobody's domain", gamma.envelope([dario], address=OUTSIDE), FOREIGN, "From"
        yield "two From", changed(good, b"To: ", b"From: anna@pec.alfa.example\r\nTo: "), \
            FOREIGN, "From"

        # What is signed comes once, so each of these has a message of its own.
        def fresh():
            return gamma.envelope([dario])

        yield "neither X-Trasporto nor X-Ricevuta", changed(
            fresh(), b"X-Trasporto: posta-certificata\r\n", b""), MALFORMED, "neither"
        yield "both X-Trasporto and X-Ricevuta", changed(
            fresh(), b"Subject:", b"X-Ricevuta: accettazione\r\nSubject:"), MALFORMED, "neither"
        yield "unknown kind", changed(fresh(), b": posta-certificata\r\n", b": posta\r\n"), \
            MALFORMED, "neither"
        yield "X-Trasporto: errore, signed", changed(
            fresh(), b"X-Trasporto: posta-certificata", b"X-Trasporto: errore"), ANOMALY, "anomaly"
        yield "header says accettazione", changed(
            fresh(), b"X-Trasporto: posta-certificata", b"X-Ricevuta: accettazione"), \
            MALFORMED, "daticert.xml says"
        yield "another Message-ID", re.sub(
            rb"\r\nMessage-ID: <[^>]*>\r\nDate", b"\r\nMessage-ID: <other@pec.gamma.example>\r\nDate",
            fresh(), count=1), MALFORMED, "Message-ID"
        yield "another sender shown", changed(
            fresh(), b"Per conto di: " + SENDER.encode(), b"Per conto di: altra@" + DOMAIN.encode()), \
            MALFORMED, "mittente"
        yield "another receipt asked", changed(
            fresh(), b"Subject:", b"X-TipoRicevuta: breve\r\nSubject:"), MALFORMED, "X-TipoRicevuta"
        yield "a field twice", changed(fresh(), b"Subject:", b"Subject: other\r\nSubject:"), \
            MALFORMED, "more than once"
        yield "another subject", changed(fresh(), b"Prova\r\nMessage-ID", b"Altro\r\nMessage-ID"), \
            MALFORMED, "Subject"
        yield "another date", re.sub(rb"\r\nDate: [^\r]*", b"\r\nDate: Sun, 1 Nov 2026 01:02:03 +0100",
                                     fresh(), count=1), MALFORMED, "Date"
        yield "another reply address", changed(fresh(), b"Subject:", b"Reply-To: eva@x.example\r\nSubject:"), \
            MALFORMED, "Reply-To"
        for name, shown in (("a group", b"evil@bad.example:;"),
                            ("a group of the right one", b"evil@bad.example: %s;" % SENDER.encode()),
                            ("a route", b"<evil@bad.example:%s>" % SENDER.encode()),
                            ("a comment", b"%s (evil@bad.example)" % SENDER.encode()),
                            ("no domain", b"evil")):
            yield f"a reply address with {name}", changed(
                fresh(), b"Subject:", b"Reply-To: %s\r\nSubject:" % shown), MALFORMED, "Reply-To"
        yield "an address for read receipts", changed(
            fresh(), b"Subject:", b"Disposition-Notification-To: eva@x.example\r\nSubject:"), \
            MALFORMED, "Disposition-Notification-To"
        yield "an empty X-Ricevuta besides", changed(
            fresh(), b"Subject:", b"X-Ricevuta:\r\nSubject:"), MALFORMED, "neither"
        yield "another msgid", changed(
            fresh(), b"Subject:", b"X-Riferimento-Message-ID: <1@x.example>\r\nSubject:"), MALFORMED, "msgid"
        yield "a Sender", changed(fresh(), b"Subject:", b"Sender: eva@x.example\r\nSubject:"), \
            MALFORMED, "Sender"
        yield "sent again", changed(fresh(), b"Subject:", b"Resent-From: eva@x.example\r\nSubject:"), \
            MALFORMED, "Resent-From"
        nobody = gamma.xml("posta-certificata", pec_id, [dario], sender="giulia@pec.internal")
        yield "an internal mittente", formed(nobody, original, header=gamma.header(
            "X-Trasporto: posta-certificata", pec_id, sender="giulia@pec.internal")), \
            MALFORMED, "mittente"
        yield "no daticert.xml", formed(None, original), MALFORMED, "0 parts daticert.xml"
        yield "two daticert.xml", formed(xml, original, data_part(xml)), MALFORMED, "2 parts"
        yield "daticert.xml against the DTD", formed(
            xml.replace(b"<oggetto>Prova</oggetto>", b"<soggetto>Prova</soggetto>"), original), \
            MALFORMED, "soggetto"
        yield "daticert.xml that is no XML", formed(b"<postacert", original), MALFORMED, "byte"
        yield "no postacert.eml", formed(xml, None), MALFORMED, "postacert.eml"
        yield "two postacert.eml", formed(xml, original, original_part(original)), \
            MALFORMED, "more than one postacert.eml"
        within = gamma.signed(content, signature).replace(b'="signed"', b'="within"').replace(
            b"--signed", b"--within")
        yield "already signed inside", head + gamma.signed(within, gamma.sign(within)), \
            MALFORMED, "not multipart/mixed"
        take = gamma.xml("presa-in-carico", pec_id, [dario], receipt="")
        body = gamma.mixed(take, None)
        yield "a take-charge of nobody", gamma.header("X-Ricevuta: presa-in-carico", pec_id) \
            + gamma.signed(body, gamma.sign(body)), MALFORMED, "which recipient"

    def test_what_is_not_correct(self):
        rows = list(self.rows())
        self.assertEqual(len({name for name, *_ in rows}), len(rows))
        for name, message, description, reason in rows:
            with self.subTest(name):
                gamma.deliver(box.beta, [dario], message)
                came = mailboxes.new()
                self.assertEqual(came.kinds(), {dario: ["errore"]})
                [found] = came.by_address[dario]
                sender = PecMessage(message).parsed["From"].addresses[0].addr_spec
                subject = str(PecMessage(message).parsed.get_all("Subject")[0])
                self.check_anomaly(found, message, description, [dario], sender, subject)
                self.assertIn(reason, self.reason_in_log(message))

    def test_what_can_not_be_judged_now(self):
        """[2.2.2] The list of revoked certificates is not there: neither correct nor ordinary. The
        sender's host keeps the message, and once the list is back, all is well."""
        message = gamma.envelope([dario])
        lists = box.crl_file.read_bytes()
        try:
            gamma.publish_strangers_list()
            box.reload(box.beta)
            with self.assertRaises(smtplib.SMTPDataError) as put_off:
                gamma.deliver(box.beta, [dario], message)
            self.assertEqual(put_off.exception.smtp_code, 451)
            self.assertTrue(put_off.exception.smtp_error.startswith(b"4.7.5 "))
            self.assertIn("[warning]", box.beta.milter_log().splitlines()[-1])
        finally:
            box.crl_file.write_bytes(lists)
            box.reload(box.beta)
        self.assertEqual(mailboxes.new().kinds(), {})
        gamma.deliver(box.beta, [dario], message)
        self.assertEqual(len(mailboxes.new(ordinary=2).of_kind("posta-certificata", at=dario)), 1)

    @staticmethod
    def reason_in_log(message: bytes) -> str:
        """The last line of the milter's log; its reason is the ledger's too."""
        log = re.findall(r'reason="anomaly: (.*)"\n', box.beta.milter_log())[-1]
        entry = box.beta.query("SELECT kind, error, detail FROM event WHERE direction = 'issued' "
                               "ORDER BY rowid DESC LIMIT 1")
        assert entry == [("errore", "altro", log)], entry
        return log

    def test_what_is_correct(self):
        """[2.2.2, 3.2.1] by the same hands as the rows above: they fail for what their names say"""
        for name, message in {
            "envelope": gamma.envelope([dario]),
            "brief asked": changed(gamma.envelope([dario]), b"Subject:",
                                   b"X-TipoRicevuta: completa\r\nSubject:"),
            "other protocol name": gamma.envelope([dario]).replace(
                b"application/pkcs7-signature", b"application/x-pkcs7-signature"),
            "case and blanks of the header": changed(
                gamma.envelope([dario]), b"X-Trasporto: posta-certificata",
                b"x-trasporto:  posta-certificata"),
        }.items():
            with self.subTest(name):
                gamma.deliver(box.beta, [dario], message)
                came = mailboxes.new(ordinary=2)
                self.assertEqual(came.kinds(), {
                    dario: ["posta-certificata"], ORDINARY: ["avvenuta-consegna", "presa-in-carico"]})
                self.assertTrue(came.by_address[dario][0].raw.endswith(message))
                for receipt in came.by_address[ORDINARY]:
                    check_signature(receipt, box.ca_file)
                    self.assertEqual(subjects_of(receipt), [dario])
                [taken] = came.of_kind("presa-in-carico", at=ORDINARY)
                self.assertEqual(taken.header("To"), f"ricevute@{DOMAIN}")


def gamma_line(envelope: bytes) -> bytes:
    """A line of daticert.xml in base64."""
    return re.search(rb"filename=\"daticert.xml\"\r\n[^\r]*\r\n\r\n([^\r]*)\r\n", envelope)[1]


class Receipts(harness.Case):
    """[2.2.2] Correct receipts and notices of another provider, about a message of Anna's."""

    def envelope_to_gamma(self) -> str:
        box.alfa.submit(anna, [SENDER], letter(anna, to=[SENDER], subject="Prova"))
        came = mailboxes.new(ordinary=1)
        [envelope] = came.by_address[ORDINARY]
        return envelope.message_id.strip("<>")

    def dispatch(self, pec_id: str) -> dict:
        steps = ("accepted_at", "taken_in_charge_at", "delivered_at", "failed_at")
        [row] = box.alfa.query(f"SELECT {', '.join(steps)} FROM dispatch WHERE pec_id = ?", pec_id)
        return dict(zip(steps, row))

    def test_to_the_user_unchanged(self):
        """delivery and non-delivery; the dispatch knows of it"""
        for kind, error, more, step in (
            ("avvenuta-consegna", "nessuno", "", "delivered_at"),
            ("errore-consegna", "no-dest",
             f"<errore-esteso>5.1.1 - {NAME} - indirizzo non valido</errore-esteso>", "failed_at"),
        ):
            with self.subTest(kind):
                pec_id = self.envelope_to_gamma()
                receipt = gamma.receipt(
                    kind, pec_id, [SENDER], sender=anna, error=error, receipt="completa",
                    facts=f"<consegna>{SENDER}</consegna>{more}")
                gamma.deliver(box.alfa, [anna], receipt, sender=ADDRESS)
                came = mailboxes.new()
                self.assertEqual(came.kinds(), {anna: [kind]})
                self.assertTrue(came.by_address[anna][0].raw.endswith(receipt))
                self.assertIsNotNone(self.dispatch(pec_id)[step])

    def test_to_the_service_mailbox_and_never_to_a_user(self):
        """[3.2.1, 3.2.3] take-charge and virus detection, whomever they are addressed to"""
        service = box.alfa.service_mailbox
        for kind, error, facts, to in (
            ("presa-in-carico", "nessuno", f"<ricezione>{SENDER}</ricezione>", [service]),
            ("presa-in-carico", "nessuno", f"<ricezione>{SENDER}</ricezione>", [anna]),
            ("rilevazione-virus", "virus",
             f"<consegna>{SENDER}</consegna><errore-esteso>5.5.1 - x</errore-esteso>", [anna, service]),
        ):
            with self.subTest(kind, to=to):
                pec_id = self.envelope_to_gamma()
                receipt = gamma.receipt(kind, pec_id, [SENDER], sender=anna, facts=facts, error=error)
                gamma.deliver(box.alfa, to, receipt, sender=ADDRESS)
                came = mailboxes.new()
                # What the user gets of a virus detection is our own notice.
                notices = {anna: ["errore-consegna"]} if kind == "rilevazione-virus" else {}
                self.assertEqual(came.kinds(), {service: [kind], **notices})
                self.assertTrue(came.by_address[service][0].raw.endswith(receipt))
                if kind == "presa-in-carico":
                    self.assertIsNotNone(self.dispatch(pec_id)["taken_in_charge_at"])

    def test_about_mailboxes_that_are_not_the_signers(self):
        """[4 and 8.5 of the rules] It is genuine, and not gamma's to say: no evidence, an incident."""
        box.alfa.submit(anna, [dario], letter(anna, to=[dario], subject="Prova"))
        came = mailboxes.new()
        pec_id = certified(came.of_kind("accettazione", at=anna)[0]).findtext("dati/identificativo")
        before = self.dispatch(pec_id)
        receipt = gamma.receipt("errore-consegna", pec_id, [dario], sender=anna, error="no-dest",
                                facts=f"<consegna>{dario}</consegna><errore-esteso>5.1.1</errore-esteso>")
        gamma.deliver(box.alfa, [anna], receipt, sender=ADDRESS)
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {anna: ["errore"]})
        self.assertIn("non può certificare messaggi", plain_text(came.by_address[anna][0]))
        self.assertEqual(self.dispatch(pec_id), before)
        self.assertEqual(box.alfa.query("SELECT what, recipient FROM incident WHERE pec_id = ?", pec_id),
                         [("foreign message", anna)])

    def check_not_believed(self, pec_id: str, receipt: bytes, says: str, *incident: tuple) -> None:
        """To the user, in an anomaly envelope that says why; logged; the dispatch stays as it is."""
        before = self.dispatch(pec_id)
        gamma.deliver(box.alfa, [anna], receipt, sender=ADDRESS)
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {anna: ["errore"]})
        gamma.deliver(box.alfa, [anna], receipt, sender=ADDRESS)  # again, when the log knows that it is kept
        self.assertEqual(mailboxes.new().kinds(), {})
        self.assertIn(says, " ".join(plain_text(came.by_address[anna][0]).split()))
        self.assertTrue(came.by_address[anna][0].postacert() == receipt)
        self.assertEqual(self.dispatch(pec_id), before)
        self.assertEqual(box.alfa.query("SELECT what, recipient FROM incident WHERE pec_id = ?", pec_id),
                         [incident])
        [kind] = re.findall(rb"X-Ricevuta: (\S+)", receipt)
        self.assertIn((kind.decode(), "received"), box.alfa.query(
            "SELECT kind, direction FROM message_log WHERE pec_id = ?", pec_id))

    def test_a_second_end_is_not_believed(self):
        """[8.5 of the rules]"""
        failed = f"<consegna>{SENDER}</consegna><errore-esteso>5.1.1</errore-esteso>"
        for first in ("avvenuta-consegna", "errore-consegna"):
            with self.subTest(first):
                pec_id = self.envelope_to_gamma()
                both = {"avvenuta-consegna": gamma.receipt(
                            "avvenuta-consegna", pec_id, [SENDER], sender=anna, receipt="completa",
                            facts=f"<consegna>{SENDER}</consegna>"),
                        "errore-consegna": gamma.receipt("errore-consegna", pec_id, [SENDER],
                                                         sender=anna, error="no-dest", facts=failed)}
                gamma.deliver(box.alfa, [anna], both.pop(first), sender=ADDRESS)
                self.assertEqual(mailboxes.new().kinds(), {anna: [first]})
                [second] = both.values()
                self.check_not_believed(pec_id, second, "contraddice l'esito", "contradiction", SENDER)

    def test_about_who_got_nothing_is_not_believed(self):
        pec_id = self.envelope_to_gamma()
        other = f"marta@{DOMAIN}"
        self.check_not_believed(pec_id, gamma.receipt(
            "avvenuta-consegna", pec_id, [SENDER], sender=anna, receipt="completa",
            facts=f"<consegna>{other}</consegna>"),
            "non risulta indirizzato alla casella", "unknown recipient", other)


class ServiceAddresses(Anomalies):
    """[2.2.5, 2.2.6] They take receipts and notices of providers, and bounces."""

    def test_what_they_take(self):
        service, operators = box.beta.service_mailbox, box.beta.operators
        signing = f"posta-certificata@{box.beta.domain}"
        for address in (service, signing):
            with self.subTest(address):
                for message in (letter(OUTSIDE, to=[address]), gamma.envelope([address])):
                    with self.assertRaises(smtplib.SMTPDataError) as refused:
                        gamma.deliver(box.beta, [address], message, sender=OUTSIDE)
                    self.assertEqual((refused.exception.smtp_code, refused.exception.smtp_error[:6]),
                                     (550, b"5.7.1 "))
                    self.assertIn(b"Indirizzo di servizio", refused.exception.smtp_error)
                gamma.deliver(box.beta, [address], letter(OUTSIDE, to=[address]), sender="")
                self.assertEqual(mailboxes.new().kinds(), {operators: ["errore"]})
                box.beta.submit(dario, [SENDER], letter(dario, to=[SENDER], subject="Prova"))
                [envelope] = mailboxes.new(ordinary=1).by_address[ORDINARY]
                taken = gamma.receipt("presa-in-carico", envelope.message_id.strip("<>"), [SENDER],
                                      sender=dario, facts=f"<ricezione>{SENDER}</ricezione>")
                gamma.deliver(box.beta, [address], taken, sender=ADDRESS)
                self.assertEqual(mailboxes.new().kinds(), {service: ["presa-in-carico"]})
                gamma.deliver(box.beta, [address], taken.replace(b"PRESA IN", b"PERSA IN"),
                              sender=ADDRESS)
                self.assertEqual(mailboxes.new().kinds(), {operators: ["errore"]})

    def test_they_are_not_mixed_with_users(self):
        with box.beta.connect("mx") as client:
            client.ehlo()
            client.mail(OUTSIDE)
            self.assertEqual([client.rcpt(each)[0] for each in (dario, box.beta.service_mailbox)],
                             [250, 452])


class WithoutAList(harness.Case):
    """No list of revoked certificates is configured: for trials, and it shows."""

    def test_it_shows(self):
        box.reconfigure(box.beta, trust={"crl_file": ""})
        self.addCleanup(box.reconfigure, box.beta, trust={"crl_file": str(box.crl_file)})
        self.assertRegex(box.beta.status(), r"revocation: BAD since .*no list of revoked certificates is "
                         r"named \(trust.crl_file\)")
        self.assertIn("[error] revocation lists: no list of revoked certificates", box.beta.milter_log())


class InTheLog(harness.Case):
    """[8.5] Whatever a provider has signed has its line, also what is refused or comes again."""

    def test_a_second_receipt_under_another_message_id(self):
        box.alfa.submit(anna, [SENDER], letter(anna, to=[SENDER], subject="Prova"))
        [envelope] = mailboxes.new(ordinary=1).by_address[ORDINARY]
        pec_id = envelope.message_id.strip("<>")
        receipt = gamma.receipt("avvenuta-consegna", pec_id, [SENDER], sender=anna, receipt="completa",
                                facts=f"<consegna>{SENDER}</consegna>")
        own_id = re.search(rb"(?m)^Message-ID: <([^>]+)>", receipt)[1]
        for message in (receipt, receipt, receipt.replace(own_id, b"altro." + own_id)):
            gamma.deliver(box.alfa, [anna], message, sender=ADDRESS)
            mailboxes.new()
        lines = box.alfa.query("SELECT generated_id FROM message_log WHERE pec_id = ? AND kind ="
                               " 'avvenuta-consegna' AND direction = 'received' ORDER BY 1", pec_id)
        self.assertEqual(lines, sorted([(own_id.decode(),), (f"altro.{own_id.decode()}",)]))

    def test_what_is_refused_at_a_closed_mailbox(self):
        box.beta.pecctl("mailbox", "set", dario, "--closed")
        self.addCleanup(box.beta.pecctl, "mailbox", "set", dario, "--open")
        envelope = gamma.envelope([elena])  # genuine, and not for him
        pec_id = re.search(rb"(?m)^Message-ID: <([^>]+)>", envelope)[1].decode()
        for _ in range(2):
            with self.assertRaises(smtplib.SMTPDataError) as refused:
                gamma.deliver(box.beta, [dario], envelope)
            self.assertEqual(refused.exception.smtp_code, 550)
        lines = box.beta.query("SELECT kind, direction, recipient, sender, provider, error, detail"
                               " FROM message_log WHERE pec_id = ?", pec_id)
        self.assertEqual(lines, [("rifiuto", "received", dario, SENDER, NAME, "altro",
                                  "closed mailbox: an envelope that does not name the recipient")])
        # It is not known by that: who gets it has his receipt.
        gamma.deliver(box.beta, [elena], envelope)
        self.assertEqual(mailboxes.new(ordinary=2).by_address[elena][0].kind, "posta-certificata")

    def test_certified_mail_without_tls(self):
        """[5.3] taken, and alarmed"""
        def come(message: bytes, over_tls: bool) -> list[str]:
            before = len(box.beta.milter_log())
            with box.beta.connect("mx") as connection:
                if over_tls:
                    connection._host = f"mx.{box.beta.domain}"
                    connection.starttls(context=box.tls)
                connection.sendmail(SENDER, [elena], message)
            mailboxes.new(ordinary=2)
            return [line for line in box.beta.milter_log()[before:].splitlines()
                    if "role=incoming" in line and " tls=none " in line]
        self.assertEqual(come(gamma.envelope([elena]), over_tls=True), [])
        self.assertEqual(len(come(gamma.envelope([elena]), over_tls=False)), 1)
        self.assertRegex(box.beta.milter_log(), r"\[warning\].*role=incoming.* tls=none ")


class ClosedMailboxes(Anomalies):
    """[2.2.2] A closed mailbox refuses ordinary mail in SMTP, and nothing else."""

    @classmethod
    def setUpClass(cls):
        box.beta.pecctl("mailbox", "set", dario, "--closed")
        cls.addClassCleanup(box.beta.pecctl, "mailbox", "set", dario, "--open")

    def ordinary(self, *to: str) -> bytes:
        return letter(OUTSIDE, to=to, subject="Prova", message_id="<closed@client>")

    def test_ordinary_mail_is_refused(self):
        for message in (self.ordinary(dario), gamma.envelope([dario], "revoked"),
                        changed(gamma.envelope([dario]), b"Ciao.", b"Ciao!"),
                        changed(gamma.envelope([dario]), b": posta-certificata", b": errore"),
                        changed(gamma.envelope([dario]), b"\r\n\r\n--signed",
                                b"\r\n\r\n--x\r\n--signed")):
            with self.assertRaises(smtplib.SMTPDataError) as refused:
                gamma.deliver(box.beta, [dario], message, sender=OUTSIDE)
            self.assertEqual(refused.exception.smtp_code, 550)
            self.assertEqual(
                refused.exception.smtp_error,
                b"5.7.1 La casella riceve solo posta certificata. "
                b"This mailbox accepts certified mail (PEC) only")
        self.assertEqual(mailboxes.new().kinds(), {})

    def test_certified_mail_is_not(self):
        gamma.deliver(box.beta, [dario], gamma.envelope([dario]))
        self.assertEqual(mailboxes.new(ordinary=2).by_address[dario][0].kind, "posta-certificata")

    def test_nor_is_what_a_provider_signed_in_the_wrong_form(self):
        message = changed(gamma.envelope([dario]), b"X-Trasporto: posta-certificata\r\n", b"")
        gamma.deliver(box.beta, [dario], message)
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {dario: ["errore"]})
        self.check_anomaly(came.by_address[dario][0], message, MALFORMED, [dario], ADDRESS,
                           "POSTA CERTIFICATA: Prova")

    def test_closed_and_open_in_one_transaction(self):
        """The first recipient says what the transaction is for; the others are to come in another.
        So each gets its own answer, and no open mailbox loses mail to a closed one."""
        for first, second, accepted in ((dario, elena, False), (elena, dario, True)):
            with self.subTest(first), box.beta.connect("mx") as client:
                client.ehlo()
                self.assertEqual(client.mail(OUTSIDE)[0], 250)
                self.assertEqual(client.rcpt(first)[0], 250)
                code, text = client.rcpt(second)
                self.assertEqual((code, text[:5]), (452, b"4.5.3"))
                code, _ = client.data(self.ordinary(first, second))
                self.assertEqual(code, 250 if accepted else 550)
                client.rset()
                client.mail(OUTSIDE)
                self.assertEqual(client.rcpt(second)[0], 250)
                code, _ = client.data(self.ordinary(first, second))
                self.assertEqual(code, 550 if accepted else 250)
            self.assertEqual(mailboxes.new().kinds(), {elena: ["errore"]})

    def test_another_hosts_mail_server_copes(self):
        """The ordinary host's Postfix sends to both: one copy arrives, one comes back refused."""
        host, port = box.ordinary_mx
        with smtplib.SMTP(host, port) as client:
            client.sendmail(OUTSIDE, [dario, elena], self.ordinary(dario, elena))
        wait_until(box.ordinary_is_idle, "the ordinary host's queue is empty")
        came = mailboxes.new(ordinary=1)
        self.assertEqual(came.kinds(), {elena: ["errore"], ORDINARY: ["ordinaria"]})
        [bounce] = came.by_address[ORDINARY]
        self.assertIn(b"solo posta certificata", bounce.raw)
        self.assertIn(dario.encode(), bounce.raw)


if __name__ == "__main__":
    harness.main()
