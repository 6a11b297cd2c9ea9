# SPDX-License-Identifier: GPL-2.0-or-later
"""What the access point does not accept: one notice to the sender, which names all that is wrong,
and nothing to anybody else. Numbers in brackets are sections of RFC 6109.
"""

import smtplib

from support import harness
from support.changed_postfix import ChangedPostfix
from support.pec_mail import (PREFIXES, all_mailboxes, certified, check_signature, check_text, header_lines,
                              header_names, letter, plain_text, recipients_of)
from support.pec_message import PecMessage
from support.people import anna, bruno, dario, elena

CODE = "5.6.0 - PEC Alfa S.p.A. - "
OUTSIDE = "gianni@ordinaria.example"
# What the sandbox sets in [limits] of alfa (see setUpModule); the rest has its default.
MESSAGE_SIZE, TOTAL_SIZE, TO_ADDRESSES = 200_000, 300_000, 20


def setUpModule():
    global box, mailboxes
    box = harness.sandbox()
    box.reconfigure(box.alfa, limits={
        "message_size": MESSAGE_SIZE, "total_size": TOTAL_SIZE, "to_addresses": TO_ADDRESSES,
        "forbidden_extensions": "exe, scr"})
    mailboxes = all_mailboxes(box)


def padded(size: int, to: list[str]) -> bytes:
    """A message of exactly this size."""
    head = letter(anna, to=to, subject="big", body=b"\r\n")
    lines = b"x" * 78 + b"\r\n"
    body = lines * ((size - len(head)) // len(lines))
    return head + body + b"y" * (size - len(head) - len(body) - 2) + b"\r\n"


def attachment(name: bytes, disposition: bytes = b"") -> bytes:
    return (b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
            b"Content-Type: application/octet-stream; " + name + b"\r\n" + disposition
            + b"Content-Transfer-Encoding: base64\r\n\r\nTVqQ\r\n--b--\r\n")


class Notice(harness.Case):
    def refuse(self, message: bytes, recipients: list[str]) -> PecMessage:
        """The one message that comes of it; it lies in Anna's mailbox and is in order."""
        box.alfa.submit(anna, recipients, message)
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {anna: ["non-accettazione"]})
        [notice] = came.by_address[anna]
        self.check(notice, recipients)
        return notice

    def check(self, notice: PecMessage, recipients: list[str]) -> None:
        """All but what is wrong with the message."""
        check_signature(notice, box.ca_file)
        names = header_names(notice.raw)
        known = bool(notice.header("X-Riferimento-Message-ID"))
        self.assertEqual(names[names.index("Date"):], [
            "Date", "From", "To", "Message-ID", *["In-Reply-To", "References"] * known, "Subject",
            "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "X-Ricevuta",
            *["X-Riferimento-Message-ID"] * known])
        self.assertEqual(header_lines(notice.raw, "From"),
                         [b"From: posta-certificata@pec.alfa.example\r\n"])
        self.assertEqual(notice.header("Return-Path"), "<posta-certificata@pec.alfa.example>")
        self.assertEqual(notice.header("To"), anna)
        self.assertEqual([part.get_content_type() for part in notice.mixed_parts()],
                         ["multipart/alternative", "application/xml"])
        root = certified(notice)
        self.assertEqual((root.get("tipo"), root.get("errore")), ("non-accettazione", "altro"))
        self.assertEqual(root.findtext("intestazione/mittente"), anna)
        self.assertEqual(root.findtext("intestazione/risposte"), anna)
        self.assertEqual(sorted(address for address, _ in recipients_of(notice)),
                         sorted(recipients))
        self.assertTrue(root.findtext("dati/errore-esteso").startswith(CODE))
        facts = root.find("dati")
        check_text(plain_text(notice), "non-accettazione", recipients_of(notice),
                   subject=root.findtext("intestazione/oggetto") or "", sender=anna,
                   description=self.reasons(notice), pec_id=facts.findtext("identificativo"),
                   date=facts.findtext("data/giorno"), time=facts.findtext("data/ora"),
                   zone=facts.find("data").get("zona"))

    @staticmethod
    def reasons(notice: PecMessage) -> str:
        return certified(notice).findtext("dati/errore-esteso").removeprefix(CODE)


