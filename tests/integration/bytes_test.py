# SPDX-License-Identifier: GPL-2.0-or-later
"""The original, as it was submitted, is what the envelope and the complete delivery receipt embed:
byte for byte, apart from the lines that carry its identifiers (RFC 6109, 3.1.3 and 3.1.5).

What is submitted goes through smtplib as bytes, which adds dots to dot-lines, as DATA wants it, and
a CRLF to a last line that has none: the end of DATA is a line of its own (RFC 5321, 4.1.1.4).
"""

import base64
import re
import smtplib
import tempfile
from pathlib import Path

from support import harness
from support.pec_mail import PREFIXES, Arrivals, all_mailboxes, check_signature, letter
from support.pec_message import PecMessage, run
from support.people import anna, dario

LONG = b"x" * 5000
TEXT = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
PLAIN = b"\r\nhello\r\n"


def nested(depth: int) -> bytes:
    """A multipart in a multipart ..., each with something before its first and after its last
    boundary."""
    if depth == 0:
        return b"Content-Type: text/plain\r\n\r\nthe heart of it\r\n"
    boundary = b"b%d" % depth
    return (b'Content-Type: multipart/mixed; boundary="%b"\r\n\r\nbefore\r\n--%b\r\n%b'
            b"\r\n--%b\r\n\r\n\r\n--%b--\r\n  after  \r\n"
            % (boundary, boundary, nested(depth - 1), boundary, boundary))


# What follows From, To, Cc, Subject and Message-ID: more header lines, and the body.
ODD = {
    "8-bit text": TEXT + "perché no? \u20ac\r\n".encode(),
    "8-bit text that says nothing of it": b"\r\n" + "perché no?\r\n".encode("latin-1"),
    "bytes that are no text": b"\r\n" + bytes(set(range(1, 256)) - {10, 13}) + b"\r\n",
    "lines of 5,000 characters": b"X-Long: " + LONG + b"\r\n\r\n" + LONG + b"\r\n" + LONG + b"\r\n",
    "dot lines": b"\r\n.\r\n..\r\n...\r\n.leading\r\ntrailing.\r\n.\r\n",
    "empty body": b"\r\n",
    "body of empty lines": b"\r\n\r\n\r\n\r\n",
    "folded headers": b"X-Fold: a\r\n\tb\r\n   c\r\n \r\n d\r\nX-Next:\r\n late\r\n" + PLAIN,
    "odd blanks in headers": b"X-A:no blank\r\nX-B:   three\r\nX-C:\r\nX-D: \r\nX-E: behind  \t\r\n"
                             b"X-F:\ttab\r\n" + PLAIN,
    "duplicate headers": b"X-Same: one\r\nX-Other: two\r\nX-Same: one\r\nx-same: three\r\n"
                         b"Received: from b.example by c.example; Mon, 1 Jan 2024 10:00:00 +0100\r\n"
                         b"Received: from a.example\r\n\tby b.example; Mon, 1 Jan 2024 09:00:00 +0100\r\n"
                         + PLAIN,
    "headers that mail systems take away": b"Return-Path: <r@x.example>\r\nContent-Length: 4\r\n"
                                           b"Status: RO\r\nBcc:\r\n" + PLAIN,
    "headers of certified mail": b"X-Trasporto: posta-certificata\r\nX-Ricevuta: accettazione\r\n"
                                 b"X-VerificaSicurezza: errore\r\nX-TipoRicevuta: boh\r\n" + PLAIN,
    "trailing blanks": b"\r\nblanks  \r\ntab\t\r\n \r\n\r\n\r\n",
    "From lines": b"\r\nFrom somebody\r\n>From somebody\r\n",
    "deep multiparts": b"MIME-Version: 1.0\r\n" + nested(40),
    "parts without end": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\n--b\r\n\xff\r\n',
    "boundaries that look like ours": b'Content-Type: multipart/mixed; boundary="pec-mixed-1"\r\n\r\n'
                                      b"--pec-mixed-1\r\n\r\n--pec-signed-1\r\n--pec-mixed-1--\r\n",
    "a line end that two chunks share": b"\r\n" + (b"y" * 65534 + b"\r\n") * 3,
}

