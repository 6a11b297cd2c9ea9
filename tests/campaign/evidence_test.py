# SPDX-License-Identifier: GPL-2.0-or-later
"""What evidence.py makes of a message: its facts, and a flaw if nobody should believe it. The messages
are made here, and signed with openssl."""

import base64
import subprocess
import tempfile
import unittest
from pathlib import Path

from evidence import examine
from facts import fingerprint
from support.folders import temporary_folder
from support.pki import Pki

ORIGINAL = b"Message-ID: <9@a>\r\nTo: dario@beta.example\r\n\r\nhello\r\n"
DATA = b"""<postacert tipo="errore-consegna" errore="no-dest"><intestazione>
<mittente>anna@alfa.example</mittente>
<destinatari tipo="certificato">Dario@beta.example</destinatari>
<destinatari tipo="esterno">gianni@o.example</destinatari></intestazione>
<dati><identificativo>9@a</identificativo><msgid>&lt;1@client&gt;</msgid><ricevuta tipo="breve"/>
<consegna>Dario@beta.example</consegna><ricezione>X@beta.example</ricezione>
<errore-esteso>5.1.1 - PEC Beta</errore-esteso></dati></postacert>"""


def setUpModule():
    global folder, pki, other
    folder = temporary_folder(unittest.addModuleCleanup)
    pki, other = Pki(folder / "pki"), Pki(folder / "other")
    pki.begin_signing("alfa", "PEC Alfa", "posta-certificata@alfa.example")
    pki.finish()


def entity(headers: bytes, *parts: bytes) -> bytes:
    return (headers + b'; boundary="' + headers[-4:] + b'"\r\n\r\n' + b"".join(
        b"--" + headers[-4:] + b"\r\n" + part + b"\r\n" for part in parts)
        + b"--" + headers[-4:] + b"--\r\n")


def message(*parts: bytes, kind: bytes = b"X-Ricevuta: errore-consegna\r\n") -> bytes:
    signed = entity(b"Content-Type: multipart/mixed", *parts)[:-2]
    file = folder / "content"
    file.write_bytes(signed)
    der = subprocess.run(
        ["openssl", "cms", "-sign", "-binary", "-outform", "DER", "-in", file, "-signer",
         pki.certificate("alfa"), "-inkey", pki.key("alfa")], check=True, capture_output=True).stdout
    signature = (b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\n\r\n'
                 + base64.encodebytes(der).replace(b"\n", b"\r\n"))
    return b"Message-ID: <f@beta.example>\r\n" + kind + entity(
        b'Content-Type: multipart/signed; protocol="x"; micalg=sha-256', signed, signature)


def certification(data: bytes = DATA) -> bytes:
    return (b'Content-Type: application/xml; name="daticert.xml"\r\n\r\n'
            + base64.encodebytes(data).replace(b"\n", b"\r\n"))


EMBEDDED = b'Content-Type: message/rfc822; name="postacert.eml"\r\n\r\n' + ORIGINAL


class Evidence(unittest.TestCase):
    def examine(self, raw: bytes, ca_file: Path | None = None):
        with tempfile.TemporaryDirectory() as folder:
            return examine("anna@alfa.example", raw, ca_file or pki.ca_file, Path(folder))

    def test_facts(self):
        found = self.examine(message(certification(), EMBEDDED))
        self.assertEqual(found.flaw, "")
        self.assertEqual((found.kind, found.message_id, found.reference, found.pec_id),
                         ("errore-consegna", "<f@beta.example>", "<1@client>", "9@a"))
        self.assertEqual((found.about, found.covers, found.code, found.asked),
                         ("dario@beta.example", ("x@beta.example",), "5.1.1", "breve"))
        self.assertEqual(found.recipients,
                         (("dario@beta.example", True), ("gianni@o.example", False)))
        self.assertEqual(found.original, fingerprint(ORIGINAL))

    def test_nothing_embedded(self):
        self.assertEqual(self.examine(message(certification())).original, "")

    def test_an_anomaly_envelope(self):
        found = self.examine(message(EMBEDDED, kind=b"X-Trasporto: errore\r\n"))
        self.assertEqual((found.kind, found.reference, found.original, found.flaw),
                         ("errore", "<f@beta.example>", fingerprint(ORIGINAL), ""))

    def test_ordinary_mail(self):
        found = self.examine(b"Message-ID: <1@x>\r\n\r\nhello\r\n")
        self.assertEqual((found.kind, found.message_id, found.flaw), ("ordinaria", "<1@x>", ""))

    def test_what_is_not_to_be_believed(self):
        good = message(certification(), EMBEDDED)
        cut_off = good[: good.index(b"application/pkcs7")]
        for name, raw, flaw in (
                ("another byte", good.replace(b"hello", b"hallo"), "signature"),
                ("not closed", cut_off, "isn't closed"),
                ("not signed", b"X-Ricevuta: accettazione\r\n\r\nhello\r\n", "TypeError"),
                ("no XML", message(certification(b"<postacert")), "ParseError")):
            with self.subTest(name):
                self.assertIn(flaw, self.examine(raw).flaw)
        self.assertIn("signature", self.examine(good, other.ca_file).flaw)


if __name__ == "__main__":
    unittest.main(verbosity=2)
