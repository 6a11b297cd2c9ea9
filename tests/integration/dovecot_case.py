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
import hashlib
import hmac
import pathlib
import re
import smtplib
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from dovecot_instance import DovecotInstance, missing_reason, wait_until  # noqa: E402
from smtp_sink import SmtpSink  # noqa: E402

SENDER = "anna@a.example"
PASSWORD = "parola-segreta"
PLUGIN = None  # from the command line, see main()


def pec_message(message_id, header="X-Trasporto: posta-certificata", body=b"prova\r\n"):
    return (f"Received: by mx.b.example; {email.utils.formatdate(0)}\r\n"
            f"From: \"Per conto di: {SENDER}\" <posta-certificata@pec.alfa.example>\r\n"
            f"To: bob@b.example\r\nMessage-ID: <{message_id}>\r\n{header}\r\n"
            "Subject: POSTA CERTIFICATA: prova\r\n\r\n").encode() + body


def anomaly(message_id, made="1", subject="prova"):
    """An anomaly envelope: the Message-ID is a stranger's, the boundary our own, of each that is made."""
    boundary = f"pec-signed-20261122.{made}"
    return pec_message(message_id, "X-Trasporto: errore\r\nMIME-Version: 1.0\r\nContent-Type: "
                       "multipart/signed; protocol=\"application/pkcs7-signature\";\r\n"
                       f"\tmicalg=sha-256; boundary=\"{boundary}\"",
                       f"--{boundary}\r\n\r\n{subject}\r\n--{boundary}--\r\n".encode())


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
        client = smtplib.LMTP(self.dovecot.lmtp_socket, timeout=30)
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
                folder = line.decode().rpartition(' "/" ')[2].strip('"')
                client.select(f'"{folder}"', readonly=True)
                for number in client.search(None, "ALL")[1][0].split():
                    found.append((folder, client.fetch(number, "(BODY.PEEK[])")[1][0][1]))
        return found

    def journal(self, user=None):
        return self.dovecot.home(user or self.bob) / "pec-delivery-journal"

    def check_internal_recipient(self, address, recipient, message_id=None):
        """Checks the address and its mac; returns the time stamp."""
        match = re.fullmatch(r"(.+)[.](\d+)[.]([a-z2-7]{32})[.]consegna[.]pec[.]internal", address)
        self.assertIsNotNone(match, address)
        self.assertEqual(match[1], recipient)
        text = f"consegna\n{recipient.lower()}\n{match[2]}\n{message_id or self.message_id}"
        mac = hmac.new(self.dovecot.secret, text.encode(), hashlib.sha256).digest()[:20]
        self.assertEqual(match[3], base64.b32encode(mac).decode().lower())
        return int(match[2])

    def check_hand_offs(self, *recipients):
        """The receipts smtpd got exactly one copy for each; returns the time stamps."""
        self.assertEqual(len(self.receipts.mails), len(recipients))
        stamps = []
        for mail, recipient in zip(self.receipts.mails, recipients):
            self.assertEqual(mail.sender, SENDER)
            self.assertEqual(len(mail.recipients), 1)
            stamps.append(self.check_internal_recipient(mail.recipients[0], recipient))
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