class EachRule(Notice):
    def test_each_rule_alone(self):
        """[3.1.1]"""
        hidden = b"Bcc: %b\r\n" % bruno.encode()
        many = [f"x{i}@ordinaria.example" for i in range(TO_ADDRESSES)]
        rows = [
            ("assenza di un indirizzo nel campo From", [dario], letter("Anna <>", to=[dario])
             .replace(b"From: Anna <>\r\n", b"From:\r\n")),
            ("indirizzo non valido nel campo From: anna", [dario], letter("anna", to=[dario])),
            ("presenza di più indirizzi nel campo From", [dario],
             letter(f"{anna}, {bruno}", to=[dario])),
            ("assenza di un indirizzo valido nel campo To", [dario], letter(anna, cc=[dario])),
            ("assenza di un indirizzo valido nel campo To", [dario],
             letter(anna, to=["undisclosed-recipients:;"], cc=[dario])),
            (f"differenza tra il campo From e il mittente della trasmissione: {anna}", [dario],
             letter(bruno, to=[dario])),
            ("indirizzi di destinatari non validi: " + 65 * "a" + "@ordinaria.example",
             [65 * "a" + "@ordinaria.example"],
             letter(anna, to=[dario, 65 * "a" + "@ordinaria.example"])),
            (f"destinatari assenti dai campi To e Cc: {elena}, {OUTSIDE}", [dario, elena, OUTSIDE],
             letter(anna, to=[dario])),
            ("presenza di un valore nel campo Bcc (Ccn), che non è ammesso", [dario, bruno],
             letter(anna, to=[dario, bruno], fields=hidden)),
            ('data non valida nel campo Date: "domani"', [dario],
             letter(anna, to=[dario], date="domani")),
            ('valore non valido nel campo Message-ID: "client"', [dario],
             letter(anna, to=[dario], message_id="client")),
            ('valore non valido nel campo Message-ID: ""', [dario],
             letter(anna, to=[dario], fields=b"Message-ID:\r\n")),
            ("righe del corpo del messaggio più lunghe del limite: numero 2, 3, massimo 998 byte",
             [dario], letter(anna, to=[dario], body=b"\r\n" + b"\r\n".join(
                 [998 * b"x", 999 * b"x", 44_000 * b"x", b""]))),
            ("campi di intestazione ripetuti: Subject", [dario],
             letter(anna, to=[dario], subject="1", fields=b"Subject: 2\r\n")),
            ("campi di intestazione con caratteri non ammessi o non codificati: Subject, X-Note",
             [dario], letter(anna, to=[dario], fields=b"Subject: citt\xe0\r\nX-Note: \x01\r\n")),
            ("campi di intestazione troppo lunghi: X-Long", [dario],
             letter(anna, to=[dario], fields=b"X-Long:" + 51 * (b"\r\n " + 998 * b"x") + b"\r\n")),
            (f"dimensione del messaggio superiore al limite: {MESSAGE_SIZE + 1} byte, massimo "
             f"{MESSAGE_SIZE} byte", [dario], padded(MESSAGE_SIZE + 1, [dario])),
            ("dimensione del messaggio per il numero di destinatari superiore al limite: "
             f"100001 byte per 3 destinatari, massimo {TOTAL_SIZE} byte", [bruno, dario, OUTSIDE],
             padded(100_001, [bruno, dario, OUTSIDE])),
            (f"numero di indirizzi nel campo To superiore al limite: 21, massimo {TO_ADDRESSES}",
             [dario], letter(anna, to=[dario, *many])),
            ("allegati di tipo non ammesso: fattura.pdf.exe", [dario],
             letter(anna, to=[dario], body=attachment(b'name="fattura.pdf.exe"'))),
            ("allegati di tipo non ammesso: b.scr", [dario],
             letter(anna, to=[dario], body=attachment(
                 b'name="b.scr"', b'Content-Disposition: attachment; filename="b.txt"\r\n'))),
        ]
        for reasons, recipients, message in rows:
            with self.subTest(reasons):
                self.assertEqual(self.reasons(self.refuse(message, recipients)), reasons)

    def test_within_the_limits(self):
        """[3.1.1] What just passes is accepted."""
        message = padded(100_000, [bruno, dario])
        box.alfa.submit(anna, [bruno, dario], message)
        came = mailboxes.new()
        self.assertEqual(len(came.of_kind("accettazione", at=anna)), 1)
        box.alfa.submit(anna, [dario], padded(MESSAGE_SIZE, [dario]))
        self.assertEqual(len(mailboxes.new().of_kind("accettazione", at=anna)), 1)


