# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the delivery plugin stand on: a real Dovecot with Sieve, between an LMTP client and a
receipts smtpd that are played here.

    class Delivery(DovecotCase):
        def test_it_is_handed_off(self):
            self.assert_delivered(pec_message(self.message_id))
            self.check_hand_offs(self.bob)

    if __name__ == "__main__":
        main(__doc__)           # X_test.py --plugin PATH/lib99_pec_plugin.so [unittest's arguments]

Exit status 77: skipped, with the reason.
"""

import base64
import contextlib
import email.utils
import functools
import hashlib
import hmac
import pathlib
import re
import smtplib
import subprocess
import sys
import tempfile
import time
import unittest

from support.dovecot_instance import DovecotInstance, missing_reason
from support.smtp_sink import SmtpSink
from support.waiting import wait_until

SENDER = "anna@a.example"
PASSWORD = "parola-segreta"
PLUGIN = None  # from the command line, see main()


class Signers:
    """Keys of providers, made when they are first needed, and what openssl signs with them."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="pec-signers-")
        self._keys = {}

    def _key(self, address):
        if address not in self._keys:
            path = pathlib.Path(self._folder.name) / f"{len(self._keys)}.pem"
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                 "-nodes", "-days", "2", "-subj", "/O=PEC/CN=PEC", "-addext",
                 f"subjectAltName=email:{address}", "-keyout", path, "-out", f"{path}.crt"],
                check=True, capture_output=True)
            path.write_bytes(path.read_bytes() + pathlib.Path(f"{path}.crt").read_bytes())
            self._keys[address] = path
        return self._keys[address]

    @functools.cache
    def sign(self, part, address):
        """The detached signature, DER in base64: of the same part always the same."""
        der = subprocess.run(["openssl", "cms", "-sign", "-binary", "-outform", "DER", "-signer",
                              self._key(address)], input=part, check=True, capture_output=True).stdout
        return base64.encodebytes(der).replace(b"\n", b"\r\n")


SIGNERS = Signers()
ALFA = "posta-certificata@pec.alfa.example"
DATICERT = """<?xml version="1.0" encoding="UTF-8"?>
<postacert tipo="{kind}" errore="nessuno">
<intestazione><mittente>{sender}</mittente>
<destinatari tipo="certificato">bob@b.example</destinatari>
<risposte>{sender}</risposte><oggetto>{subject}</oggetto></intestazione>
<dati><gestore-emittente>PEC Alfa</gestore-emittente>
<data zona="+0100"><giorno>22/11/2026</giorno><ora>{time}</ora></data>
<identificativo>{about}</identificativo></dati>
</postacert>
"""


def signed(part, boundary=None, signer=ALFA):
    """MIME header and body of a multipart/signed, in the frame that OpenSSL writes."""
    boundary = boundary or "----" + hashlib.md5(part).hexdigest().upper()
    begin = (f"MIME-Version: 1.0\r\nContent-Type: multipart/signed; "
             f"protocol=\"application/x-pkcs7-signature\"; micalg=\"sha-256\"; "
             f"boundary=\"{boundary}\"\r\n\r\nThis is an S/MIME signed message\r\n\r\n"
             f"--{boundary}\r\n").encode()
    middle = (f"\r\n--{boundary}\r\nContent-Type: application/x-pkcs7-signature; name=\"smime.p7s\"\r\n"
              "Content-Transfer-Encoding: base64\r\n"
              "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n").encode()
    return begin + part + middle + SIGNERS.sign(part, signer) + f"\r\n--{boundary}--\r\n".encode()


def pec_message(message_id, header="X-Trasporto: posta-certificata", body=b"prova\r\n",
                subject="POSTA CERTIFICATA: prova", **frame):
    """Whatever `header` says: `body` is what is signed, together with the Message-ID, as an envelope's
    original bears it. Of ordinary mail nothing is signed."""
    rest = b"\r\n" + body
    if re.match("(?i)x-(trasporto|ricevuta):", header):
        rest = signed(b"Content-Type: text/plain\r\nX-Id: " + message_id.encode() + b"\r\n\r\n" +
                      body, **frame)
    return outer(message_id, header, subject) + rest


def outer(message_id, header, subject="POSTA CERTIFICATA: prova"):
    """The header without that of MIME. All of it is under no signature."""
    return (f"Received: by mx.b.example; {email.utils.formatdate(0)}\r\n"
            f"From: \"Per conto di: {SENDER}\" <posta-certificata@pec.alfa.example>\r\n"
            f"To: bob@b.example\r\nMessage-ID: <{message_id}>\r\n{header}\r\n"
            f"Subject: {subject}\r\n").encode()


