# SPDX-License-Identifier: GPL-2.0-or-later
"""What is verified is what is read: the frame around a signed message, made again in every way that might
have some reader see other parts than the signed ones. What comes through as certified, Python's email,
GMime and Dovecot read into the very bytes that were signed; all else is ordinary mail.
"""

import email.policy
import random
import re
import tempfile
import unittest
from pathlib import Path

from support import harness
from support.foreign_provider import ADDRESS, SENDER, ForeignProvider, signature_part
from support.frame_readers import DovecotReader, accepted, python_parts
from support.paths import BUILD_DIR, ROOT
from support.pec_mail import ORDINARY, all_mailboxes, letter, plain_text
from support.pec_message import split_parts
from support.people import anna, dario

CORPUS = ROOT.parent / "shared" / "corpus" / "signed"
FUZZ_FRAME = BUILD_DIR / "tests" / "fuzz" / "fuzz_frame"
UNCLEAR = "la struttura del messaggio si presta a letture diverse"
SAMPLES, INPUTS = 1000, 9000  # about one in seven is accepted


def setUpModule():
    global box, mailboxes, gamma, dovecot
    box = harness.sandbox()
    gamma = ForeignProvider(box)
    mailboxes = all_mailboxes(box)
    dovecot = unittest.enterModuleContext(DovecotReader())


# ---- frames --------------------------------------------------------------------------------------

PROTOCOL = b'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; '
FALSE_PARTS = (b"--SIGNED\r\nContent-Type: text/plain\r\n\r\nfalso\r\n"
               b"--SIGNED\r\nContent-Type: text/plain\r\n\r\nfalso\r\n--SIGNED--\r\n")
SHOWN = b"This is an S/MIME signed message\r\n\r\n"


def frame(head: bytes, content: bytes, signature: bytes, *, fields: bytes = b"MIME-Version: 1.0\r\n",
          kind: bytes = PROTOCOL + b'boundary="SIG"', boundary: bytes = b"SIG", preamble: bytes = SHOWN,
          first: bytes = b"\r\n", between: bytes = b"\r\n", second=lambda part: part,
          more: bytes = b"", close: bytes = b"--\r\n", epilogue: bytes = b"\r\n") -> bytes:
    """Around what gamma has signed."""
    mark = b"--" + boundary
    return (head + fields + b"Content-Type: " + kind + b"\r\n\r\n" + preamble + mark + first + content
            + b"\r\n" + mark + between + second(signature_part(signature)) + b"\r\n" + more + mark
            + close + epilogue)


def bounded(parameters: bytes, **frame_of) -> dict:
    return {"kind": PROTOCOL + parameters, **frame_of}


def lines_of_blanks(part: bytes) -> bytes:
    return part + b"\r\n" * 140_000


