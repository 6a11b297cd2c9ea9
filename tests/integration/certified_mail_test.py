# SPDX-License-Identifier: GPL-2.0-or-later
"""Certified mail through real Postfix and Dovecot: who gets what, and what it says.

Numbers in brackets are sections of RFC 6109.
"""

import email.utils
import functools
import html.parser
import re
import time
import zoneinfo
from collections import Counter
from datetime import datetime

from support import harness
from support.box import Provider
from support.pec_mail import (ORDINARY, PREFIXES, all_mailboxes, certified, certified_values, check_signature,
                              check_text, header_lines, header_names, plain_text, subjects_of)
from support.pec_message import PecMessage, run
from support.people import anna, bruno, dario

OUTSIDE = "gianni@ordinaria.example"
ROME = zoneinfo.ZoneInfo("Europe/Rome")
CERTIFIED, EXTERNAL = "certificato", "esterno"


def setUpModule():
    global box, mailboxes, alfa_service, beta_service
    box = harness.sandbox()
    alfa_service, beta_service = box.alfa.service_mailbox, box.beta.service_mailbox
    mailboxes = all_mailboxes(box)


def send(sender: str, recipients: list[str], message: bytes, ordinary: int = 0):
    """Submits at alfa, and returns all that comes of it."""
    box.alfa.submit(sender, recipients, message)
    return mailboxes.new(ordinary)


class Words(html.parser.HTMLParser):
    """What a reader of the HTML part sees, and all the marks in it."""

    def __init__(self, source: str):
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list = []
        self._text: list[str] = []
        self.feed(source)
        self.words = "".join(self._text).split()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data):
        if self.get_starttag_text() != "<title>":
            self._text.append(data)


def of_each(check):
    """Makes a test of a check of one generated message and the provider that made it."""
    @functools.wraps(check)
    def test(self):
        for message in self.came.all():
            with self.subTest(message.header("Subject"), about=self.about(message)):
                check(self, message, self.provider_of(message))
    return test