class TheNotice(Notice):
    def test_all_that_is_wrong_is_listed(self):
        """[3.1.1] so that one correction is enough"""
        message = letter("", cc=[dario], date="domani", fields=b"Bcc: x\r\n")
        self.assertEqual(self.reasons(self.refuse(message, [dario])), "; ".join([
            "assenza di un indirizzo nel campo From",
            "assenza di un indirizzo valido nel campo To",
            "presenza di un valore nel campo Bcc (Ccn), che non è ammesso",
            'data non valida nel campo Date: "domani"']))

    def test_it_never_includes_the_original(self):
        """[3.1.2]"""
        secret = b"quite secret words"
        notice = self.refuse(letter(anna, to=[dario], subject="Offerta", message_id="<1@client>",
                                    fields=b"Bcc: x\r\n", body=b"\r\n" + secret + b"\r\n"), [dario])
        self.assertNotIn(secret, notice.raw)
        self.assertEqual(notice.header("Subject"), PREFIXES["non-accettazione"] + "Offerta")
        self.assertEqual(header_lines(notice.raw, "X-Riferimento-Message-ID"),
                         [b"X-Riferimento-Message-ID: <1@client>\r\n"])
        self.assertEqual(certified(notice).findtext("dati/msgid"), "<1@client>")
        self.assertNotEqual(certified(notice).findtext("dati/identificativo"),
                            notice.message_id.strip("<>"))

    def test_headers_that_cannot_be_read(self):
        """[3.1.2] The sender and the recipients are those of SMTP."""
        for name, message in {
            "no header": b"\r\nonly a body\r\n",
            "nothing": b"",
            "no From": b"Subject: x\r\nTo: %b\r\n\r\nx\r\n" % dario.encode(),
            "junk": b"From: <<>>,,;\r\nTo: \xff@\xfe\r\nReply-To: :;\r\nSubject: =?x?y?z?= \xe8\r\n"
                    b"Message-ID: <\xe8 \x02>\r\nDate: \xff\r\n\r\nx\r\n",
        }.items():
            with self.subTest(name):
                notice = self.refuse(message, [dario])
                self.assertIsNone(notice.header("X-Riferimento-Message-ID"))
                self.assertIn("From", self.reasons(notice))

    def test_nothing_in_the_message_becomes_markup_or_a_header(self):
        """[4.3.1]"""
        subject = "=?utf-8?b?PGI+JmFtcDs8c2NyaXB0PiINClgtUmljZXZ1dGE6IGFjY2V0dGF6aW9uZQ==?="
        notice = self.refuse(letter(anna, to=[dario], subject=subject, date="domani"), [dario])
        [alternative] = [part for part in notice.mixed_parts()
                         if part.get_content_type() == "multipart/alternative"]
        html = alternative.get_payload()[1].get_content()
        self.assertIn("&lt;b&gt;&amp;amp;&lt;script&gt;&quot;", html)
        self.assertNotIn("<script", html)

    def test_it_is_in_the_log(self):
        """[2.3] with its reason, and the ids"""
        notice = self.refuse(letter(anna, to=[dario], subject="log", date="domani"), [dario])
        rows = box.alfa.query(
            "SELECT kind, direction, sender, subject, error, detail, generated_id "
            "FROM message_log WHERE pec_id = ?", certified(notice).findtext("dati/identificativo"))
        self.assertEqual(rows, [
            ("non-accettazione", "issued", anna, "log", "altro",
             CODE + 'data non valida nel campo Date: "domani"', notice.message_id.strip("<>"))])
        parties = box.alfa.query(
            "SELECT DISTINCT position, address, certified FROM party JOIN message_log USING (message) "
            "WHERE generated_id = ? ORDER BY position", notice.message_id.strip("<>"))
        self.assertEqual(parties, [(0, anna, 1), (1, dario, 1)])


