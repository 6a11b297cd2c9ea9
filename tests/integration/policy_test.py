# SPDX-License-Identifier: GPL-2.0-or-later
"""pec-policyd through real Postfix: what may be submitted, what comes in, and what becomes of mail while
it can't be asked.
"""

import os
import resource
import shutil
import signal
import smtplib
import socket
import sqlite3
import subprocess
import threading
import time
import unittest
from contextlib import closing, contextmanager
from pathlib import Path

from support import harness
from support.at_once import messages_at_once
from support.changed_postfix import ChangedPostfix
from support.foreign_provider import ADDRESS, SENDER, ForeignProvider
from support.mail_hosts import render
from support.notices import NON_DELIVERY
from support.paths import BUILD_DIR, ROOT
from support.pec_mail import ORDINARY, all_mailboxes, check_signature, letter
from support.people import anna, bruno, carla, dario
from support.postgresql import Postgresql, programs
from support.provider import MILTER_UID
from support.waiting import PATIENCE, wait_until

HOUR = 3600
OUTSIDE = "gianni@ordinaria.example"


def setUpModule():
    global box, mailboxes, gamma, service
    box = harness.sandbox()
    gamma = ForeignProvider(box)
    service = box.alfa.service_mailbox
    mailboxes = all_mailboxes(box)


def change(sql: str, *values) -> None:
    """In alfa's ledger, as another program would."""
    with closing(sqlite3.connect(box.alfa.info["ledger"], timeout=PATIENCE)) as database:
        database.execute(sql, values)
        database.commit()


def set_state(address: str, state: str, told: int = 1) -> None:
    change("INSERT INTO mailbox (address, closed, state, since, reason, told)"
           " VALUES (?, 0, ?, ?, 'a test', ?) ON CONFLICT (address) DO UPDATE"
           " SET state = excluded.state, since = excluded.since, told = excluded.told",
           address, state, int(time.time()), told)


@contextmanager
def state(address: str, name: str):
    set_state(address, name)
    try:
        yield
    finally:
        set_state(address, "active")


def numbered(count: int) -> list[str]:
    return [f"numero{number}@ordinaria.example" for number in range(count)]


def recipient_replies(connection: smtplib.SMTP, sender: str, recipients: list[str]) -> list[int]:
    connection.ehlo_or_helo_if_needed()
    code, text = connection.mail(sender)
    if code != 250:
        raise smtplib.SMTPResponseException(code, text)
    return [connection.rcpt(recipient)[0] for recipient in recipients]


def data_reply(connection: smtplib.SMTP, sender: str, recipients: list[str]) -> tuple[int, str]:
    """What DATA is answered, after RCPTs that were all taken; no message follows."""
    codes = recipient_replies(connection, sender, recipients)
    if set(codes) != {250}:
        raise AssertionError(codes)
    code, text = connection.docmd("DATA")
    if code == 354:
        connection.close()  # in the midst of it: nothing is accepted
    else:
        connection.rset()
    return code, text.decode()


def asked(user: str, recipients: list[str], service: str = "smtps") -> tuple[int, str]:
    with closing(box.alfa.login(user, service)) as connection:
        return data_reply(connection, user, recipients)


def at_once(user: str, count: int) -> list[tuple[int, str]]:
    message = letter(user, to=[OUTSIDE], subject="insieme")
    return messages_at_once(lambda _: box.alfa.login(user), user, [OUTSIDE], message, count)


def incoming_reply(recipient: str) -> tuple[int, str]:
    with closing(box.alfa.connect("mx")) as connection:
        connection.ehlo()
        connection.mail(OUTSIDE)
        code, text = connection.rcpt(recipient)
        return code, text.decode()


def submit(user: str, recipients: list[str], subject: str) -> None:
    box.alfa.submit(user, recipients, letter(user, to=recipients[:250], cc=recipients[250:],
                                             subject=subject, message_id=f"<{subject}@client>"))


