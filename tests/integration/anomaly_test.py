# SPDX-License-Identifier: GPL-2.0-or-later
"""Ordinary mail of every shape, wrapped for a certified mailbox (RFC 6109, 3.2.2). The messages are
those of tests/data/awkward. Numbers in brackets are sections of RFC 6109.
"""

import re
import shutil
import smtplib
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from support import harness
from support.paths import ROOT
from support.pec_mail import all_mailboxes, check_signature, check_text, header_lines, header_names, letter, plain_text
from support.pec_message import PecMessage
from support.people import dario, elena

FOLDER = ROOT / "tests" / "data" / "awkward"
README = FOLDER.parent / "README"
OUTSIDE = "gianni@ordinaria.example"

NOT_SIGNED = "il messaggio non è di posta elettronica certificata"
BROKEN = "la firma elettronica del messaggio non è valida"
CUT = "; un campo di intestazione molto lungo può non essere giunto per intero"


@dataclass
class Expected:
    """What the anomaly envelope of one file says. `sender` also stands in Reply-To, unless the
    message has one; `shown` where the text calls the sender by another name."""

    sender: str = OUTSIDE
    subject: str = "Prova"
    listed: tuple = ("dario@pec.beta.example",)
    description: str = NOT_SIGNED
    reply_to: str | None = None
    shown: str | None = None
    text_subject: str | None = None
    reverse_path: str = OUTSIDE


DARIO, ELENA = "dario@pec.beta.example", "elena@pec.beta.example"
SERVICE = "posta-certificata@pec.alfa.example"
FILES = {
    "150-multiparts-deep": Expected(),
    "anomaly-from-elsewhere": Expected(sender=SERVICE, subject="ANOMALIA MESSAGGIO: Prova"),
    "automatic-reply": Expected(subject="Fuori sede: Re: POSTA CERTIFICATA: Prova", reverse_path=""),
    "delivery-status-notification": Expected(
        sender="MAILER-DAEMON@ordinaria.example", subject="Undelivered Mail Returned to Sender",
        reverse_path=""),
    "empty": Expected(subject=""),
    "encoded-display-names": Expected(
        sender="andre@ordinaria.example", reply_to="=?utf-8?q?Rispondi_qui?= <altrove@ordinaria.example>",
        subject="Città漢字è", text_subject="Cittàhàn zìè",
        listed=(DARIO, ELENA, "uno@ordinaria.example", "due@ordinaria.example")),
    "fields-of-the-mail-system": Expected(),
    "forged-envelope": Expected(sender=SERVICE, subject="POSTA CERTIFICATA: Prova", description=BROKEN),
    "forged-receipt": Expected(sender=SERVICE, subject="CONSEGNA: Prova"),
    "from-without-address": Expected(),
    "hidden-copy": Expected(),
    "hostile-subject": Expected(
        subject='<b>[mittente]</b> & "[descrizione]"  X-Ricevuta: accettazione'),
    "html-only": Expected(),
    "lines-of-5000-characters": Expected(),
    "long-header-line": Expected(description=NOT_SIGNED + CUT),
    "no-from": Expected(sender="sconosciuto@mittente.invalid", shown="mittente sconosciuto",
                        reverse_path=""),
    "no-header": Expected(subject=""),
    "no-message-id": Expected(),
    "no-to": Expected(),
    "only-a-header": Expected(),
    "parts-without-end": Expected(),
    "plain-text": Expected(),
    "raw-8-bit-header": Expected(subject="Città"),
    "repeated-fields": Expected(subject="Prima", listed=(DARIO, ELENA)),
    "several-in-from": Expected(sender="primo@ordinaria.example"),
    "through-a-mailing-list": Expected(
        sender="lista@ordinaria.example", subject="[lista] POSTA CERTIFICATA: Prova",
        listed=("lista@ordinaria.example", DARIO)),
    "two-from-fields": Expected(),
    "undeclared-8-bit-body": Expected(),
}


def setUpModule():
    global box, mailboxes
    box = harness.sandbox()
    # One of the messages is deeper than the scanner looks: here it is its bytes that matter.
    box.reconfigure(box.beta, antivirus={"scan_error": "pass"})
    mailboxes = all_mailboxes(box)


def deliver(message: bytes, *recipients: str, sender: str = OUTSIDE) -> None:
    with box.beta.connect("mx") as connection:
        connection.sendmail(sender, recipients, message)