class Sender(harness.Case):
    """Whom no notice can be certified for is told in SMTP, and for good."""

    def test_impossible(self):
        for sender in ("anna", "@", "anna@", "anna@x..example", "anna@pec.alfa.example."):
            with self.subTest(sender), box.alfa.login(anna) as connection:
                connection.ehlo()
                self.assertIn(connection.docmd("MAIL", f"FROM:<{sender}>")[0], (501, 553))

    def test_unknown(self):
        """To Postfix, or to the providers' directory alone."""
        unknown = "x@sconosciuto.example"
        message = letter(unknown, to=[dario])
        with box.alfa.login(anna) as connection, self.assertRaises(smtplib.SMTPRecipientsRefused) as all_of:
            connection.sendmail(unknown, [dario], message)
        self.assertEqual(all_of.exception.recipients[dario][0], 553)
        with ChangedPostfix(box.alfa) as postfix:
            postfix.set(smtpd_sender_login_maps=f"inline:{{ {unknown}={anna} }}")
            with box.alfa.login(anna) as connection, self.assertRaises(smtplib.SMTPDataError) as refused:
                connection.sendmail(unknown, [dario], message)
        self.assertEqual(refused.exception.smtp_code, 550)
        self.assertIn(b"5.7.1", refused.exception.smtp_error)
        self.assertEqual(mailboxes.new().kinds(), {})


class ServiceAddresses(Notice):
    """Who answers a receipt must not be told that somebody reads it, but whom to write to."""

    def test_who_answers_a_receipt(self):
        box.alfa.submit(anna, [dario], letter(anna, to=[dario], subject="Domanda"))
        came = mailboxes.new()
        receipt = came.delivery_receipt(at=anna, about=dario)
        [envelope] = came.by_address[dario]
        signing = "posta-certificata@pec.beta.example"
        notice = self.refuse(letter(anna, to=[signing], subject="Re: CONSEGNA: Domanda",
                                    fields=b"In-Reply-To: " + receipt.message_id.encode() + b"\r\n"),
                             [signing])
        self.assertIn(f"{signing} (per rispondere scrivere a {dario})",
                      " ".join(plain_text(notice).split()))
        box.beta.submit(dario, [signing], letter(
            dario, to=[signing], subject="Re", fields=b"References: <x@y.example> "
            + envelope.message_id.encode() + b"\r\n"))
        [notice] = mailboxes.new().by_address[dario]
        self.assertIn(f"per rispondere scrivere a {anna}", " ".join(plain_text(notice).split()))

    def test_who_writes_to_one(self):
        for address in (box.alfa.service_mailbox, box.beta.service_mailbox):
            notice = self.refuse(letter(anna, to=[address, dario], subject="Prova"), [address, dario])
            self.assertIn(f"indirizzi di servizio dei gestori, la cui posta non è letta da nessuno: "
                          f"{address}", " ".join(plain_text(notice).split()))


class HardLimit(harness.Case):
    """[3.1.2] Over the limit of SMTP itself: refused there, no notice."""

    def test_declared(self):
        with box.alfa.login(anna) as connection:
            connection.ehlo()
            code, _ = connection.docmd("MAIL", f"FROM:<{anna}> SIZE=104857601")
        self.assertEqual(code, 552)
        self.assertEqual(mailboxes.new().kinds(), {})

    def test_undeclared(self):
        with box.alfa.login(anna) as connection:
            connection.ehlo()
            self.assertEqual(connection.docmd("MAIL", f"FROM:<{anna}>")[0], 250)
            self.assertEqual(connection.docmd("RCPT", f"TO:<{dario}>")[0], 250)
            line = b"x" * 998 + b"\r\n"
            body = line * (104_857_600 // len(line) + 1)
            with self.assertRaises(smtplib.SMTPDataError) as refused:
                code, text = connection.data(letter(anna, to=[dario], body=b"\r\n") + body)
                raise smtplib.SMTPDataError(code, text)
        self.assertEqual(refused.exception.smtp_code, 552)
        self.assertEqual(mailboxes.new().kinds(), {})


if __name__ == "__main__":
    harness.main()
