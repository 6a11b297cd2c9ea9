# SPDX-License-Identifier: GPL-2.0-or-later
"""What pecctl asks the receipts service for, and what it says of it: timeouts, incidents, receipts
reissue. A sink stands in for the service; the rows are written here with Python's own sqlite3, as
another program would. Needs no root.
"""

import base64
import hashlib
import hmac
import os
import re
import sqlite3
import time
import unittest
from contextlib import closing

from support.pecctl_site import ANNA, LedgerCase
from support.provider import MILTER_UID
from support.smtp_sink import SmtpSink

SIGNING = "posta-certificata@pec.alfa.example"
PEC_ID = "1@pec.alfa.example"
BOB, EVE = "bob@pec.beta.example", "eve@pec.beta.example"
HOUR = 3600
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0[12]00"


class Service(SmtpSink):
    """The sink, set up as Postfix's receipts service is: after an error it hangs up."""

    def __init__(self):
        self.connections = 0
        self.takes_nothing = False
        self.refusals: dict[str, bytes] = {}  # answers to messages about these recipients
        self.full_for = ""  # refused at RCPT
        super().__init__()

    def _converse(self, stream):
        self.connections += 1
        if self.takes_nothing:
            refuse_all(stream)
        else:
            super()._converse(UntilRefusal(stream, self.full_for))

    def _taken(self, mail):
        self.mails.append(mail)
        return next((reply for recipient, reply in self.refusals.items()
                     if mail.recipients[0].startswith(recipient)), self.reply)


class UntilRefusal:
    """A stream that ends when an error has been written to it. `full_for`: a recipient who isn't heard."""

    def __init__(self, stream, full_for: str):
        self._stream = stream
        self._full_for = f"RCPT TO:<{full_for}>".encode()
        self._refused = False
        self.flush = stream.flush

    def readline(self):
        line = b"" if self._refused else self._stream.readline()
        if not line.startswith(self._full_for):
            return line
        self.write(b"452 4.3.1 full\r\n")
        self.flush()
        return b""

    def write(self, answer):
        self._refused = answer[:1] in (b"4", b"5")
        self._stream.write(answer)


def refuse_all(stream):
    """As Postfix does while the milter is away."""
    stream.write(b"220 sink ESMTP\r\n")
    stream.flush()
    while line := stream.readline():
        greeted = line.startswith(b"EHLO")
        stream.write(b"250 sink\r\n" if greeted else b"451 4.7.1 Service unavailable\r\n")
        stream.flush()


class ReceiptsCase(LedgerCase):
    def setUp(self):
        super().setUp()
        self.service = self.enterContext(Service())
        self.receipts_at = {"internal__receipts_address": "{}:{}".format(*self.service.address)}
        self.write_config(**self.receipts_at)
        for name in ("internal", "delivery"):
            secret = self.site / f"{name}.secret"
            secret.write_text(64 * name[1].replace("n", "a") + "\n")
            secret.chmod(0o400)
            if self.identity:
                os.chown(secret, MILTER_UID, MILTER_UID)
        self.assertEqual(self.pecctl("incidents").returncode, 0)  # makes the ledger

    def execute(self, sql: str, *values) -> list[tuple]:
        with closing(sqlite3.connect(self.ledger)) as database, database:
            return database.execute(sql, values).fetchall()

    def accept(self, *recipients: str, hours: float) -> None:
        for recipient in recipients:
            self.execute("INSERT INTO dispatch (pec_id, recipient, accepted_at) VALUES (?, ?, ?)",
                         PEC_ID, recipient, int(time.time() - hours * HOUR))

    def report(self, what: str, recipient: str, copy: bytes, at: int = 1795320682) -> None:
        self.execute("INSERT INTO incident (what, pec_id, recipient, at, event_at, detail, copy)"
                     " VALUES (?, ?, ?, ?, ?, 'expired', ?)", what, PEC_ID, recipient, at + 86400,
                     at, base64.b64encode(copy).decode())

    def internal(self, recipient: str, event: str, stamp: int, secret: str = "a") -> str:
        text = f"{event}\n{recipient.lower()}\n{stamp}\n{PEC_ID}".encode()
        mac = hmac.digest(bytes.fromhex(64 * secret), text, hashlib.sha256)[:20]
        return f"{recipient}.{stamp}.{base64.b32encode(mac).decode().lower()}.{event}.pec.internal"

    def asked_for(self) -> list[str]:
        """"preavviso bob@…" for each message that came, also those that were refused."""
        found = [re.match(r"(.*)\.\d+\.\w+\.(\w+)\.pec\.internal$", mail.recipients[0])
                 for mail in self.service.mails]
        return [f"{match[2]} {match[1]}" for match in found]