class Case(harness.Case):
    def assert_bilingual(self, reply: tuple[int, str], code: int, enhanced: str, italian: str,
                         english: str) -> None:
        self.assertEqual(reply[0], code, reply)
        self.assertTrue(reply[1].startswith(enhanced + " "), reply)
        self.assertIn(italian, reply[1])
        self.assertIn(english, reply[1])

    def assert_refused(self, reply: tuple[int, str]) -> None:
        self.assert_bilingual(reply, 550, "5.7.1", "Casella bloccata", "This mailbox is blocked")


class Recipients(Case):
    def test_five_hundred_pass(self):
        submit(anna, numbered(500), "cinquecento")
        self.assertEqual(mailboxes.new(ordinary=500).kinds()[anna], ["accettazione"])

    def test_one_more_and_none_is_sent(self):
        for door in ("smtps", "submission"):
            self.assert_bilingual(asked(anna, numbered(501), door), 554, "5.5.3",
                                  "Troppi destinatari: 501, e al massimo 500",
                                  "Too many recipients: 501, and at most 500")
        with self.assertRaises(smtplib.SMTPDataError) as refused:
            submit(anna, numbered(501), "cinquecentouno")
        self.assertEqual(refused.exception.smtp_code, 554)
        self.assertEqual(mailboxes.new().kinds(), {})
        self.assertIn('reason="501 recipients, and at most 500"', box.alfa.policy_log())

    def test_more_than_postfix_takes(self):
        """Whoever goes on after the last ones were put off has none of them sent."""
        with closing(box.alfa.login(anna)) as connection:
            codes = recipient_replies(connection, anna, numbered(1001))
            self.assertEqual(codes, [250] * 1000 + [452])
            code, text = connection.docmd("DATA")
        self.assertEqual(code, 554)
        self.assertIn(b"Too many recipients: 1000", text)


class Rate(Case):
    @classmethod
    def setUpClass(cls):
        box.reconfigure(box.alfa, policy={"rate_minutes": 60, "rate_messages": 3,
                                          "rate_recipients": 100})

    @classmethod
    def tearDownClass(cls):
        change("DELETE FROM submission")
        box.reconfigure(box.alfa, policy={"rate_messages": 0, "rate_recipients": 0})

    def setUp(self):
        change("DELETE FROM submission")

    def sent(self, login: str, recipients: int, minutes_ago: int) -> None:
        change("INSERT INTO submission (pec_id, login, at, recipients, level, fingerprint)"
               " VALUES (hex(randomblob(16)), ?, ?, ?, 'not spam', '')",
               login, int(time.time()) - 60 * minutes_ago, recipients)

    def grow_older(self, minutes: int) -> None:
        change("UPDATE submission SET at = at - ?", 60 * minutes)

    def test_of_messages(self):
        for minutes_ago in (50, 20, 10):
            self.sent(carla, 1, minutes_ago)
        self.assert_bilingual(asked(carla, [OUTSIDE]), 450, "4.7.1",
                              "Troppi invii: riprovare tra 10 minuti", "try again in 10 minutes")
        self.assertEqual(asked(anna, [OUTSIDE])[0], 354)
        self.grow_older(11)
        self.assertEqual(asked(carla, [OUTSIDE])[0], 354)

    def test_of_recipients(self):
        self.sent(carla, 60, 40)
        self.sent(carla, 30, 5)
        self.assertEqual(asked(carla, numbered(10))[0], 354)
        self.assert_bilingual(asked(carla, numbered(11)), 450, "4.7.1", "tra 20 minuti",
                              "in 20 minutes")
        self.grow_older(21)
        self.assertEqual(asked(carla, numbered(11))[0], 354)

    def test_of_sessions_at_once(self):
        """All are in the midst of their messages before the first one ends."""
        ended = at_once(carla, 30)
        self.assertEqual([code for code, _ in ended].count(250), 3, ended)
        for reply in ended:
            if reply[0] != 250:
                self.assert_bilingual(reply, 450, "4.7.1", "Troppi invii: riprovare tra 60 minuti",
                                      "Too much was sent: try again in 60 minutes")
        self.assertEqual(mailboxes.new(ordinary=3).kinds()[carla], ["accettazione"] * 3)
        self.assertIn("role=access action=tempfail pecid=<", box.alfa.milter_log())

    def test_what_is_not_sent_does_not_count(self):
        """A message that is given up, and one that is not accepted."""
        for _ in range(3):
            self.assertEqual(asked(carla, [OUTSIDE])[0], 354)
        for number in range(3):
            box.alfa.submit(carla, [OUTSIDE], letter(carla, to=[anna], subject=f"n. {number}"))
        self.assertEqual(mailboxes.new().kinds(), {carla: ["non-accettazione"] * 3})
        ended = at_once(carla, 5)
        self.assertEqual([code for code, _ in ended].count(250), 3, ended)
        mailboxes.new(ordinary=3)