class EachMessage(harness.Case):
    def test_each_is_listed_and_expected(self):
        files = {path.stem for path in FOLDER.iterdir()}
        listed = set(re.findall(r"(?m)^(\S+)\.eml  +\S", README.read_text(encoding="utf-8")))
        self.assertEqual(files, listed)
        self.assertEqual(files, set(FILES))

    def test_each_arrives_whole_in_an_anomaly_envelope(self):
        """[3.2.2] and nobody gets anything else of it"""
        for name, expected in FILES.items():
            with self.subTest(name):
                message = (FOLDER / f"{name}.eml").read_bytes()
                deliver(message, dario, sender=expected.reverse_path)
                came = mailboxes.new()
                self.assertEqual(came.kinds(), {dario: ["errore"]})
                self.check(came.by_address[dario][0], message, expected)

    def check(self, found: PecMessage, message: bytes, expected: Expected) -> None:
        self.assertEqual(check_signature(found, box.ca_file), "posta-certificata@pec.beta.example")
        self.check_header(found, message, expected)
        self.check_words(found, expected)
        self.assertEqual([(part.get_content_type(), part.get_filename())
                          for part in found.mixed_parts()],
                         [("multipart/alternative", None), ("message/rfc822", "postacert.eml")])
        self.check_original(found.postacert(), message)

    def check_header(self, found: PecMessage, message: bytes, expected: Expected) -> None:
        own, *inherited = header_lines(found.raw, "Return-Path")
        self.assertEqual(own, f"Return-Path: <{expected.reverse_path}>\r\n".encode())
        self.assertEqual(inherited, header_lines(message, "Return-Path"))
        self.assertEqual(header_lines(found.raw, "Received")[1:], header_lines(message, "Received"))
        self.assertEqual(header_lines(found.raw, "X-Trasporto"), [b"X-Trasporto: errore\r\n"])
        for name in ("X-Ricevuta", "X-TipoRicevuta", "X-Riferimento-Message-ID"):
            self.assertEqual(header_lines(found.raw, name), [])
        self.assertEqual(header_lines(found.raw, "From"), [
            f'From: "Per conto di: {expected.sender}" <posta-certificata@pec.beta.example>\r\n'.encode()])
        for name in ("To", "Cc"):
            self.assertEqual(header_lines(found.raw, name), header_lines(message, name))
        if b"\r\nMessage-ID:" in b"\r\n" + message:
            self.assertEqual(header_lines(found.raw, "Message-ID"), header_lines(message, "Message-ID"))
        else:
            self.assertTrue(found.message_id.endswith("@pec.beta.example>"))
        reply_to = [f"Reply-To: {expected.reply_to or expected.sender}\r\n".encode()]
        self.assertEqual(header_lines(found.raw, "Reply-To"),
                         reply_to if "invalid" not in expected.sender else [])
        self.assertEqual(found.header("Subject").strip(),
                         f"ANOMALIA MESSAGGIO: {expected.subject}".strip())
        self.assertEqual(header_names(found.raw)[-4:], ["MIME-Version", "Content-Type",
                                                        "Content-Transfer-Encoding", "X-Trasporto"])

    def check_words(self, found: PecMessage, expected: Expected) -> None:
        date = parsedate_to_datetime(found.header("Date"))
        self.assertLess(abs((datetime.now(date.tzinfo) - date).total_seconds()), 120)
        subject = expected.subject if expected.text_subject is None else expected.text_subject
        check_text(plain_text(found), "errore",
                   [(address, "certificato") for address in expected.listed],
                   subject=subject, sender=expected.shown or expected.sender,
                   description=expected.description, date=f"{date:%d/%m/%Y}",
                   time=f"{date:%H:%M:%S}", zone=f"{date:%z}")
        [alternative] = [part for part in found.mixed_parts() if part.is_multipart()
                         and part.get_content_subtype() == "alternative"]
        html = alternative.get_payload()[1].get_content()
        self.assertEqual(set(re.findall(r"<(/?\w+)[ >]", html)),
                         {"html", "head", "title", "/title", "/head", "body", "h3", "/h3", "br",
                          "/body", "/html"})

    def check_original(self, embedded: bytes, message: bytes) -> None:
        if len(message) < 300_000:
            # A message without header gets the empty line; a last line gets its end from SMTP.
            wanted = message if message.endswith(b"\r\n") else message + b"\r\n"
            self.assertEqual(embedded, wanted)
            return
        # Postfix has cut the long field, and nothing else.
        before, _, after = message.partition(b"X-Long: ")
        rest = after.lstrip(b"x")
        self.assertTrue(embedded.startswith(before + b"X-Long: xxx"))
        self.assertTrue(embedded.endswith(rest), embedded[-200:])
        middle = embedded[len(before):-len(rest)]
        self.assertRegex(middle, rb"\AX-Long: x+\Z")
        self.assertGreater(len(middle), 50_000)


class SeveralRecipients(harness.Case):
    def test_one_transaction_one_envelope(self):
        """[3.2.2] the same for all; hidden ones stay hidden from each other"""
        deliver(letter(OUTSIDE, to=["altri@ordinaria.example"], subject="x"), dario, elena)
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {dario: ["errore"], elena: ["errore"]})
        for message in came.all():
            text = plain_text(message)
            self.assertIn("altri@ordinaria.example", text)
            self.assertNotIn(dario, text)
            self.assertNotIn(elena, text)

    def test_it_bounces_to_its_true_sender(self):
        """[3.2.2] The SMTP envelope is unchanged."""
        deliver(letter(OUTSIDE, to=[dario], subject="x"), dario)
        [found] = mailboxes.new().by_address[dario]
        self.assertEqual(found.header("Return-Path"), f"<{OUTSIDE}>")

    def test_thirty_megabytes(self):
        """[3.2.2]"""
        line = b"x" * 76 + b"\r\n"
        message = letter(OUTSIDE, to=[dario], subject="big", body=b"\r\n" + line * 400_000)
        deliver(message, dario)
        [found] = mailboxes.new().by_address[dario]
        self.assertTrue(found.postacert() == message)
        check_signature(found, box.ca_file)