EVERY_CHARACTER = b"0'()+_,-./:?=" + b"x" * 57
GOOD = {
    "as it is": {},
    "as openssl writes it": bounded(b'boundary="----0E32ED7BC110EE1F6074D6F7771A6303"',
                                    boundary=b"----0E32ED7BC110EE1F6074D6F7771A6303"),
    "not quoted, folded": bounded(b"\r\n\tx=y;\r\n boundary=SIG;"),
    "seventy of all characters": bounded(b'boundary="' + EVERY_CHARACTER + b'"',
                                         boundary=EVERY_CHARACTER),
    "other case": {"kind": b'Multipart/SIGNED; PROTOCOL="application/X-pkcs7-signature"; Boundary="SIG"',
                   "fields": b"Mime-version: 1.0\r\nContent-Transfer-Encoding: 8BIT\r\n"},
    "no preamble, no epilogue": {"preamble": b"", "epilogue": b""},
    "dashes within lines": {"preamble": b"a --SIG\r\n --SIG\r\n", "epilogue": b"\r\n\r\n\r\n"},
    "a fold of blanks": {"fields": b"MIME-Version: 1.0\r\nX-A: a\r\n \r\n b\r\n"},
    "a blank before a colon, which Postfix takes away": {
        "fields": b"MIME-Version: 1.0\r\nX-A : a\r\n"},
}
WRONG = {
    "others' parts in the preamble": {"preamble": FALSE_PARTS},
    "a boundary that only begins alike": bounded(b'boundary="SIGNED"', preamble=FALSE_PARTS),
    "RFC 2231 beside a plain one": bounded(b"boundary*=us-ascii''SIGNED; boundary=\"SIG\"",
                                           preamble=FALSE_PARTS),
    "RFC 2231 behind a plain one": bounded(b"boundary=\"SIG\"; boundary*=us-ascii''SIGNED",
                                           preamble=FALSE_PARTS),
    "in pieces beside a plain one": bounded(b"boundary*0=SIG; boundary*1=NED; boundary=\"SIG\"",
                                            preamble=FALSE_PARTS),
    "one piece beside a plain one": bounded(b"boundary*0=SIGNED; boundary=\"SIG\"",
                                            preamble=FALSE_PARTS),
    "RFC 2231 alone": bounded(b"boundary*=us-ascii''SIG"),
    "repeated, the first is false": bounded(b'boundary="SIGNED"; boundary="SIG"', preamble=FALSE_PARTS),
    "repeated, the last is false": bounded(b'boundary="SIG"; boundary="SIGNED"', preamble=FALSE_PARTS),
    "a quoted pair": bounded(b'boundary="S\\IG"'),
    "very long": bounded(b'boundary="' + b"b" * 120 + b'"', boundary=b"b" * 120),
    "ends in a blank": bounded(b'boundary="SIG "'),
    # More of the kind.
    "71 characters": bounded(b'boundary="' + b"b" * 71 + b'"', boundary=b"b" * 71),
    "a tab in it": bounded(b'boundary="S\tG"', boundary=b"S\tG"),
    "ends in dashes": bounded(b'boundary="SIG--"', boundary=b"SIG--"),
    "a character that is none of RFC 2046's": bounded(b'boundary="S*G"', boundary=b"S*G"),
    "an encoded word": bounded(b'boundary="=?us-ascii?q?SIG?="', boundary=b"=?us-ascii?q?SIG?="),
    "a comment before it": bounded(b"(boundary=SIGNED) boundary=SIG"),
    "a comment behind it": bounded(b"boundary=SIG (NED)"),
    "blanks around the sign": bounded(b'boundary = "SIG"'),
    "folded within": bounded(b'boundary="SI\r\n G"', boundary=b"SI G"),
    "never quoted to the end": bounded(b'boundary="SIG'),
    "empty": bounded(b'boundary=""', boundary=b""),
    "none": bounded(b"x=y"),
    "a parameter without a value": bounded(b'x; boundary="SIG"'),
    "one within another": bounded(b'x="; boundary=SIGNED;"; boundary="SIG"', preamble=FALSE_PARTS),
    "octets that are no ASCII": bounded(b'x=\xe8; boundary="SIG"'),
    "a fold of nothing": bounded(b'x=y;\r\n \r\n boundary="SIG"'),
    "the boundary of the first part": bounded(b'boundary="mixed"', boundary=b"mixed"),
    "two Content-Type": {"fields": b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; '
                                   b'boundary="SIGNED"\r\n', "preamble": FALSE_PARTS},
    "encoded": {"fields": b"MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n"},
    "two encodings": {"fields": b"MIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n"
                                b"Content-Transfer-Encoding: 7bit\r\n"},
    "no MIME-Version": {"fields": b""},
    "two MIME-Version": {"fields": b"MIME-Version: 1.0\r\nMIME-Version: 1.0\r\n"},
    "a line of dashes in the preamble": {"preamble": b"x\r\n--\r\n"},
    "another boundary in the preamble": {"preamble": b"--OTHER\r\n\r\nx\r\n--OTHER--\r\n"},
    "text behind the end": {"epilogue": b"\r\nfalso\r\n"},
    "parts behind the end": {"epilogue": FALSE_PARTS},
    "blanks behind the end": {"epilogue": b" \r\n"},
    "blanks behind the first delimiter": {"first": b" \r\n"},
    "blanks behind the second delimiter": {"between": b"\t\r\n"},
    "blanks behind the last delimiter": {"close": b"-- \r\n"},
    "a closing delimiter first": {"first": b"--\r\n"},
    "never closed": {"close": b"\r\n"},
    "a third part": {"more": b"--SIG\r\n\r\nfalso\r\n"},
    "one part": {"between": b"--\r\n"},
    "a second part of another type": {"second": lambda part: part.replace(b"application/pkcs7-signature",
                                                                          b"text/plain")},
    "a second part without a header": {"second": lambda part: b"\r\n" + part.partition(b"\r\n\r\n")[2]},
    "a signature that is not encoded": {"second": lambda part: part.replace(b"base64", b"8bit")},
    "a signature of two encodings": {"second": lambda part: b"Content-Transfer-Encoding: 8bit\r\n" + part},
    "more than base64 in it": {"second": lambda part: part + b"*"},
    "too large a signature": {"second": lines_of_blanks},
}


class Messages(harness.Case):
    def assert_read_alike(self, raw: bytes, signed: bytes) -> None:
        """`raw` as it was stored; Python's two ways to read a header, and Dovecot."""
        for policy in (email.policy.compat32, email.policy.SMTP):
            parts = python_parts(raw, policy)
            self.assertEqual(len(parts), 2)
            self.assertEqual(parts[0], signed)
        seen = dovecot.sections(raw)
        self.assertEqual(seen["1.MIME"] + seen["1"], signed)
        self.assertTrue(seen["2.MIME"])
        self.assertFalse(seen.get("3.MIME"))
        self.seen = seen

    def assert_inner_parts(self, signed: bytes) -> None:
        """The first two parts of what was signed are what Dovecot shows as such."""
        for number, part in enumerate(split_parts(signed)[:2], 1):
            self.assertEqual(self.seen[f"1.{number}.MIME"] + self.seen[f"1.{number}"], part)