class Blocked(Case):
    def test_sends_nothing_and_receives(self):
        with state(bruno, "blocked"):
            for door in ("smtps", "submission"):
                self.assert_refused(asked(bruno, [OUTSIDE], door))
            submit(anna, [bruno], "per-il-bloccato")
            self.assertEqual(mailboxes.new().kinds(), {
                anna: ["accettazione", "avvenuta-consegna"], bruno: ["posta-certificata"],
                service: ["presa-in-carico"]})

    def test_in_a_session_that_was_open_before(self):
        with closing(box.alfa.login(bruno)) as connection:
            with state(bruno, "blocked"):
                self.assert_refused(data_reply(connection, bruno, [OUTSIDE]))
            self.assertEqual(data_reply(connection, bruno, [OUTSIDE])[0], 354)


class Revoked(Case):
    def test_neither_sends_nor_receives(self):
        """What a message is shows at its end: until then it might be a receipt."""
        with state(bruno, "revoked"):
            self.assert_bilingual(asked(bruno, [OUTSIDE]), 550, "5.7.1", "Casella revocata",
                                  "This mailbox is revoked")
            for address in (bruno, bruno.upper()):
                for message in (letter(OUTSIDE, to=[address]), gamma.envelope([address])):
                    with self.assertRaises(smtplib.SMTPDataError) as refused:
                        gamma.deliver(box.alfa, [address], message)
                    answer = refused.exception
                    self.assert_bilingual((answer.smtp_code, answer.smtp_error.decode()), 550, "5.2.1",
                                          "Casella non attiva", "This mailbox is not active")
            self.assertEqual(asked(anna, [OUTSIDE])[0], 354)
        # As postfix-conf/README.md has it.
        box.alfa.reload_postfix()
        gamma.deliver(box.alfa, [bruno], gamma.envelope([bruno]))
        self.assertEqual(len(mailboxes.new(ordinary=2).of_kind("posta-certificata", at=bruno)), 1)
        self.assertEqual(asked(bruno, [OUTSIDE])[0], 354)

    def test_is_not_mixed_with_others(self):
        """One answer at the end is for all recipients: so these are to come in another transaction."""
        with state(bruno, "revoked"), closing(box.alfa.connect("mx")) as connection:
            self.assertEqual(recipient_replies(connection, OUTSIDE, [bruno, anna]), [250, 452])
            connection.rset()
            self.assertEqual(recipient_replies(connection, OUTSIDE, [anna, bruno]), [250, 452])

    def test_receipts_for_what_it_has_sent_come_to_where_its_mail_is(self):
        """[2.1] From outside, and our own; byte for byte, and the log knows of them."""
        with ChangedPostfix(box.alfa) as postfix:
            postfix.set(defer_transports="pecone")  # the acceptance is not made yet
            box.alfa.submit(bruno, [SENDER], letter(bruno, to=[SENDER], subject="Prova",
                                                    message_id="<prima@client>"))
            wait_until(lambda: box.ordinary.all(), "the envelope is there")
            set_state(bruno, "revoked")
            self.addCleanup(box.alfa.reload_postfix)
            self.addCleanup(set_state, bruno, "active")
        box.alfa.flush()
        came = mailboxes.new(ordinary=1)
        self.assertEqual(came.kinds(), {bruno: ["accettazione"], ORDINARY: ["posta-certificata"]})
        check_signature(came.by_address[bruno][0], box.ca_file)
        pec_id = came.by_address[ORDINARY][0].message_id.strip("<>")

        receipt = gamma.receipt("avvenuta-consegna", pec_id, [SENDER], sender=bruno,
                                receipt="completa", facts=f"<consegna>{SENDER}</consegna>")
        taken = gamma.receipt("presa-in-carico", pec_id, [SENDER], sender=bruno,
                              facts=f"<ricezione>{SENDER}</ricezione>")
        malformed = gamma.receipt("avvenuta-consegna", pec_id, [SENDER], sender=bruno,
                                  facts=f"<consegna>{SENDER}</consegna>").replace(
                                      b"Subject: CONSEGNA", b"Subject: ALTRO", 1)
        for message in (receipt, taken, malformed):
            gamma.deliver(box.alfa, [bruno], message, sender=ADDRESS)
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {bruno: ["avvenuta-consegna", "errore"],
                                        service: ["presa-in-carico"]})
        [delivered] = came.of_kind("avvenuta-consegna", at=bruno)
        self.assertTrue(delivered.raw.endswith(receipt))
        self.assertEqual(box.alfa.query(
            "SELECT count(*) FROM dispatch WHERE pec_id = ? AND delivered_at IS NOT NULL", pec_id), [(1,)])
        about_another = gamma.receipt("avvenuta-consegna", pec_id, [SENDER], sender=anna,
                                      facts=f"<consegna>{SENDER}</consegna>")
        with self.assertRaises(smtplib.SMTPDataError):
            gamma.deliver(box.alfa, [bruno], about_another, sender=ADDRESS)

    def test_our_own_user_gets_a_notice(self):
        """[3.3.3]"""
        with state(bruno, "revoked"):
            submit(carla, [bruno], "al-revocato")
            came = mailboxes.new()
        self.assertEqual(came.kinds(), {carla: ["accettazione", NON_DELIVERY],
                                        service: ["presa-in-carico"]})
        [notice] = came.of_kind(NON_DELIVERY, at=carla)
        self.assertIn(b"5.2.1", notice.raw)
        submit(carla, [bruno], "al-ripristinato")
        self.assertEqual(mailboxes.new().kinds()[carla], ["accettazione", "avvenuta-consegna"])

    def test_by_an_alias(self):
        [(alias, owner)] = box.alfa.info["aliases"].items()
        with state(owner, "revoked"):
            submit(carla, [alias], "all-alias")
            self.assertEqual(mailboxes.new().kinds()[carla], ["accettazione", NON_DELIVERY])

    @unittest.skipIf(programs() is None, "PostgreSQL is not installed")
    def test_postgresql_knows_the_same(self):
        """The table of postfix-conf/ for a ledger there, as a user who can read no other."""
        server = Postgresql(box.directory / "postgresql")
        self.addCleanup(server.end)
        server.create("pec")
        config = Path(box.alfa.info["config"])
        other = config.with_name("postgresql.toml")
        ledger = f'connection = "sqlite3://{box.alfa.info["ledger"]}"'
        text = config.read_text()
        self.assertIn(ledger, text)
        other.write_text(text.replace(ledger, f'connection = "{server.uri("pec")}"'))
        subprocess.run([BUILD_DIR / "pecctl" / "pecctl", "--config", other, "status"],
                       stdout=subprocess.DEVNULL, check=False)  # makes the tables
        server.query("pec", f"""
            INSERT INTO mailbox (address, closed, state) VALUES ('{bruno}', 0, 'revoked'),
                                                                ('{carla}', 0, 'blocked');
            CREATE ROLE pec_postfix LOGIN; GRANT SELECT (address, state) ON mailbox TO pec_postfix""")
        table = Path(box.alfa.info["postfix_config"]) / "pec-revoked-pgsql.cf"
        render(ROOT / "postfix-conf" / table.name, table, {
            "LEDGER_HOSTS": f"{box.directory}/postgresql", "LEDGER_DATABASE": "pec", "LEDGER_READER": "pec_postfix",
            "LEDGER_READER_PASSWORD": "", "MANAGED_DOMAINS": box.alfa.domain})
        for address, found in ((bruno, "error:5.2.1 Casella non attiva. This mailbox is not active\n"),
                               (carla, ""), (anna, ""), (OUTSIDE, "")):
            asked_for = subprocess.run(
                ["/usr/sbin/postmap", "-c", box.alfa.info["postfix_config"], "-q", address,
                 f"pgsql:{table}"], capture_output=True, text=True, check=False)
            self.assertEqual((asked_for.stdout, asked_for.stderr), (found, ""))


