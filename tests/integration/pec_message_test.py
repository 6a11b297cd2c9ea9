# SPDX-License-Identifier: GPL-2.0-or-later
"""support/pec_message.py, the judge of most tests here: it reads what is there, byte for byte, and what is wrong
is a failure. Runs as anybody."""

import base64
import subprocess
import unittest

from support.folders import temporary_folder
from support.pec_message import PecMessage, split_parts
from support.pki import Pki

ADDRESS = "posta-certificata@pec.alfa.example"
DATA = b"""<?xml version="1.0" encoding="UTF-8"?>
<postacert tipo="posta-certificata" errore="nessuno"><intestazione><mittente>anna@pec.alfa.example</mittente>
<destinatari tipo="certificato">dario@pec.beta.example</destinatari>
<risposte>anna@pec.alfa.example</risposte><oggetto>Prova</oggetto></intestazione>
<dati><gestore-emittente>PEC Alfa</gestore-emittente>
<data zona="+0100"><giorno>22/11/2026</giorno><ora>05:11:22</ora></data>
<identificativo>1@pec.alfa.example</identificativo></dati></postacert>
"""
ORIGINAL = b"Subject: Prova\r\nX-Odd:  \t \r\n\r\n--in\r\n no boundary \r\n\r\n"
TEXT = (b'Content-Type: multipart/alternative; boundary="alt"\r\n\r\n--alt\r\nContent-Type: text/plain; charset=utf-8'
        b"\r\n\r\nCosi` sia.\r\n--alt\r\nContent-Type: text/html\r\n\r\n<p>no</p>\r\n--alt--\r\n")


def setUpModule():
    global pki, stranger
    folder = temporary_folder(unittest.addModuleCleanup)
    pki, stranger = Pki(folder / "pki"), Pki(folder / "stranger")
    pki.begin_signing("alfa", "PEC Alfa", ADDRESS)
    pki.finish()


def mixed(data: bytes = DATA) -> bytes:
    certification = (b'Content-Type: application/xml; name="daticert.xml"\r\nContent-Transfer-Encoding: base64\r\n'
                     b'Content-Disposition: inline; filename="daticert.xml"\r\n\r\n'
                     + base64.encodebytes(data).replace(b"\n", b"\r\n"))
    original = b'Content-Type: message/rfc822; name="postacert.eml"\r\n\r\n' + ORIGINAL
    return (b'Content-Type: multipart/mixed; boundary="mixed"\r\n\r\n'
            + b"".join(b"--mixed\r\n" + part + b"\r\n" for part in (TEXT, certification, original))
            + b"--mixed--\r\n")


def message(part: bytes = b"", header: bytes = b"X-Trasporto: posta-certificata\r\n") -> bytes:
    part = part or mixed()
    der = subprocess.run(
        ["openssl", "cms", "-sign", "-binary", "-outform", "DER", "-signer", pki.certificate("alfa"), "-inkey",
         pki.key("alfa")], input=part, check=True, capture_output=True).stdout
    return (b"Message-ID: <1@pec.alfa.example>\r\nMIME-Version: 1.0\r\n" + header
            + b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256;\r\n'
              b' boundary="outer"\r\n\r\n--outer\r\n' + part
            + b'\r\n--outer\r\nContent-Type: application/pkcs7-signature; name="smime.p7s"\r\n'
              b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(der).replace(b"\n", b"\r\n")
            + b"--outer--\r\n")


class Header(unittest.TestCase):
    def test_the_kind(self):
        for header, kind in ((b"X-Trasporto: errore\r\n", "errore"), (b"X-Ricevuta: accettazione\r\n", "accettazione"),
                             (b"", "ordinaria")):
            self.assertEqual(PecMessage(header + b"\r\n").kind, kind)

    def test_both_kinds(self):
        with self.assertRaises(AssertionError):
            PecMessage(b"X-Trasporto: errore\r\nX-Ricevuta: accettazione\r\n\r\n").kind

    def test_a_field(self):
        self.assertEqual(PecMessage(b"Message-ID: <1@a>\r\n\r\n").message_id, "<1@a>")
        self.assertIsNone(PecMessage(b"Subject: x\r\n\r\nMessage-ID: <1@a>\r\n").message_id)

    def test_a_field_that_is_there_twice(self):
        with self.assertRaises(AssertionError):
            PecMessage(b"Subject: a\r\nsubject: a\r\n\r\n").header("Subject")


class Parts(unittest.TestCase):
    def test_the_original_as_it_is(self):
        self.assertEqual(PecMessage(message()).postacert(), ORIGINAL)

    def test_no_original(self):
        with self.assertRaisesRegex(AssertionError, "no postacert.eml"):
            PecMessage(message(mixed().replace(b"postacert.eml", b"other.eml"))).postacert()

    def test_the_text(self):
        self.assertEqual(PecMessage(message()).text(), "Cosi` sia.")

    def test_exact_parts(self):
        entity = (b"content-type: multipart/mixed;\r\n boundary=b\r\n\r\n"
                  b"pre\r\n--b  \r\none\r\n\r\n--b\r\n\r\n--b--\r\nafter")
        self.assertEqual(split_parts(entity), [b"one\r\n", b""])

    def test_a_multipart_that_is_not_closed(self):
        with self.assertRaisesRegex(AssertionError, "isn't closed"):
            split_parts(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\none\r\n")


class CertificationData(unittest.TestCase):
    def test_as_it_stands(self):
        self.assertEqual(PecMessage(message()).data(), DATA)
        self.assertEqual(PecMessage(message()).certification().findtext("dati/identificativo"), "1@pec.alfa.example")

    def test_what_the_dtd_forbids(self):
        for old, new in ((b"<oggetto>", b"<soggetto>"), (b'tipo="certificato"', b'tipo="altro"'),
                         (b"<giorno>22/11/2026</giorno>", b""), (b"</postacert>", b"")):
            with self.subTest(new), self.assertRaisesRegex(AssertionError, "xmllint"):
                PecMessage(message(mixed(DATA.replace(old, new)))).certification()


class Signature(unittest.TestCase):
    def test_whose(self):
        self.assertEqual(PecMessage(message()).verify(pki.ca_file), ADDRESS)

    def test_one_other_octet(self):
        with self.assertRaisesRegex(AssertionError, "openssl cms"):
            PecMessage(message().replace(b"Cosi`", b"cosi`")).verify(pki.ca_file)

    def test_another_authority(self):
        with self.assertRaisesRegex(AssertionError, "openssl cms"):
            PecMessage(message()).verify(stranger.ca_file)


if __name__ == "__main__":
    unittest.main(verbosity=2)