MSGID = b"<odd@client.example>"
# A field with its folds, if its name is one of those that may differ.
IDENTIFIERS = re.compile(rb"(?im)^(?:message-id|x-riferimento-message-id)[ \t]*:(?:[^\r\n]|\r\n[ \t])*\r\n")


def setUpModule():
    global box, mailboxes
    box = harness.sandbox()
    for provider in (box.alfa, box.beta):
        # Multiparts deeper than the scanner looks, and lines longer than a mail server must take: here
        # it is their bytes that matter.
        box.reconfigure(provider, antivirus={"scan_error": "pass"}, limits={"line_length": 100_000})
    mailboxes = all_mailboxes(box)


def original(subject: str, rest: bytes) -> bytes:
    """From anna to dario; `rest` are more header lines, a blank line, and the body."""
    return letter(anna, to=[dario], subject=subject, message_id=MSGID.decode(), body=rest)


def without_identifiers(message: bytes) -> bytes:
    header, blank_line, body = message.partition(b"\r\n\r\n")
    return IDENTIFIERS.sub(b"", header + b"\r\n") + blank_line + body


def certify(messages: dict[str, bytes]) -> Arrivals:
    """Submits messages, by subject; returns all that came of them."""
    for message in messages.values():
        box.alfa.submit(anna, [dario], message)
    return mailboxes.new()