class Away(Case):
    """Mail waits, and then passes."""

    QUICKLY = 15.0

    def check_waits(self) -> None:
        begin = time.monotonic()
        for code, text in (asked(anna, [OUTSIDE]), incoming_reply(anna)):
            self.assertEqual(code, 451, text)
            self.assertIn("Riprovare piu' tardi. Try again later", text)
        self.assertLess(time.monotonic() - begin, 2 * self.QUICKLY)

    def check_passes(self) -> None:
        self.assertEqual(asked(anna, [OUTSIDE])[0], 354)
        self.assertEqual(incoming_reply(anna)[0], 250)

    def test_killed_and_started_again(self):
        with closing(box.alfa.login(anna)) as connection:
            self.assertEqual(recipient_replies(connection, anna, [OUTSIDE]), [250])
            box.kill_policyd(box.alfa)
            try:
                self.check_waits()
            finally:
                box.start_policyd(box.alfa)
            self.assertEqual(connection.docmd("DATA")[0], 354)
        self.check_passes()

    def test_stopped(self):
        daemon = box.programs.pid(box.alfa.policy_name)
        os.kill(daemon, signal.SIGSTOP)
        try:
            self.check_waits()
        finally:
            os.kill(daemon, signal.SIGCONT)
        self.check_passes()

    def test_what_another_provider_sends_waits_there(self):
        box.kill_policyd(box.alfa)
        try:
            box.beta.submit(dario, [anna], letter(dario, to=[anna], subject="aspetta",
                                                  message_id="<aspetta@client>"))
            wait_until(
                lambda: any("451 4.3.0" in recipient.get("delay_reason", "")
                            for message in box.beta.queue() for recipient in message["recipients"]),
                "beta's queue holds it")
        finally:
            box.start_policyd(box.alfa)
        self.assertEqual(mailboxes.new().kinds()[anna], ["posta-certificata"])