class Timeouts(ReceiptsCase):
    def test_nothing_due_says_nothing(self):
        self.accept(BOB, hours=11)
        done = self.pecctl("timeouts")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertEqual(self.service.connections, 0)

    def test_a_request_for_each_notice_over_one_connection(self):
        self.accept(BOB, hours=13)
        self.accept(EVE, hours=25)
        before = int(time.time())
        done = self.pecctl("timeouts")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, rf"\Arequested {TIME}  scadenza  {PEC_ID}  {EVE}\n"
                                      rf"requested {TIME}  preavviso  {PEC_ID}  {BOB}\n\Z")
        self.assertEqual(self.service.connections, 1)
        self.assertEqual(self.asked_for(), [f"scadenza {EVE}", f"preavviso {BOB}"])
        mail = self.service.mails[1]
        self.assertEqual(mail.sender, SIGNING)
        stamp = int(mail.recipients[0].split(".")[-5])
        self.assertLessEqual(before, stamp)
        self.assertLessEqual(stamp, int(time.time()))
        self.assertEqual(mail.recipients, [self.internal(BOB, "preavviso", stamp)])
        self.assertIn(f"\r\nMessage-ID: <{PEC_ID}>\r\n".encode(), mail.data)

        self.assertEqual(self.pecctl("timeouts").stdout, "")
        self.assertEqual(len(self.service.mails), 2)

    def test_a_dry_run_asks_for_nothing(self):
        self.accept(BOB, hours=13)
        done = self.pecctl("timeouts", "--dry-run")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, rf"\Awould request {TIME}  preavviso  {PEC_ID}  {BOB}\n\Z")
        self.assertEqual(self.service.connections, 0)
        self.assertEqual(self.pecctl("timeouts").stdout.count("requested"), 1)

    def test_one_that_is_refused_does_not_stop_the_others(self):
        """The service hangs up after an error: a connection more for each."""
        for reply in (b"550 5.7.1 no", b"451 4.3.0 later"):
            with self.subTest(reply):
                self.execute("DELETE FROM dispatch")
                self.service.mails.clear()
                self.accept("ada@pec.beta.example", BOB, EVE, hours=13)
                self.service.refusals[BOB] = reply
                done = self.pecctl("timeouts")
                self.assertEqual(done.returncode, 1)
                self.assertEqual(done.stdout.count("\n"), 2, done)
                self.assertRegex(done.stderr, rf"\Apecctl: preavviso  {PEC_ID}  {BOB}: receipts "
                                              rf"service 127\.0\.0\.1:\d+: {reply.decode()}\n\Z")
                self.service.refusals.clear()
                self.service.mails.clear()
                self.assertEqual(self.pecctl("timeouts").returncode, 0)
                self.assertEqual(self.asked_for(), [f"preavviso {BOB}"])

    def test_a_service_that_is_away_ends_the_run(self):
        self.accept(BOB, EVE, hours=13)
        self.service.down()
        done = self.pecctl("timeouts")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, rf"\Apecctl: preavviso  {PEC_ID}  {BOB}: receipts service "
                                      r"127\.0\.0\.1:\d+: [^\n]*Couldn't connect to server; it "
                                      r"and the rest wait for the next run\n\Z")
        self.service.up()
        self.assertEqual(self.pecctl("timeouts").stdout.count("requested"), 2)

    def test_a_service_that_takes_nothing_ends_the_run(self):
        self.accept(BOB, EVE, hours=13)
        self.service.takes_nothing = True
        done = self.pecctl("timeouts")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"\Apecctl: [^\n]*: 451 4\.7\.1 Service unavailable; it and "
                                      r"the rest wait for the next run\n\Z")
        self.assertEqual(self.service.connections, 1)

    def test_no_proxy_is_asked(self):
        self.accept(BOB, hours=13)
        nobody = "http://127.0.0.1:1"
        done = self.pecctl("timeouts", **self.identity,
                           env={**os.environ, "all_proxy": nobody, "smtp_proxy": nobody})
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_two_at_once(self):
        """Each notice at least once, and all marked: what comes twice is the milter's to drop."""
        recipients = [f"user{n:02}@pec.beta.example" for n in range(30)]
        self.accept(*recipients, hours=13)
        running = [self.start("timeouts") for _ in range(2)]
        outcomes = [(process.communicate(timeout=60)[1], process.returncode) for process in running]
        self.assertEqual(outcomes, [("", 0), ("", 0)])
        self.assertEqual(set(self.asked_for()), {f"preavviso {each}" for each in recipients})
        self.assertEqual(self.pecctl("timeouts").stdout, "")

    def test_without_the_secret(self):
        self.accept(BOB, hours=13)
        secret = self.site / "internal.secret"
        secret.chmod(0o440)
        self.assert_complaint(f"{secret} is open to others than its owner: .*", "timeouts")
        self.assertEqual(self.service.connections, 0)
        self.assertEqual(self.pecctl("timeouts", "--dry-run").returncode, 0)

    def test_root_works_as_the_owner_of_the_ledger(self):
        root = self.as_root()
        self.accept(BOB, hours=13)
        secret = self.site / "internal.secret"
        os.chown(secret, 0, 0)
        self.assert_complaint(f"can't read {secret}: Permission denied; .*", "timeouts", **root)
        os.chown(secret, MILTER_UID, MILTER_UID)
        self.assertEqual(self.pecctl("timeouts", **root).returncode, 0)