class Frames(Messages):
    """Each around an envelope and around a receipt that gamma has signed."""

    def envelope(self, name: str) -> tuple[bytes, bytes, bytes]:
        whole = gamma.envelope([dario])
        return self.pieces(whole)

    def receipt(self, name: str) -> tuple[bytes, bytes, bytes]:
        """Of a message of Anna's: a new one where the receipt is to be believed."""
        if name in GOOD or not getattr(self, "pec_id", None):
            box.alfa.submit(anna, [SENDER], letter(anna, to=[SENDER], subject="Prova"))
            [envelope] = mailboxes.new(ordinary=1).by_address[ORDINARY]
            self.pec_id = envelope.message_id.strip("<>")
        return self.pieces(gamma.receipt("avvenuta-consegna", self.pec_id, [SENDER], sender=anna,
                                         receipt="completa", facts=f"<consegna>{SENDER}</consegna>"))

    @staticmethod
    def pieces(whole: bytes) -> tuple[bytes, bytes, bytes]:
        """Header fields of its own, what was signed, and the signature."""
        [content, _] = split_parts(whole)
        return whole.partition(b"MIME-Version")[0], content, gamma.sign(content)

    def arrivals(self, name: str, message: bytes, kind: str):
        """What comes of it: the one message at its recipient."""
        to, provider, sender = ((dario, box.beta, SENDER) if kind == "posta-certificata"
                                else (anna, box.alfa, ADDRESS))
        gamma.deliver(provider, [to], message, sender=sender)
        receipts = 2 if name in GOOD and kind == "posta-certificata" else 0
        [found] = mailboxes.new(ordinary=receipts).by_address[to]
        return found

    def check_good(self, make, kind: str) -> None:
        for name, changes in GOOD.items():
            with self.subTest(name):
                head, content, signature = make(name)
                message = frame(head, content, signature, **changes)
                found = self.arrivals(name, message, kind)
                self.assertEqual(found.kind, kind)
                self.assert_read_alike(found.raw, content)
                self.assert_inner_parts(content)
                with tempfile.TemporaryDirectory() as folder:
                    Path(folder, "message").write_bytes(found.raw)
                    self.assertEqual(accepted(FUZZ_FRAME, Path(folder)), {found.raw: content})

    def check_wrong(self, make, kind: str) -> None:
        for name, changes in WRONG.items():
            with self.subTest(name):
                message = frame(*make(name), **changes)
                found = self.arrivals(name, message, kind)
                self.assertEqual(found.kind, "errore")
                self.assertIn(UNCLEAR, " ".join(plain_text(found).split()))

    def test_envelopes_that_all_read_alike(self):
        self.check_good(self.envelope, "posta-certificata")

    def test_receipts_that_all_read_alike(self):
        self.check_good(self.receipt, "avvenuta-consegna")

    def test_envelopes_that_can_be_read_in_two_ways(self):
        self.check_wrong(self.envelope, "posta-certificata")

    def test_receipts_that_can_be_read_in_two_ways(self):
        self.check_wrong(self.receipt, "avvenuta-consegna")


class RealMessages(Messages):
    """Of real providers: none is refused, and all read them alike."""

    def test_each_is_accepted(self):
        if not CORPUS.is_dir():
            self.skipTest(f"no messages in {CORPUS}")
        files = sorted(CORPUS.glob("*.eml"))
        self.assertGreaterEqual(len(files), 6)
        with tempfile.TemporaryDirectory() as folder:
            for path in files:
                crlf = re.sub(rb"\r?\n", b"\r\n", path.read_bytes())
                Path(folder, path.name).write_bytes(crlf)
            frames = accepted(FUZZ_FRAME, Path(folder))
        self.assertEqual(len(frames), len(files))
        for raw, signed in frames.items():
            self.assertEqual(signed, split_parts(raw)[0])
            self.assert_read_alike(raw, signed)
            self.assert_inner_parts(signed)


class ManyFrames(Messages):
    """Frames made of choices (tests/fuzz/frame_fuzz.cpp): GMime reads them alike, or accepted() fails."""

    def test_python_and_dovecot_read_them_alike(self):
        choose = random.Random(2026)
        with tempfile.TemporaryDirectory() as folder:
            for number in range(INPUTS):
                Path(folder, str(number)).write_bytes(b"\1" + choose.randbytes(choose.randrange(20, 120)))
            frames = accepted(FUZZ_FRAME, Path(folder))
        self.assertEqual(len(frames), SAMPLES)
        for raw, signed in frames.items():
            self.assert_read_alike(raw, signed)


if __name__ == "__main__":
    harness.main()