def request(**attributes) -> bytes:
    values = {"request": "smtpd_access_policy", "protocol_state": "DATA", "recipient_count": 1,
              "policy_context": "submission", "sasl_username": anna, "sender": anna, **attributes}
    return "".join(f"{name}={value}\n" for name, value in values.items()).encode() + b"\n"


class Client:
    """Asks pec-policyd directly, as smtpd does."""

    def __init__(self, path: str | None = None):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path or box.alfa.info["policy"])

    def ask(self, text: bytes) -> bytes:
        """Its answer; empty if it hangs up."""
        answer = b""
        try:
            self.socket.sendall(text)
            while not answer.endswith(b"\n\n") and (piece := self.socket.recv(4096)):
                answer += piece
        except (BrokenPipeError, ConnectionResetError):
            pass  # it did not want to hear all of it
        return answer


def ask(text: bytes, path: str | None = None) -> bytes:
    client = Client(path)
    with closing(client.socket):
        return client.ask(text)


class TheLedger(Case):
    @contextmanager
    def broken(self):
        """For us; Postfix's own table doesn't want this column."""
        set_state(anna, "active")
        change("ALTER TABLE mailbox RENAME COLUMN reason TO gone")
        try:
            yield
        finally:
            change("ALTER TABLE mailbox RENAME COLUMN gone TO reason")

    def test_somebody_writes_for_long(self):
        """Questions are answered meanwhile."""
        with closing(sqlite3.connect(box.alfa.info["ledger"], timeout=PATIENCE,
                                     isolation_level=None)) as writer:
            writer.execute("BEGIN EXCLUSIVE")
            try:
                self.assertEqual(asked(anna, [OUTSIDE])[0], 354)
                self.assertEqual(incoming_reply(anna)[0], 250)
            finally:
                writer.execute("ROLLBACK")

    def test_it_fails(self):
        with self.broken():
            for reply in (asked(anna, [OUTSIDE]), incoming_reply(anna)):
                self.assert_bilingual(reply, 451, "4.3.0", "Riprovare piu' tardi", "Try again later")
            self.assertIn("the ledger can't be asked", box.alfa.policy_log())
        self.assertEqual(asked(anna, [OUTSIDE])[0], 354)
        self.assertEqual(incoming_reply(anna)[0], 250)

    def test_without_it_mail_passes_if_the_administrator_says_so(self):
        box.reconfigure(box.alfa, policy={"without_ledger": "pass"})
        self.addCleanup(box.reconfigure, box.alfa, policy={"without_ledger": "wait"})
        with self.broken():
            self.assertEqual(asked(anna, [OUTSIDE])[0], 354)
            # (Through Postfix, the milter would then ask whether the mailbox is closed.)
            self.assertEqual(ask(request(protocol_state="RCPT", policy_context="incoming",
                                         recipient=anna)), b"action=DUNNO\n\n")
        self.assertIn('reason="passed without the ledger"', box.alfa.policy_log())