class OneMessage(harness.Case):
    """To a user of another provider, with copies to one of our own and to ordinary mail."""

    SUBJECT = 'Città & "perché" <b>'
    SUBJECT_FIELD = "=?iso-8859-1?Q?Citt=E0_&_=22perch=E9=22_<b>?="
    MSGID = "<flow.1@client.example>"
    # The case of the display name, the odd blanks: To and Cc are inherited unmodified.
    FIELDS = (b"Subject: %b\r\nMessage-ID: %b\r\nMIME-Version: 1.0\r\n"
              b"Date: Sun, 22 Nov 2026 05:11:00 +0100\r\n"
              % (SUBJECT_FIELD.encode(), MSGID.encode()))

    @classmethod
    def setUpClass(cls):
        cls.to_field = b"To: \"Rossi, Dario\"  <%b>\r\n" % dario.encode()
        cls.cc_field = b"Cc: %b,\r\n\tGianni <%b>\r\n" % (bruno.encode(), OUTSIDE.encode())
        cls.original = (b"From: Anna Bianchi <%b>\r\n" % anna.encode() + cls.to_field + cls.cc_field
                        + cls.FIELDS + b"Content-Type: text/plain; charset=utf-8\r\n"
                        b"Content-Transfer-Encoding: 8bit\r\n\r\n" + "così è\r\n".encode())
        cls.recipients = [(dario, CERTIFIED), (bruno, CERTIFIED), (OUTSIDE, EXTERNAL)]
        cls.begin = int(time.time())
        # Not in the order of To and Cc: that order is what counts.
        cls.came = send(anna, [OUTSIDE, bruno, dario], cls.original, ordinary=1)
        cls.end = time.time()
        [cls.envelope] = cls.came.of_kind("posta-certificata", at=dario)
        cls.pec_id = cls.envelope.message_id.strip("<>")

    def provider_of(self, message: PecMessage) -> Provider:
        made_by_recipients_provider = message.kind in ("presa-in-carico", "avvenuta-consegna")
        return box.beta if made_by_recipients_provider and self.about(message) == dario else box.alfa

    @staticmethod
    def about(message: PecMessage) -> str | None:
        return next(iter(subjects_of(message)), None)

    def form(self, message: PecMessage) -> str:
        """The key of TEXTS: bruno stands in Cc only, so his receipt is the concise one (3.3.2)."""
        if message.kind != "avvenuta-consegna":
            return message.kind
        return "completa" if self.about(message) == dario else "sintetica"

    def test_everything_arrives_once_and_nothing_else(self):
        """[3.1.4, 3.1.5, 3.2.1, 3.3.2; 3.4: at the sender's own provider all of it happens too]"""
        self.assertEqual(self.came.kinds(), {
            anna: ["accettazione", "avvenuta-consegna", "avvenuta-consegna"],
            bruno: ["posta-certificata"],
            dario: ["posta-certificata"],
            ORDINARY: ["posta-certificata"],
            alfa_service: ["presa-in-carico", "presa-in-carico"],
        })
        for kind, place in (("presa-in-carico", alfa_service), ("avvenuta-consegna", anna)):
            about = sorted(self.about(message) for message in self.came.of_kind(kind, at=place))
            self.assertEqual(about, [bruno, dario], kind)

    def test_all_three_get_the_same_envelope(self):
        """[3.1.5] byte for byte, from the first line that its provider wrote"""
        begin = self.envelope.raw.index(b"Date: ")
        for place in (bruno, ORDINARY):
            [other] = self.came.by_address[place]
            self.assertTrue(other.raw.endswith(self.envelope.raw[begin:]), place)

    @of_each
    def test_the_signature_is_the_providers_own(self, message, provider):
        """[4.3, 5.5: subjectAltName is the From address]"""
        signer = check_signature(message, box.ca_file)
        self.assertEqual(signer, f"posta-certificata@{provider.domain}")
        self.assertEqual(email.utils.parseaddr(message.header("From"))[1], signer)

    @of_each
    def test_the_digest_is_sha256(self, message, _):
        """[4.3]"""
        path = box.directory / "one.eml"
        path.write_bytes(message.raw)
        printed = run(["openssl", "cms", "-cmsout", "-print", "-noout", "-in", path])
        algorithms = re.findall(r"digestAlgorithm[^\n]*\n\s*algorithm: (\S+)", printed)
        self.assertEqual(set(algorithms), {"sha256"})
        self.assertEqual(message.parsed["Content-Type"].params["micalg"], "sha-256")

    @of_each
    def test_header_names_order_and_spelling(self, message, _):
        """[3.1.4, 3.1.5, 3.2.1, 3.3.2]"""
        middle = ["Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
        envelope = ["Date", "From", "Reply-To", "To", "Cc", "Message-ID", *middle,
                    "X-Trasporto", "X-Riferimento-Message-ID", "X-TipoRicevuta"]
        thread = [] if message.kind == "presa-in-carico" else ["In-Reply-To", "References"]
        receipt = ["Date", "From", "To", "Message-ID", *thread, *middle,
                   "X-Ricevuta", "X-Riferimento-Message-ID"]
        names = header_names(message.raw)
        begin = names.index("Date")
        self.assertLessEqual(set(names[:begin]), {"Return-Path", "Received", "X-Original-To",
                                                  "Delivered-To"})
        self.assertEqual(names[begin:],
                         envelope if message.kind == "posta-certificata" else receipt)

    def test_header_values_of_the_envelope(self):
        """[3.1.5]"""
        raw = self.envelope.raw
        for field in (b'From: "Per conto di: %b" <posta-certificata@pec.alfa.example>\r\n'
                      % anna.encode(),
                      b"Reply-To: %b\r\n" % anna.encode(),
                      self.to_field, self.cc_field,
                      b"X-Trasporto: posta-certificata\r\n",
                      b"X-Riferimento-Message-ID: %b\r\n" % self.MSGID.encode(),
                      b"X-TipoRicevuta: completa\r\n"):
            name = field.partition(b":")[0].decode()
            self.assertEqual(header_lines(raw, name), [field])
        self.assertRegex(self.pec_id, r"^[A-Za-z0-9.]+@pec\.alfa\.example$")

    @of_each
    def test_header_values_of_receipts(self, message, provider):
        """[3.1.4, 3.2.1, 3.3.2]"""
        if message.kind == "posta-certificata":
            return
        to = alfa_service if message.kind == "presa-in-carico" else anna
        for field in (f"From: posta-certificata@{provider.domain}\r\n", f"To: {to}\r\n",
                      f"X-Ricevuta: {message.kind}\r\n",
                      f"X-Riferimento-Message-ID: {self.MSGID}\r\n"):
            name = field.partition(":")[0]
            self.assertEqual(header_lines(message.raw, name), [field.encode()])
        self.assertRegex(message.message_id, rf"^<[A-Za-z0-9.]+@{re.escape(provider.domain)}>$")

    def test_each_receipt_has_an_id_of_its_own(self):
        """[3.1.3] and none has the envelope's, which all three copies of it share."""
        ids = Counter(message.message_id for message in self.came.all())
        self.assertEqual(sorted(ids.values()), [1, 1, 1, 1, 1, 3])
        self.assertEqual(ids[self.envelope.message_id], 3)

    @of_each
    def test_subject_is_prefix_and_original_subject(self, message, _):
        """[3.1.4 and others] The prefix is plain ASCII; lines are under 78 characters."""
        self.assertEqual(message.header("Subject"), PREFIXES[message.kind] + self.SUBJECT)
        [field] = header_lines(message.raw, "Subject")
        self.assertTrue(field.startswith(b"Subject: " + PREFIXES[message.kind].encode()))
        self.assertLess(max(map(len, field.split(b"\r\n"))), 78)

    @of_each
    def test_reverse_path(self, message, provider):
        """[3.1.5: the user's, as he gave it; receipts: never empty, never the user's]"""
        sender = anna if message.kind == "posta-certificata" else \
            f"posta-certificata@{provider.domain}"
        self.assertEqual(header_lines(message.raw, "Return-Path"),
                         [f"Return-Path: <{sender}>\r\n".encode()])

    @of_each
    def test_structure(self, message, _):
        """[4.3] Types, names, encodings, and nothing more than that."""
        top = message.parsed
        self.assertEqual(top.get_content_type(), "multipart/signed")
        self.assertEqual(top["Content-Type"].params["protocol"], "application/pkcs7-signature")
        mixed, signature = top.iter_parts()
        self.assertEqual(mixed.get_content_type(), "multipart/mixed")
        self.check_part(signature, "application/pkcs7-signature", "smime.p7s", "attachment",
                        "base64")
        embeds = self.form(message) in ("posta-certificata", "completa")
        alternative, data, *original = mixed.iter_parts()
        self.assertEqual(len(original), 1 if embeds else 0)
        self.check_part(data, "application/xml", "daticert.xml", "inline", "base64")
        for part in original:
            # Never in base64 or quoted-printable; the original has 8-bit text.
            self.check_part(part, "message/rfc822", "postacert.eml", "inline", "8bit")
        self.assertEqual(top["Content-Transfer-Encoding"], "8bit" if embeds else "7bit")
        self.assertEqual(alternative.get_content_type(), "multipart/alternative")
        plain, marked = alternative.iter_parts()
        self.assertEqual(plain.get_content_type(), "text/plain")
        self.assertEqual(marked.get_content_type(), "text/html")
        for text in (plain, marked):
            self.assertEqual(text.get_content_charset(), "iso-8859-1")
            self.assertEqual(text["Content-Transfer-Encoding"], "quoted-printable")
            self.assertEqual(text.get_content_disposition(), "inline")

    def check_part(self, part, content_type, name, disposition, encoding):
        self.assertEqual(part.get_content_type(), content_type)
        self.assertEqual(part["Content-Type"].params["name"], name)
        self.assertEqual(part.get_content_disposition(), disposition)
        self.assertEqual(part.get_filename(), name)
        self.assertEqual(part["Content-Transfer-Encoding"], encoding)

    @of_each
    def test_the_italian_text(self, message, _):
        """[3.1.4, 3.1.5, 3.2.1, 3.3.2.1, 3.3.2.3] literally"""
        recipients = self.recipients
        if message.kind == "presa-in-carico":
            recipients = [(self.about(message), CERTIFIED)]
        moment = certified(message).find("dati/data")
        check_text(plain_text(message), self.form(message), recipients, subject=self.SUBJECT,
                   sender=anna, recipient=self.about(message), pec_id=self.pec_id,
                   msgid=self.MSGID, date=moment.findtext("giorno"),
                   time=moment.findtext("ora"), zone=moment.get("zona"))

    @of_each
    def test_the_html_says_the_same_and_loads_nothing(self, message, _):
        """[4.3] no links, images, styles or scripts; what comes from the message is escaped"""
        [marked] = [part for part in message.parsed.walk()
                    if part.get_content_type() == "text/html"]
        seen = Words(marked.get_content())
        self.assertEqual(seen.words, plain_text(message).split())
        self.assertLessEqual(seen.tags, {"html", "head", "title", "body", "h1", "h2", "h3", "p",
                                         "br", "hr"})
        self.assertEqual(seen.attributes, [])

    @of_each
    def test_certified_data(self, message, provider):
        """[4.4] every element, in order"""
        moment = certified(message).find("dati/data")
        expected = [
            ("postacert", {"tipo": message.kind, "errore": "nessuno"}, ""),
            ("intestazione", {}, ""),
            ("mittente", {}, anna),
            *[("destinatari", {"tipo": kind}, address) for address, kind in self.recipients],
            ("risposte", {}, anna),
            ("oggetto", {}, self.SUBJECT),
            ("dati", {}, ""),
            ("gestore-emittente", {}, provider.name),
            ("data", {"zona": moment.get("zona")}, ""),
            ("giorno", {}, moment.findtext("giorno")),
            ("ora", {}, moment.findtext("ora")),
            ("identificativo", {}, self.pec_id),
            ("msgid", {}, self.MSGID),
        ]
        if message.kind in ("posta-certificata", "avvenuta-consegna"):
            # What was asked, also where the receipt is the concise one (3.3.2).
            expected.append(("ricevuta", {"tipo": "completa"}, ""))
        if message.kind == "avvenuta-consegna":
            expected.append(("consegna", {}, self.about(message)))
        if message.kind == "presa-in-carico":
            expected.append(("ricezione", {}, self.about(message)))
        self.assertEqual(certified_values(message), expected)

    @of_each
    def test_form_of_the_xml(self, message, _):
        """[4.4] UTF-8, said so; no DOCTYPE; line ends LF; four blanks for each level"""
        [part] = [p for p in message.parsed.walk() if p.get_filename() == "daticert.xml"]
        xml = part.get_payload(decode=True).decode("utf-8")
        self.assertTrue(xml.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<postacert '))
        self.assertNotIn("DOCTYPE", xml)
        self.assertNotIn("\r", xml)
        depth = 0
        for line in xml.splitlines()[1:]:
            depth -= line.lstrip().startswith("</")
            self.assertEqual(len(line) - len(line.lstrip()), 4 * depth, line)
            depth += not ("</" in line or "/>" in line)

    @of_each
    def test_one_time_in_header_and_data(self, message, _):
        """[4.1] Legal time of Italy. That the text agrees is checked with the text."""
        certified = self.certified_time(message)
        self.assertEqual(email.utils.parsedate_to_datetime(message.header("Date")), certified)
        self.assertEqual(certified.utcoffset(), certified.astimezone(ROME).utcoffset())
        self.assertTrue(self.begin <= certified.timestamp() <= self.end, certified)

    @staticmethod
    def certified_time(message: PecMessage) -> datetime:
        moment = certified(message).find("dati/data")
        text = f"{moment.findtext('giorno')} {moment.findtext('ora')} {moment.get('zona')}"
        return datetime.strptime(text, "%d/%m/%Y %H:%M:%S %z")

    def test_one_time_for_all_that_an_event_produces(self):
        """[4.1] and the events stand in their order"""
        times = {(message.kind, self.about(message)): self.certified_time(message)
                 for message in self.came.all()}
        accepted = times["accettazione", None]
        self.assertEqual(times["posta-certificata", None], accepted)
        for recipient in (bruno, dario):
            taken = times["presa-in-carico", recipient]
            self.assertLessEqual(accepted, taken)
            self.assertLessEqual(taken, times["avvenuta-consegna", recipient])

    @of_each
    def test_nothing_inside_is_seen_outside(self, message, _):
        """The addresses that carry receipts inside a provider are in no message, nor in a part."""
        decoded = b"".join(part.get_payload(decode=True) or b""
                           for part in message.parsed.walk())
        self.assertNotIn(b"pec.internal", (message.raw + decoded).lower())


if __name__ == "__main__":
    harness.main()