class Incidents(ReceiptsCase):
    LINE = "2026-11-23 05:11:22 +0100  accettazione  1@pec.alfa.example  anna@pec.alfa.example  "

    def test_none(self):
        done = self.pecctl("incidents")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_listed_until_they_are_closed(self):
        self.report("accettazione", ANNA, b"")
        self.assert_answer(self.LINE + "can't be reissued  expired", "incidents")
        self.assert_answer(f"closed accettazione  {PEC_ID}  {ANNA}",
                           "incidents", "resolve", PEC_ID, ANNA)
        self.assertEqual(self.pecctl("incidents").stdout, "")
        self.assertRegex(self.pecctl("incidents", "--all").stdout,
                         re.escape(self.LINE) + rf"can't be reissued  expired  closed {TIME}\n\Z")
        self.assert_complaint(f"no open incident of message {PEC_ID}; see pecctl incidents --all",
                              "incidents", "resolve", PEC_ID)

    def test_command_line(self):
        for arguments, pattern in ((["incidents", "resolve"], "PEC_MSGID is required"),
                                   (["incidents", "--all", "resolve", PEC_ID], "excludes"),
                                   (["incidents", PEC_ID], "not expected"),
                                   (["receipts"], "subcommand is required"),
                                   (["receipts", "reissue"], "PEC_MSGID is required"),
                                   (["timeouts", PEC_ID], "not expected")):
            with self.subTest(arguments):
                done = self.pecctl(*arguments)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertRegex(done.stderr, pattern)