class Abuse(Case):
    CONNECTIONS = 4000

    def setUp(self):
        self.pid = box.programs.pid(box.alfa.policy_name)
        self.submitted: list[int] = []
        self.ended = threading.Event()
        self.mail = threading.Thread(target=self.go_on_submitting)
        self.mail.start()

    def go_on_submitting(self) -> None:
        while not self.ended.is_set():
            self.submitted.append(asked(anna, [OUTSIDE])[0])

    def tearDown(self):
        self.ended.set()
        self.mail.join()
        self.assertTrue(self.submitted)
        self.assertEqual(set(self.submitted), {354})
        self.assertTrue(Path(f"/proc/{self.pid}/exe").exists(), "the same process is there")

    def descriptors(self, pid: int) -> int:
        return len(os.listdir(f"/proc/{pid}/fd"))

    def half_open(self, path: str | None = None) -> socket.socket:
        client = Client(path).socket
        self.addCleanup(client.close)
        client.sendall(request()[:-20])
        return client

    def test_malformed(self):
        before = self.descriptors(self.pid)
        for wrong in (b"\n\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n\n", b"request=junk\n\n",
                      b"request=smtpd_access_policy\nno equals sign\n\n",
                      request(recipient_count="minus one"), request(recipient_count=10**30),
                      b"\0" * 100_000, b"x" * 10_000_000, request(sender="a" * 1_000_000),
                      b"a=\n" * 30_000 + b"\n", *(20 * [b"junk\n\n"])):
            self.assertEqual(ask(wrong), b"", wrong[:50])
        self.assertEqual(ask(request(helo_name="x" * 60_000)), b"action=DUNNO\n\n")
        self.assertTrue(ask(request(sender="\xff\0'\"; DROP TABLE mailbox; --"))
                        .startswith(b"action="))
        self.assertEqual(ask(request()), b"action=DUNNO\n\n")
        wait_until(lambda: self.descriptors(self.pid) < before + 10, "all are closed")

    def test_thousands_half_open(self):
        kept = [self.half_open() for _ in range(self.CONNECTIONS)]
        count = len(self.submitted)
        wait_until(lambda: len(self.submitted) > count + 2, "mail goes on")
        self.assertLess(self.descriptors(self.pid), self.CONNECTIONS)
        for connection in kept:
            connection.close()
        wait_until(lambda: self.descriptors(self.pid) < 100, "all are closed")

    def test_more_than_files_may_be_open(self):
        config = Path(box.alfa.info["config"])
        other, path = config.with_name("few.toml"), f"{config.parent}/run/few.sock"
        other.write_text(config.read_text().replace(box.alfa.info["policy"], path))
        program = box.alfa.info["policy_command"][0]
        box.programs.start("policyd-few", ["/usr/bin/prlimit", "--nofile=200:200", program,
                                           "--config", other],
                           Path(box.alfa.info["policy_log"]), MILTER_UID)
        self.addCleanup(box.programs.kill, "policyd-few")
        box.programs.wait_for("policyd-few", Path(path))
        for _ in range(300):
            self.half_open(path)
        self.assertEqual(ask(request(), path), b"action=DUNNO\n\n")
        self.assertLessEqual(self.descriptors(box.programs.pid("policyd-few")), 200)