class TooManyFields(harness.Case):
    def test_refused_in_the_dialogue(self):
        """Deleting them one by one would hold Postfix for minutes."""
        fields = b"".join(b"X-%d: y\r\n" % number for number in range(2001))
        with self.assertRaises(smtplib.SMTPDataError) as refused:
            deliver(letter(OUTSIDE, to=[dario], fields=fields), dario)
        self.assertEqual(refused.exception.smtp_code, 550)
        self.assertTrue(refused.exception.smtp_error.startswith(b"5.6.0 "))
        self.assertEqual(mailboxes.new().kinds(), {})


class InTheNameOfAMailboxHere(harness.Case):
    def test_its_text_says_that_it_was_not_used_through_this_provider(self):
        deliver(letter(ELENA, to=[dario], subject="x"), dario)
        [found] = mailboxes.new().by_address[dario]
        self.assertIn(f"{NOT_SIGNED}\nl'indirizzo {ELENA} è di una casella di questo gestore, ma il messaggio "
                      "non è stato inviato attraverso il gestore: chiunque può averlo scritto\n",
                      plain_text(found))
        check_signature(found, box.ca_file)


class WithSwaks(harness.Case):
    """Another client that nobody here wrote."""

    def test_swaks(self):
        host, port = box.beta.info["mx"]
        subprocess.run(["swaks", "--silent", "--server", host, "--port", str(port),
                        "--from", OUTSIDE, "--to", dario, "--header", "Subject: da swaks",
                        "--attach-name", "perché.txt", "--attach", "contenuto"],
                       check=True, stdout=sys.stderr)
        [found] = mailboxes.new().by_address[dario]
        self.assertEqual(found.header("Subject"), "ANOMALIA MESSAGGIO: da swaks")
        check_signature(found, box.ca_file)


class TheProvidersOwnText(harness.Case):
    def test_it_ends_every_text(self):
        """[3.1.2 to 3.3.2] a provider may add its own; HTML escapes it too"""
        own = box.directory / "beta" / "own.txt"
        own.write_text("Assistenza: città <aiuto@pec.beta.example>\nNumero verde: 800 & più\n",
                       encoding="utf-8")
        own.chmod(0o644)
        box.reconfigure(box.beta, provider={"text_file": str(own)})
        self.addCleanup(box.reconfigure, box.beta, provider={"text_file": ""})
        deliver(letter(OUTSIDE, to=[dario], subject="x"), dario)
        [found] = mailboxes.new().by_address[dario]
        self.assertTrue(plain_text(found).endswith("\n\n" + own.read_text(encoding="utf-8")))
        [alternative] = [part for part in found.mixed_parts()
                         if part.get_content_type() == "multipart/alternative"]
        html = alternative.get_payload()[1].get_content()
        self.assertIn("città &lt;aiuto@pec.beta.example&gt;<br>", html)
        self.assertIn("800 &amp; più<br>", html)

    def test_below_ours_a_second_language_and_words_for_each_kind(self):
        """A German text as it is given, then the provider's about this kind, then that for all."""
        own = box.directory / "beta" / "texts"
        shutil.copytree(ROOT / "texts" / "german", own / "german")
        (own / "anomaly-envelope.txt").write_text("Non rispondere a [mittente].", encoding="utf-8")
        (own / "acceptance.txt").write_text("Altro.", encoding="utf-8")
        (own / "all.text").write_text("Grüße\n", encoding="utf-8")
        box.reconfigure(box.beta, provider={"text_file": str(own / "all.text"), "text_dir": str(own),
                                            "second_language_dir": str(own / "german")})
        self.addCleanup(box.reconfigure, box.beta, provider={
            "text_file": "", "text_dir": "", "second_language_dir": ""})
        deliver(letter(OUTSIDE, to=[dario], subject="zwei <Sprachen>"), dario)
        [found] = mailboxes.new().by_address[dario]
        italian, *blocks = plain_text(found).partition("\n\n")[2].split("\n\n")
        self.assertIn("Tali dati non sono stati certificati", italian)
        self.assertEqual(len(blocks), 3)
        self.assertRegex(blocks[0], r"\AAnomalie in der Nachricht\nAm \d\d/\d\d/\d{4} um [\d:]{8} \([+]\d{4}\)")
        self.assertIn(f'"zwei <Sprachen>" von "{OUTSIDE}"\nan:\n{dario}\n', blocks[0])
        self.assertTrue(blocks[0].endswith("Die Originalnachricht ist als Anlage beigefügt."))
        self.assertEqual(blocks[1:], [f"Non rispondere a {OUTSIDE}.", "Grüße\n"])
        check_signature(found, box.ca_file)


if __name__ == "__main__":
    harness.main()