def receipt(message_id, about, *, words="ricevuta", at="05:11:22", kind="accettazione", signer=ALFA,
            body=b"", subject="ACCETTAZIONE: prova", **frame):
    """A receipt or notice about the message `about`. `body`: more of what it says."""
    data = DATICERT.format(kind=kind, sender=SENDER, subject=words, time=at, about=about)
    part = (b"Content-Type: multipart/mixed; boundary=\"in\"\r\n\r\n--in\r\n"
            b"Content-Type: text/plain\r\n\r\n" + words.encode() + b"\r\n" + body +
            b"--in\r\nContent-Type: application/xml; name=\"daticert.xml\"\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" +
            base64.encodebytes(data.encode()).replace(b"\n", b"\r\n") + b"--in--\r\n")
    return outer(message_id, f"X-Ricevuta: {kind}", subject) + signed(part, signer=signer, **frame)


def anomaly(message_id, made="1", subject="prova"):
    """An anomaly envelope: the Message-ID is a stranger's, what is signed is our own, and new in each that
    is made."""
    return pec_message(message_id, "X-Trasporto: errore", f"{made}\r\n{subject}\r\n".encode(),
                       boundary=f"pec-signed-20261122.{made}")


def stored(message):
    """What LMTP makes of a message."""
    return f"Return-Path: <{SENDER}>\r\n".encode() + message


