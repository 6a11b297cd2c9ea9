# SPDX-License-Identifier: GPL-2.0-or-later
"""What an attacker tries on the programs behind the doors (doors_test.py has the doors themselves): each
with its expected answer. docs/security.md lists them all, with those that other tests have.
"""

import base64
import hashlib
import hmac
import os
import re
import smtplib
import socket
import sys
import time
from contextlib import ExitStack, closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

from support import harness
from support.box import Provider
from support.foreign_provider import ORIGINAL, ForeignProvider
from support.pec_mail import all_mailboxes, certified, check_signature, header_names, letter, plain_text
from support.people import anna, bruno, dario
from support.provider import MILTER_UID
from support.waiting import wait_until

OUTSIDE = "gianni@ordinaria.example"
CERTIFIED, NON_ACCEPTANCE = "posta-certificata", "non-accettazione"
MEGABYTE = 1 << 20
PARSERS_MEMORY = 100 * MEGABYTE  # more than this, and a message has been turned into something large


def setUpModule():
    global box, mailboxes, gamma
    box = harness.sandbox()
    gamma = ForeignProvider(box)
    mailboxes = all_mailboxes(box)


def status(pid: int, field: str) -> list[str]:
    """The values of one line of /proc/PID/status."""
    return re.search(rf"(?m)^{field}:\s+(.*)$", Path(f"/proc/{pid}/status").read_text())[1].split()


def memory_of(provider: Provider) -> int:
    """What pec-milter has allocated, in bytes (RssAnon)."""
    return int(status(box.programs.pid(provider.milter_name), "RssAnon")[0]) * 1024


class Attack(harness.Case):
    def answer(self, connection: smtplib.SMTP, sender: str, recipients: list[str],
               message: bytes) -> tuple[int, str]:
        """To the message, once its recipients were taken."""
        try:
            connection.sendmail(sender, recipients, message)
        except smtplib.SMTPResponseException as refused:
            return refused.smtp_code, refused.smtp_error.decode()
        return 250, ""

    def submitted(self, message: bytes, sender: str = "") -> tuple[int, str]:
        with box.alfa.login(sender or anna) as connection:
            return self.answer(connection, sender or anna, [dario], message)

    def came_in(self, message: bytes) -> tuple[int, str]:
        with box.beta.connect("mx") as connection:
            return self.answer(connection, OUTSIDE, [dario], message)