class Holder(Case):
    """Whose mailbox is blocked is told, by the administrator's command."""

    def setUp(self):
        self.folder = box.directory / "notices"
        self.folder.mkdir()
        self.addCleanup(shutil.rmtree, self.folder)
        os.chown(self.folder, MILTER_UID, MILTER_UID)
        self.told = self.folder / "told"
        self.command = self.folder / "notify"
        self.addCleanup(box.reconfigure, box.alfa, policy={"notify_command": ""})
        self.addCleanup(change, "UPDATE mailbox SET state = 'active', told = 0")

    def use(self, script: str) -> None:
        self.command.write_text("#!/bin/sh\n" + script)
        self.command.chmod(0o755)
        box.reconfigure(box.alfa, policy={"notify_command": str(self.command)})

    def is_noted(self) -> bool:
        return box.alfa.query("SELECT told FROM mailbox WHERE address = ?", bruno) == [(1,)]

    def test_is_told_once(self):
        self.use(f'printf "%s\\n" "$#" "$@" >> {self.told}\n')
        set_state(bruno, "blocked", told=0)
        wait_until(self.is_noted, "told")
        set_state(carla, "active")
        change("UPDATE mailbox SET contacts = '+39 055 000' WHERE address = ?", carla)
        set_state(carla, "blocked", told=0)
        wait_until(lambda: carla in self.told.read_text(), "the next one, too")
        lines = self.told.read_text().splitlines()
        self.assertEqual(lines[:2] + lines[3:7], ["4", bruno, "a test", "", "4", carla])
        self.assertEqual(lines[8:], ["a test", "+39 055 000"])
        self.assertRegex(lines[2], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertRegex(box.alfa.status(), r"policy\W+good\W.*listening on unix:")

    def test_is_told_later_if_the_command_fails(self):
        self.use(f"echo again >> {self.told}; exit 3\n")
        set_state(bruno, "blocked", told=0)
        wait_until(lambda: "holders not told that their mailboxes are blocked: 1: " in box.alfa.status(), "alarm")
        self.assertIn(f"{self.command} exited with 3", box.alfa.status())
        self.assertEqual(self.told.read_text(), "again\n")  # not every two seconds
        self.assertFalse(self.is_noted())
        self.use("exit 0\n")
        wait_until(self.is_noted, "told")
        wait_until(lambda: "holders not told" not in box.alfa.status(), "all is well")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (10_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    harness.main()