class DovecotCase(unittest.TestCase):
    """One Dovecot for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pec-dovecot-"))
            cls.receipts = stack.enter_context(SmtpSink())
            cls.sieve_mail = stack.enter_context(SmtpSink())
            cls.dovecot = DovecotInstance(folder, PLUGIN, cls.receipts.address,
                                          cls.sieve_mail.address)
            cls.configure()
            stack.callback(cls.dovecot.stop)
            cls.dovecot.add_user("nobody@b.example", PASSWORD)
            cls.dovecot.start()
            cls.addClassCleanup(stack.pop_all().close)

    @classmethod
    def configure(cls):
        """What is to be changed before Dovecot starts."""

    def setUp(self):
        # Each test has its own user and its own message, so that they can share one Dovecot.
        name = self._testMethodName.removeprefix("test_")
        self.bob, self.message_id = f"{name}@b.example", f"{name}.1@pec.alfa.example"
        self.add_user(self.bob)
        self.receipts.mails.clear()
        self.sieve_mail.mails.clear()
        self.receipts.reply = b"250 2.0.0 taken"
        for sink in (self.receipts, self.sieve_mail):
            sink.up()
        self.log_begin = self.dovecot.log.stat().st_size

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            print(f"--- Dovecot's log of {self._testMethodName}\n{self.log()}---", file=sys.stderr)

    # --- What the tests do ---

    def add_user(self, address, **settings):
        self.dovecot.add_user(address, PASSWORD, **settings)

    def log(self):
        with open(self.dovecot.log, "rb") as log:
            log.seek(self.log_begin)
            return log.read().decode(errors="replace")

    def find_in_log(self, pattern, count=1):
        """All matches, as soon as there are so many: Dovecot's log is written by a process of its
        own, somewhat later than the answer."""
        wait_until(lambda: len(re.findall(pattern, self.log())) >= count, f"{pattern!r} in the log")
        return re.findall(pattern, self.log())

    @contextlib.contextmanager
    def lmtp(self):
        client = smtplib.LMTP(self.dovecot.lmtp_socket, timeout=60)
        try:
            client.ehlo("mx.b.example")
            yield client
        finally:
            client.close()

    def deliver(self, message, *recipients, exact=False):
        """One LMTP transaction; the final replies, one for each recipient, or EOFError. `exact`:
        by BDAT, which can say that a message has no final line end."""
        recipients = recipients or (self.bob,)
        with self.lmtp() as client:
            client.mail(SENDER)
            for recipient in recipients:
                self.assertEqual(client.rcpt(recipient)[0], 250)
            if exact:
                client.send(b"BDAT %d LAST\r\n" % len(message) + message)
            else:
                self.assertEqual(client.docmd("DATA")[0], 354)
                client.send(re.sub(rb"(?m)^\.", b"..", message) + b".\r\n")
            try:
                replies = [client.getreply() for _ in recipients]
            except smtplib.SMTPServerDisconnected as gone:
                raise EOFError from gone
        return [f"{code} {text.decode()}" for code, text in replies]

    def is_taken(self, message):
        """Whether this attempt ends with 250. No answer in time is no, as for a mail server, which
        comes again: what the killed process held may still be locked."""
        try:
            return self.deliver(message)[0].startswith("250 ")
        except EOFError:
            return False

    def assert_delivered(self, message, *recipients, exact=False):
        for reply in self.deliver(message, *recipients, exact=exact):
            self.assertRegex(reply, "^250 ")

    def assert_deferred(self, message, *recipients):
        for reply in self.deliver(message, *recipients):
            self.assertRegex(reply, "^451 4[.]")

    def imap(self, user=None):
        return self.dovecot.imap(user or self.bob, PASSWORD)

    def mailbox(self, user=None):
        """All messages of a user: [(folder, bytes)]."""
        found = []
        with self.imap(user) as client:
            for line in client.list()[1]:
                folder = re.split(' "[/.]" ', line.decode())[-1].strip('"')
                client.select(f'"{folder}"', readonly=True)
                for number in client.search(None, "ALL")[1][0].split():
                    found.append((folder, client.fetch(number, "(BODY.PEEK[])")[1][0][1]))
        return found

    def journal_files(self, user=None):
        return sorted(self.dovecot.home(user or self.bob).glob("pec-delivery-journal.[0-9]*"))

    def journal(self, user=None):
        """The records, each a line: key, state, time."""
        lines = []
        for path in self.journal_files(user):
            content = path.read_bytes()[4096:]
            lines += [content[at + 9:at + 64].rstrip(b" \n").decode()
                      for at in range(0, len(content), 64) if content[at] != 0]
        return lines

    def forget(self, *states, key=""):
        """As if the process had died before it wrote these records."""
        for path in self.journal_files():
            content = bytearray(path.read_bytes())
            for at in range(4096, len(content), 64):
                words = content[at:at + 64].decode(errors="replace").split()
                if len(words) == 4 and words[1].startswith(key) and words[2] in states:
                    content[at:at + 64] = bytes(64)
            path.write_bytes(content)

    def check_internal_recipient(self, address, recipient, message_id=None, mailbox=None):
        """Checks the address and its mac; returns the time stamp. `mailbox`: where it was delivered,
        if the recipient is an alias."""
        match = re.fullmatch(r"(.+)[.](\d+)[.]([a-z2-7]{32})([a-z2-7]{7})?[.]consegna[.]pec[.]internal",
                             address)
        self.assertIsNotNone(match, address)
        self.assertEqual(match[1], recipient)
        digest = hashlib.sha256((mailbox or "").lower().encode()).digest()
        tag = base64.b32encode(digest[:5]).decode().lower()[:7] if mailbox else None
        self.assertEqual(match[4], tag)
        event = f"consegna {tag}" if tag else "consegna"
        text = f"{event}\n{recipient.lower()}\n{match[2]}\n{message_id or self.message_id}"
        mac = hmac.new(self.dovecot.secret, text.encode(), hashlib.sha256).digest()[:20]
        self.assertEqual(match[3], base64.b32encode(mac).decode().lower())
        return int(match[2])

    def check_hand_offs(self, *recipients, mailbox=None):
        """The receipts smtpd got exactly one copy for each; returns the time stamps. `mailbox`: where
        they were delivered, if they are aliases."""
        self.assertEqual(len(self.receipts.mails), len(recipients))
        stamps = []
        for mail, recipient in zip(self.receipts.mails, recipients):
            self.assertEqual(mail.sender, SENDER)
            self.assertEqual(len(mail.recipients), 1)
            behind = mailbox if recipient != mailbox else None
            stamps.append(self.check_internal_recipient(mail.recipients[0], recipient, mailbox=behind))
        return stamps

    def next_second(self):
        now = int(time.time())
        wait_until(lambda: int(time.time()) > now, "the clock to tick")


def main(usage):
    """Runs the module's tests, or says aloud why it can't."""
    global PLUGIN
    if len(sys.argv) < 3 or sys.argv[1] != "--plugin":
        sys.exit(usage)
    PLUGIN = sys.argv[2]
    if reason := missing_reason():
        print(f"SKIPPED: {reason}")
        sys.exit(77)
    unittest.main("__main__", argv=[sys.argv[0]] + sys.argv[3:])