class ExactBytes(harness.Case):
    def evidence(self, came: Arrivals, subject: str) -> tuple[PecMessage, PecMessage]:
        """Envelope and delivery receipt of the message with this subject, their signatures
        checked."""
        came = came.about(subject)
        [envelope] = came.of_kind("posta-certificata", at=dario)
        receipt = came.delivery_receipt(at=anna, about=dario)
        for each in (envelope, receipt):
            check_signature(each, box.ca_file)
        return envelope, receipt

    def assert_embedded(self, came: Arrivals, subject: str, message: bytes) -> None:
        """That envelope and receipt embed the message, its identifiers replaced."""
        envelope, receipt = self.evidence(came, subject)
        embedded = envelope.postacert()
        self.assertTrue(receipt.postacert() == embedded, "the receipt embeds something else")
        identifiers = [b"Message-ID: %b\r\n" % envelope.message_id.encode()]
        if MSGID in message:
            identifiers.append(b"X-Riferimento-Message-ID: %b\r\n" % MSGID)
        header = embedded.partition(b"\r\n\r\n")[0] + b"\r\n"
        self.assertEqual(IDENTIFIERS.findall(header), identifiers)
        if len(message) < 100_000:  # assertEqual prints what differs
            self.assertEqual(without_identifiers(embedded), without_identifiers(message))
        self.assertTrue(without_identifiers(embedded) == without_identifiers(message))

    def test_whatever_a_client_writes(self):
        messages = {name: original(name, rest) for name, rest in ODD.items()}
        came = certify(messages)
        for name, message in messages.items():
            with self.subTest(name):
                self.assert_embedded(came, name, message)

    def test_identifiers_in_odd_places(self):
        """[3.1.3] The old id is kept in one unfolded line, wherever it was."""
        def head(subject):
            return letter(anna, to=[dario], subject=subject, body=b"")

        messages = {
            "first": b"Message-ID: " + MSGID + b"\r\n" + head("first") + PLAIN,
            "last": head("last") + b"Message-ID: " + MSGID + b"\r\n" + PLAIN,
            "folded": b"Message-ID:\r\n\t" + MSGID + b"\r\n" + head("folded") + PLAIN,
            "in other letters": b"message-id:" + MSGID + b"\r\n" + head("in other letters") + PLAIN,
            "none": head("none") + PLAIN,
            "with comments": b"Message-ID: (made\r\n by x) " + MSGID + b" (sent by (y))\r\n"
                             + head("with comments") + PLAIN,
        }
        came = certify(messages)
        for name, message in messages.items():
            with self.subTest(name):
                self.assert_embedded(came, name, message)

    def test_what_stands_before_the_original(self):
        """[2] Ours first, then all that the client wrote: a reference of its own, too. What has no Date
        gets one, as if the client had written it."""
        rest = letter(anna, to=[dario], subject="own", date=None,
                      fields=b"X-Riferimento-Message-ID: <other@client.example>\r\n", body=PLAIN)
        came = certify({"own": b"Message-ID: " + MSGID + b"\r\n" + rest})
        envelope, receipt = self.evidence(came, "own")
        self.assertEqual(envelope.postacert(),
                         b"Message-ID: %b\r\nX-Riferimento-Message-ID: %b\r\nDate: %b\r\n" % (
                             envelope.message_id.encode(), MSGID, envelope.header("Date").encode()) + rest)
        self.assertEqual(receipt.postacert(), envelope.postacert())
        for each in (envelope, receipt):
            self.assertEqual(each.header("X-Riferimento-Message-ID"), MSGID.decode())
            self.assertEqual(each.certification().findtext("dati/msgid"), MSGID.decode())

    def test_what_postfix_mends_before_anybody_sees_it(self):
        """postfix-conf/README.md lists these. They are no messages by RFC 5322, or write the same
        in an obsolete way; what is certified is what Postfix made of them."""
        mended = {name: (original(name, before), original(name, after)) for name, before, after in (
            ("no blank line", b"X-A: 1\r\n", b"X-A: 1\r\n\r\n"),
            ("blank before the colon", b"X-A : 1\r\n" + PLAIN, b"X-A: 1\r\n" + PLAIN),
            ("line without colon", b"no header\r\n\r\nhello\r\n",
             b"\r\nno header\r\n\r\nhello\r\n"),
            ("CR alone", b"X-A: a\rb\r\n\r\na\rb\r\n", b"X-A: a b\r\n\r\na b\r\n"),
            ("no final newline", b"\r\nhello", PLAIN),
        )}
        rest = original("From line", PLAIN)
        mended["From line"] = (b"From anna\r\n" + rest, b"X-Mailbox-Line: From anna\r\n" + rest)
        came = certify({name: before for name, (before, _) in mended.items()})
        for name, (_, after) in mended.items():
            with self.subTest(name):
                self.assert_embedded(came, name, after)

    def test_what_postfix_would_cut_is_refused(self):
        """Never certified as something that it was not."""
        for name, rest in (("header", b"X-A: a\0b\r\n" + PLAIN), ("body", b"\r\na\0b\r\n")):
            with self.subTest("NUL", place=name):
                with self.assertRaises(smtplib.SMTPDataError) as refused:
                    certify({name: original(name, rest)})
                self.assertEqual(refused.exception.smtp_code, 550)
        self.assertEqual(mailboxes.new().kinds(), {})
        for name, rest in (("one line", b"X-A: " + 70_000 * b"x" + b"\r\n" + PLAIN),
                           ("folded", b"X-A:" + 1000 * (b"\r\n " + 70 * b"x") + b"\r\n" + PLAIN)):
            with self.subTest("70,000 bytes", form=name):
                self.assertEqual(certify({name: original(name, rest)}).kinds(),
                                 {anna: ["non-accettazione"]})

    def test_the_longest_subject(self):
        """What is accepted has all its receipts and notices, with all of its subject; what no field of
        theirs could hold is refused."""
        def words(letters: str) -> str:
            return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(letters[at:at + 10].encode()).decode()}?="
                                for at in range(0, len(letters), 10))

        nobody = f"nessuno@{box.beta.domain}"
        for letters in (24_000 * "x", 8_000 * "\u5b57", 6_000 * "\U0001f600"):
            subject = letters if letters.isascii() else words(letters)
            with self.subTest(letters[0]):
                box.alfa.submit(anna, [dario, nobody], letter(anna, to=[dario, nobody], subject=subject))
                came = mailboxes.new()
                self.assertEqual(came.kinds(), {
                    anna: ["accettazione", "avvenuta-consegna", "errore-consegna"],
                    dario: ["posta-certificata"], box.alfa.service_mailbox: ["presa-in-carico"]})
                for each in came.all():
                    check_signature(each, box.ca_file)
                    self.assertEqual(each.certification().findtext("intestazione/oggetto"), letters)
                    self.assertEqual(each.header("Subject"), PREFIXES[each.kind] + letters)
            with self.subTest(letters[0], more="one"):
                longer = letters + letters[0]
                subject = longer if letters.isascii() else words(longer)
                box.alfa.submit(anna, [dario], letter(anna, to=[dario], subject=subject))
                came = mailboxes.new()
                self.assertEqual(came.kinds(), {anna: ["non-accettazione"]})
                self.assertTrue(came.by_address[anna][0].certification().findtext(
                    "dati/errore-esteso").endswith("campi di intestazione troppo lunghi: Subject"))

    def test_what_could_not_be_certified_to_its_end_is_refused(self):
        """The same limits here as where the wrapped message is read, and room between them. What is
        just within them has all its evidence, brief receipts too."""
        def attached(count: int) -> bytes:
            fields = b"".join(b"X-%d: %b\r\n" % (i, 900 * b"x") for i in range(9))
            return count * (b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + fields + b"\r\nhello\r\n")

        def levels(count: int) -> bytes:
            return count * b"Content-Type: message/rfc822\r\n\r\n" + b"\r\nhello\r\n"

        multipart = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        part = b"--b\r\nContent-Type: text/plain; name=x\r\n\r\nx\r\n"
        long_field = b"X-Long: " + 40_000 * b"x" + b"\r\n"
        for name, good, bad, words in (
                ("parts", multipart + 8_999 * part, multipart + 10_050 * part, "9000"),
                ("headers of parts", multipart + attached(215), multipart + attached(300), "1800000"),
                ("levels", levels(80), levels(90), "80 livelli"),
                ("header", 12 * long_field + PLAIN, 13 * long_field + PLAIN, "500000 byte")):
            with self.subTest(name):
                brief = b"X-TipoRicevuta: breve\r\n"
                came = certify({name: original(name, brief + bad)})
                self.assertEqual(came.kinds(), {anna: ["non-accettazione"]})
                [notice] = came.by_address[anna]
                self.assertIn(words, notice.certification().findtext("dati/errore-esteso"))
                came = certify({name: original(name, brief + good)})
                self.assertEqual(came.kinds(), {
                    anna: ["accettazione", "avvenuta-consegna"], dario: ["posta-certificata"],
                    box.alfa.service_mailbox: ["presa-in-carico"]})
                for each in came.all():
                    check_signature(each, box.ca_file)
                if name == "parts":
                    [receipt] = came.of_kind("avvenuta-consegna", at=anna)
                    self.assertEqual(receipt.postacert().count(b"filename=x.hash\r\n\r\n"), 8_999)

    def test_a_signed_original_still_verifies(self):
        """What the user's own client signed holds after it is taken out of envelope and receipt."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                 "-noenc", "-subj", "/CN=Anna", "-addext", "subjectAltName=email:" + anna,
                 "-keyout", folder / "key", "-out", folder / "certificate"])
            text = (TEXT + "perché \r\n.\r\n  \r\n".encode() + LONG + b"\r\n")
            (folder / "text").write_bytes(text)
            run(["openssl", "cms", "-sign", "-binary", "-in", folder / "text", "-crlfeol", "-signer",
                 folder / "certificate", "-inkey", folder / "key", "-out", folder / "signed"])
            # -crlfeol leaves the signature's own lines out.
            signed = re.sub(rb"\r?\n", b"\r\n", (folder / "signed").read_bytes())
            came = certify({"signed": original("signed", signed)})
            for certified in self.evidence(came, "signed"):
                (folder / "embedded").write_bytes(certified.postacert())
                run(["openssl", "cms", "-verify", "-in", folder / "embedded", "-CAfile",
                     folder / "certificate", "-purpose", "any", "-out", folder / "out"])
                self.assertEqual((folder / "out").read_bytes(), text)

    def test_an_envelope_inside_a_message(self):
        """A user forwards certified mail: the inner daticert.xml and postacert.eml are not ours,
        and the trace lines of the inner message stay."""
        came = certify({"inner": original("inner", PLAIN)})
        [inner] = came.of_kind("posta-certificata", at=dario)
        self.assertIn(b"\r\nReceived: ", inner.raw)
        outer = original("outer", b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="fwd"'
                         b"\r\n\r\n--fwd\r\nContent-Type: message/rfc822\r\n\r\n" + inner.raw
                         + b"\r\n--fwd--\r\n")
        self.assert_embedded(certify({"outer": outer}), "outer", outer)

    def test_thirty_megabytes(self):
        line = 10 * bytes(range(32, 127)) + b"\r\n"
        message = original("30 MB", b'Content-Type: application/octet-stream; name="x"\r\n\r\n'
                           + line * (30 * 1024 * 1024 // len(line)))
        self.assert_embedded(certify({"30 MB": message}), "30 MB", message)


if __name__ == "__main__":
    harness.main()