class InternalRecipients(Attack):
    """Whoever reaches the receipts service, which is open to this host alone, can have nothing signed."""

    def setUp(self):
        box.alfa.submit(anna, [dario], letter(anna, to=[dario], subject="vera", message_id="<1@client>"))
        came = mailboxes.new()
        [self.envelope] = came.of_kind(CERTIFIED, at=dario)
        [self.receipt] = came.of_kind("avvenuta-consegna", at=anna)
        self.pec_id = self.envelope.message_id.strip("<>")
        self.stamp = int(time.time())

    def mac(self, event: str, recipient: str, stamp: int, pec_id: str) -> str:
        """With beta's own secrets: what is forged is only how it is used."""
        name = "delivery" if event == "consegna" else "internal"
        secret = bytes.fromhex((box.directory / "beta" / f"{name}.secret").read_text())
        text = f"{event}\n{recipient}\n{stamp}\n{pec_id}".encode()
        return base64.b32encode(hmac.new(secret, text, hashlib.sha256).digest()[:20]).decode().lower()

    def internal(self, event: str, recipient: str, mac: str, stamp: int | None = None) -> str:
        return f"{recipient}.{stamp or self.stamp}.{mac}.{event}.pec.internal"

    def handed_in(self, recipient: str, copy: bytes | None = None) -> tuple[int, str]:
        with box.beta.connect("receipts") as connection:
            return self.answer(connection, anna, [recipient], copy or self.envelope.raw)

    def test_forged_ones_get_nothing(self):
        other = f"elena@{box.beta.domain}"
        another = gamma.envelope([dario])
        delivery = self.mac("consegna", dario, self.stamp, self.pec_id)
        changed = self.envelope.raw.replace(b"hello", b"HELLO")
        self.assertNotEqual(changed, self.envelope.raw)
        for name, recipient, copy in (
                ("wrong mac", self.internal("consegna", dario, "a" * 32), None),
                ("mac of another event", self.internal("presa", dario, delivery), None),
                ("acceptance by the delivery point's secret",
                 self.internal("accettazione", anna, delivery), None),
                ("mac of another recipient", self.internal("consegna", other, delivery), None),
                ("mac of another time", self.internal("consegna", dario, delivery, self.stamp + 1), None),
                ("mac of another message", self.internal("consegna", dario, delivery), another),
                ("unknown event", self.internal("conferma", dario, delivery), None),
                ("changed copy", self.internal("consegna", dario, delivery), changed)):
            with self.subTest(name):
                code, text = self.handed_in(recipient, copy)
                self.assertEqual(code // 100, 4, text)
                self.assertEqual(mailboxes.new().all(), [])

    def test_a_delivery_that_is_yet_to_come(self):
        """With Dovecot's own secret: it says when, but not whatever it likes."""
        later = self.stamp + 3600
        mac = self.mac("consegna", dario, later, self.pec_id)
        self.assertEqual(self.handed_in(self.internal("consegna", dario, mac, later))[0], 451)
        self.assertEqual(mailboxes.new().all(), [])

    def test_a_delivery_before_the_message(self):
        """Which is one of gamma's, whose clock is a little fast: the receipt has the message's own time,
        not an earlier one."""
        pec_id = gamma.new_id()
        sent = datetime.fromtimestamp(self.stamp + 45, timezone(timedelta(hours=1)))
        xml = re.sub(rb"<giorno>.*</ora>", f"<giorno>{sent:%d/%m/%Y}</giorno><ora>{sent:%H:%M:%S}</ora>".encode(),
                     gamma.xml(CERTIFIED, pec_id, [dario]))
        content = gamma.mixed(xml, ORIGINAL % pec_id.encode())
        copy = gamma.header(f"X-Trasporto: {CERTIFIED}", pec_id) + gamma.signed(content, gamma.sign(content))
        mac = self.mac("consegna", dario, self.stamp, pec_id)
        self.assertEqual(self.handed_in(self.internal("consegna", dario, mac), copy)[0], 250)
        [receipt] = mailboxes.new().all()  # it went to gamma
        self.assertEqual(certified(receipt).findtext("dati/data/ora"), f"{sent:%H:%M:%S}")
        self.assertEqual(box.beta.query(
            "SELECT direction, recipient, at FROM message_log WHERE pec_id = ? "
            "AND kind = 'avvenuta-consegna'", pec_id), [("issued", dario, self.stamp + 45)])

    def test_a_replay_is_the_same_receipt(self):
        """Same Message-ID, same time, same bytes: and a mailbox takes it once."""
        mac = self.mac("consegna", dario, self.stamp, self.pec_id)
        self.assertEqual(self.handed_in(self.internal("consegna", dario, mac))[0], 250)
        self.assertEqual(mailboxes.new().all(), [])

        # Both went all the way, and the journal of anna's mailbox has dropped the second.
        def drops() -> list[str]:
            return re.findall(rf"action=(\w+) to=<{re.escape(anna)}> "
                              rf"msgid={re.escape(self.receipt.message_id)} ",
                              Path(box.alfa.info["dovecot_log"]).read_text())

        wait_until(lambda: len(drops()) == 2, "two receipts")
        self.assertEqual(drops(), ["deliver", "drop"])


class Texts(Attack):
    """A subject, a name, an id: they stand in signed texts, and are no header lines or markup there."""

    EVIL = "a\r\nBcc: bruno@pec.alfa.example\r\n\r\n<script>alert(1)</script>"

    def test_nothing_is_injected(self):
        encoded = f"=?utf-8?B?{base64.b64encode(self.EVIL.encode()).decode()}?="
        message = letter(f"{encoded} <{anna}>", to=[f"{encoded} <{dario}>"], subject=encoded,
                         message_id='<"a\\"><b>x</b>"@client>', fields=f"Reply-To: {encoded} <{anna}>\r\n".encode())
        self.assertEqual(self.submitted(message)[0], 250)
        came = mailboxes.new()
        self.assertEqual(came.by_address[bruno], [])
        self.assertIn(len(came.all()), (1, 4), "a notice, or all there is of a certified message")
        for found in came.all():
            check_signature(found, box.ca_file)
            self.assertNotIn("Bcc", header_names(found.raw))
            html = [part.get_content() for part in found.parsed.walk()
                    if part.get_content_type() == "text/html"]
            self.assertTrue(html)
            for text in html:
                self.assertNotRegex(text, "<script|<b>x")


class OnesOwnName(Attack):
    def test_from_of_another_user_is_not_accepted(self):
        """[3.1.1] Both are ours, and the login is good."""
        for fields in (f"From: {bruno}\r\n", f"From: {anna}, {bruno}\r\n",
                       f"From: {anna}\r\nFrom: {bruno}\r\n", f"From: {anna}\r\nSender: {bruno}\r\n",
                       f'From: "{bruno}" <{anna}>\r\n'):
            with self.subTest(fields):
                message = fields.encode() + letter("", to=[dario], subject="x", message_id="<1@client>")
                self.assertEqual(self.submitted(message)[0], 250)
                kinds = mailboxes.new().kinds()
                self.assertNotIn(bruno, kinds)
                if fields.startswith(f'From: "{bruno}"') or "Sender" in fields:
                    self.assertIn("accettazione", kinds[anna])  # the address is the login's
                else:
                    self.assertEqual(kinds, {anna: [NON_ACCEPTANCE]})


class Xml(Attack):
    """daticert.xml of a provider that has gone mad: signed, and so looked at."""

    SECRET = "root:x:0:0"
    BOMB = ("<!DOCTYPE postacert [<!ENTITY e0 'x'>"
            + "".join(f"<!ENTITY e{level} '{f'&e{level - 1};' * 10}'>" for level in range(1, 10)) + "]>")
    FILE = '<!DOCTYPE postacert [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>'

    def test_bombs_and_files_stay_names(self):
        """No entity is ever replaced: what another reader would see there, ours takes as it is written.
        The rest of a DOCTYPE is as good as none (rules, 4.4)."""
        before = memory_of(box.beta)
        for name, doctype in (("bomb", self.BOMB), ("file", self.FILE)):
            with self.subTest(name):
                pec_id = gamma.new_id()
                xml = gamma.xml(CERTIFIED, pec_id, [dario]).decode()
                head, rest = xml.split("\n", 1)
                evil = f"{head}\n{doctype}\n{rest.replace('Prova', '&e9;')}".encode()
                body = gamma.mixed(evil, ORIGINAL % pec_id.encode())
                head = gamma.header(f"X-Trasporto: {CERTIFIED}", pec_id).replace(b"Prova", b"&e9;")
                gamma.deliver(box.beta, [dario], head
                              + gamma.signed(body, gamma.sign(body)))
                came = mailboxes.new()
                self.assertEqual(came.kinds()[dario], [CERTIFIED])
                [receipt] = [found for found in came.all() if found.kind == "avvenuta-consegna"]
                self.assertIn('"&e9;"', plain_text(receipt))
                self.assertEqual(receipt.certification().findtext("intestazione/oggetto"), "&e9;")
                for found in came.all():
                    self.assertNotIn(self.SECRET.encode(), found.raw)
        self.assertLess(memory_of(box.beta) - before, PARSERS_MEMORY)


class Sizes(Attack):
    """Nothing here may be taken in part, or make the program large."""

    def setUp(self):
        self.before = {provider: memory_of(provider) for provider in (box.alfa, box.beta)}

    def tearDown(self):
        for provider, before in self.before.items():
            self.assertLess(memory_of(provider) - before, PARSERS_MEMORY, provider.domain)

    def assert_refused(self, message: bytes) -> None:
        for code, text in (self.submitted(message), self.came_in(message)):
            self.assertIn(code, (550, 552), text)
        self.assertEqual(mailboxes.new().all(), [])

    def test_ten_thousand_header_lines(self):
        self.assert_refused(letter(anna, to=[dario], subject="x", fields=b"X-A: b\r\n" * 10_000))

    def test_a_header_of_a_hundred_megabytes(self):
        line = b"X-A: " + b"b" * 990 + b"\r\n"
        self.assert_refused(letter(anna, to=[dario], subject="x",
                                   fields=line * (98 * MEGABYTE // len(line))))

    def test_a_thousand_multiparts_deep(self):
        """From users refused, for nobody could read it wrapped. From outside it waits, for the scanner
        doesn't look so deep, or is delivered byte for byte where it is allowed to be."""
        body = b"Content-Type: text/plain\r\n\r\nin the midst\r\n"
        for level in range(1000):
            body = b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n%b\r\n--%d--\r\n' % (
                level, level, body, level)
        message = letter(anna, to=[dario], subject="x", fields=b"MIME-Version: 1.0\r\n", body=body)
        self.assertEqual(self.submitted(message)[0], 250)
        self.assertEqual(mailboxes.new().kinds(), {anna: ["non-accettazione"]})
        self.assertEqual(self.came_in(message)[0], 451)
        for provider in (box.alfa, box.beta):
            box.reconfigure(provider, antivirus={"scan_error": "pass"})
            self.addCleanup(box.reconfigure, provider, antivirus={"scan_error": "wait"})
        self.assertEqual(self.came_in(message)[0], 250)
        [anomaly] = mailboxes.new().all()
        self.assertTrue(anomaly.postacert().endswith(body), "its bytes")


class SlowSenders(Attack):
    CLIENTS = 40  # of 100 that Postfix has by default

    def test_they_hold_up_nobody_else(self):
        with ExitStack() as stack:
            for _ in range(self.CLIENTS):
                slow = stack.enter_context(closing(box.alfa.login(bruno)))
                slow.mail(bruno)
                slow.rcpt(dario)
                self.assertEqual(slow.docmd("DATA")[0], 354)
                slow.send(b"Subject: lenta\r\n")
            self.assertEqual(self.submitted(letter(anna, to=[dario], subject="svelta"))[0], 250)
            [envelope] = box.beta.wait_for(dario, 1, containing=b"Subject: POSTA CERTIFICATA: svelta")
        mailboxes.new()
        self.assertNotIn(b"lenta", envelope)


class Processes(harness.Case):
    def test_nobody_is_root_and_the_keys_are_one_users(self):
        for provider in (box.alfa, box.beta):
            for name in (provider.milter_name, provider.policy_name):
                self.assertEqual(status(box.programs.pid(name), "Uid"), [str(MILTER_UID)] * 4)
                self.assertEqual(int(status(box.programs.pid(name), "CapEff")[0], 16), 0)
        for secret in (box.directory / "alfa").glob("*.secret"):
            self.assertEqual(secret.stat().st_mode & 0o077, 0)

    def test_their_sockets_are_closed_to_others(self):
        """To a user who is in no group of theirs."""
        child = os.fork()
        if child == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            reached = 0
            for path, kind in ((box.alfa.info["milter"], socket.SOCK_STREAM),
                               (box.alfa.info["policy"], socket.SOCK_STREAM),
                               (box.alfa.info["scanner"], socket.SOCK_SEQPACKET)):
                try:
                    with socket.socket(socket.AF_UNIX, kind) as connection:
                        connection.connect(path)
                        reached += 1
                except PermissionError:
                    pass
            os._exit(reached)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)


if __name__ == "__main__":
    sys.setrecursionlimit(30_000)  # Python's email reads multiparts within multiparts by recursion
    harness.main()