class Reissue(ReceiptsCase):
    # All that SMTP, or a library on the way, might touch.
    COPY = (f"Message-ID: <{PEC_ID}>\r\nSubject: =?utf-8?q?x?=\r\n\r\n".encode()
            + b".\r\n..\r\n.a\r\n" + bytes(range(0x80, 0x100)) + b" \t\r\n" + 3000 * b"x" + b"\r\n"
            + b"From the start\r\n\r\n\r\n")

    def test_the_copy_goes_byte_for_byte(self):
        self.report("accettazione", ANNA, self.COPY)
        self.assert_answer(f"reissued accettazione  {PEC_ID}  {ANNA}",
                           "receipts", "reissue", f"<{PEC_ID}>")
        [mail] = self.service.mails
        self.assertEqual(mail.data, self.COPY)
        self.assertEqual(mail.sender, SIGNING)
        self.assertEqual(mail.recipients,
                         [self.internal(ANNA, "accettazione", 1795320682)])
        self.assertEqual(self.pecctl("incidents").stdout, "")

    def test_a_large_copy(self):
        body = b"".join(b"%07d\r\n" % n for n in range(300_000))
        self.report("accettazione", ANNA, self.COPY + body)
        self.assertEqual(self.pecctl("receipts", "reissue", PEC_ID).returncode, 0)
        self.assertEqual(self.service.mails[0].data, self.COPY + body)

    def test_a_delivery_has_the_secret_of_the_delivery_point(self):
        self.report("consegna", BOB, self.COPY)
        self.assertEqual(self.pecctl("receipts", "reissue", PEC_ID, BOB).returncode, 0)
        self.assertEqual(self.service.mails[0].recipients,
                         [self.internal(BOB, "consegna", 1795320682, secret="e")])

    def test_the_recipients_of_a_take_charge_go_together_or_not_at_all(self):
        for recipient in (BOB, EVE):
            self.report("presa", recipient, self.COPY)
        expected = [self.internal(each, "presa", 1795320682) for each in (BOB, EVE)]
        self.service.full_for = expected[1]
        done = self.pecctl("receipts", "reissue", PEC_ID)
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("452 4.3.1 full\n")),
                         (1, "", 2))
        self.assertEqual(self.service.mails, [])
        self.assertEqual(self.pecctl("incidents").stdout.count("\n"), 2)
        self.service.full_for = ""
        self.assertEqual(self.pecctl("receipts", "reissue", PEC_ID).returncode, 0)
        self.assertEqual(self.service.mails[0].recipients, expected)


class Resend(ReceiptsCase):
    RECEIPT = (b"X-Ricevuta: avvenuta-consegna\r\nMessage-ID: <r@pec.beta.example>\r\n\r\n.\r\ncaff\xe8\r\n")

    def sent_again(self, recipient: str) -> str:
        return f"sent again lost avvenuta-consegna  {PEC_ID}  {recipient}"

    def internal(self, recipient: str) -> str:
        text = f"rinvio\n{recipient}\n1795320682\nr@pec.beta.example".encode()
        mac = hmac.digest(bytes.fromhex(64 * "a"), text, hashlib.sha256)[:20]
        return f"{recipient}.1795320682.{base64.b32encode(mac).decode().lower()}.rinvio.pec.internal"

    def test_the_receipt_goes_byte_for_byte_bound_to_itself(self):
        for recipient in (BOB, EVE):
            self.report("lost avvenuta-consegna", recipient, self.RECEIPT)
        self.assertIn(f"{BOB}  can be resent  expired", self.pecctl("incidents").stdout)
        self.assert_answer(self.sent_again(BOB), "receipts", "resend", PEC_ID, BOB)
        [mail] = self.service.mails
        self.assertEqual((mail.data, mail.recipients), (self.RECEIPT, [self.internal(BOB)]))
        self.assertEqual(self.pecctl("incidents").stdout.count("\n"), 1)
        self.assert_answer(self.sent_again(EVE), "receipts", "resend", PEC_ID)
        self.assertEqual(self.pecctl("incidents").stdout, "")

    def test_what_is_refused_stays_open(self):
        self.report("lost avvenuta-consegna", BOB, self.RECEIPT)
        self.service.refusals[BOB] = b"451 4.3.0 later"
        done = self.pecctl("receipts", "resend", PEC_ID)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("451 4.3.0 later", done.stderr)
        self.assertEqual(self.pecctl("incidents").stdout.count("\n"), 1)

    def test_what_can_not_be_sent_again_is_told(self):
        self.report("lost accettazione", ANNA, b"")
        self.assertIn("can't be resent", self.pecctl("incidents").stdout)
        self.assert_complaint("lost accettazione .*: the receipt did not come back whole, .*",
                              "receipts", "resend", PEC_ID)
        self.execute("DELETE FROM incident")
        self.report("consegna", BOB, self.RECEIPT)
        self.assert_complaint("no receipt of this message waits to be sent again; see pecctl incidents",
                              "receipts", "resend", PEC_ID)
        self.execute("DELETE FROM incident")
        self.report("lost avvenuta-consegna", BOB, self.RECEIPT)
        self.assert_complaint("lost avvenuta-consegna .*: it was made, but could not be handed over; "
                              f"send it again: pecctl receipts resend {PEC_ID} {BOB}",
                              "receipts", "reissue", PEC_ID)


if __name__ == "__main__":
    unittest.main(verbosity=2)
