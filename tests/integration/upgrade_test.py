#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An upgrade loses and doubles nothing. Two providers of an earlier revision were stopped dead, with mail
in all queues and journals (support/old_state); now the new programs are started on what they left. Every
message ends as it must, and what the old ledger knew is known.
"""

import re
import sqlite3
import time
import unittest
from collections import Counter
from pathlib import Path

from support import harness
from support.box import Box, Provider
from support.clamav import EICAR, literal, write_database
from support.closure import DELIVERY, ENVELOPE, complaints, read_ledger, read_mailbox
from support.folders import temporary_folder
from support.notices import certified_time
from support.old_state.restore import RestoredSandbox, aged, stored_journal, stored_ledger
from support.paths import BUILD_DIR
from support.pec_mail import certified, wait_until_quiet
from support.pec_message import PecMessage
from support.postgresql import Postgresql, programs

ANNA, BRUNO, CARLA = (f"{user}@pec.alfa.example" for user in ("anna", "bruno", "carla"))
DARIO, ELENA, FABIO = (f"{user}@pec.beta.example" for user in ("dario", "elena", "fabio"))
GIULIA = "giulia@pec.gamma.example"
DELIVERED, FAILED, TIMED_OUT = "delivered_at", "failed_at", "timed_out_at"
# How each message that the old programs accepted must end, by subject. What it was waiting for is told
# in old_state/README.md.
ENDS = {
    "finita": {DARIO: DELIVERED, BRUNO: DELIVERED},
    "risposta": {ANNA: DELIVERED},
    "fallita": {"nessuno@pec.beta.example": FAILED},
    "infetta": {DARIO: FAILED},
    "scaduta": {GIULIA: TIMED_OUT},
    "preavvisata": {GIULIA: TIMED_OUT},
    "muta": {GIULIA: TIMED_OUT},
    "senza accettazione": {DARIO: DELIVERED},
    "torna": {DARIO: DELIVERED, BRUNO: DELIVERED},
    "due fallite": {"nessuno@pec.beta.example": FAILED, "niente@pec.beta.example": FAILED},
    "infetta per dario": {DARIO: FAILED},
    "infetta per elena": {ELENA: FAILED},
    "ricevute in attesa": {ELENA: DELIVERED},
    "salvata a beta": {FABIO: DELIVERED},
    "pendente a beta": {ELENA: DELIVERED},
    "per strada": {DARIO: DELIVERED, ELENA: DELIVERED},
    "tutto in attesa": {DARIO: DELIVERED, BRUNO: DELIVERED},
    "rimbalzo": {"nessuno@pec.alfa.example": FAILED, FABIO: DELIVERED},
    "pendente": {CARLA: DELIVERED},
    "mai scritta": {BRUNO: DELIVERED},
    "appena spedita": {DARIO: DELIVERED, BRUNO: DELIVERED},
    "appena spedita da beta": {ANNA: DELIVERED, ELENA: DELIVERED},
}
SAVED = {("salvata a beta", FABIO), ("tutto in attesa", BRUNO)}
LINE = ("pec_id, kind, direction, recipient, at, msgid, sender, reply_to, subject, provider, "
        "generated_id, error, detail")


def rows_of(ledger: sqlite3.Connection, sql: str) -> list[tuple]:
    return ledger.execute(sql).fetchall()


class Upgrade(harness.Case):
    server: Postgresql | None = None

    @classmethod
    def setUpClass(cls):
        folder = temporary_folder(cls.addClassCleanup)
        folder.chmod(0o755)
        cls.bring_server(folder)
        cls.now = int(time.time())
        sandbox = RestoredSandbox(folder / "box", cls.now, cls.server)
        sandbox.up(BUILD_DIR)
        cls.addClassCleanup(sandbox.down)  # they are its children; it knows nothing of who came later
        harness.Case.box = cls.box = Box(folder / "box")
        cls.addClassCleanup(cls.box.down)
        cls.old = {}
        for provider in (cls.box.alfa, cls.box.beta):
            key = provider.domain.split(".")[1]
            cls.old[key] = sqlite3.connect(":memory:")
            cls.addClassCleanup(cls.old[key].close)
            cls.old[key].executescript(stored_ledger(key))
            cls.ask(provider, key)
        cls.before = {address: stored_ids(folder / "box" / "state", address)
                      for provider in (cls.box.alfa, cls.box.beta) for address in provider.passwords}
        try:
            cls.let_all_end()
        except AssertionError:
            cls.box.print_logs()
            raise

    @classmethod
    def bring_server(cls, folder: Path) -> None:
        """Where the ledgers are: files, if no server is brought."""

    @classmethod
    def ask(cls, provider: Provider, key: str) -> None:
        """Has `provider.query` read its ledger, wherever that is."""

    @classmethod
    def let_all_end(cls) -> None:
        """What the queues hold goes its way; then what operators and timers do anyway."""
        box = cls.box
        folder = Path(box.beta.info["config"]).parent
        write_database(folder / "clamav", "test.ndb", [literal("Test.Eicar", EICAR)])
        box.reconfigure(box.beta, antivirus={"engine": "scanner"})
        wait_until_quiet(box)
        cls.incidents = {provider.domain: provider.query(
            "SELECT what, pec_id, recipient FROM incident WHERE resolved_at IS NULL ORDER BY 1, 2, 3")
            for provider in (box.alfa, box.beta)}
        for _, pec_id, _ in cls.incidents[box.alfa.domain]:
            box.alfa.pecctl("receipts", "reissue", pec_id)
        box.alfa.pecctl_at("+25h", "timeouts")
        box.alfa.pecctl_at("+25h", "timeouts")
        wait_until_quiet(box)
        cls.mail = {}
        for provider in (box.alfa, box.beta):
            for address in provider.passwords:
                with provider.mailbox(address) as mailbox:
                    cls.mail[address] = mailbox.all()

    # ---- what is asked -----------------------------------------------------------------------------

    def test_every_message_has_ended_once(self):
        """[8.5 of the rules] seen from outside: by what lies in the mailboxes and stands in the ledgers"""
        users = {*self.box.alfa.users, *self.box.beta.users}
        seen = [each for user in sorted(users)
                for each in read_mailbox(user, [raw for raw in self.mail[user]
                                                if PecMessage(raw).kind != "errore"], self.box.ca_file)]
        books = read_ledger(self.box.alfa) + read_ledger(self.box.beta)
        self.assertEqual(complaints(seen, books, users), [])

    def test_each_has_the_end_that_is_true(self):
        found = {}
        for provider in (self.box.alfa, self.box.beta):
            for subject, recipient, *times in provider.query(
                    "SELECT DISTINCT subject, dispatch.recipient, delivered_at, failed_at, timed_out_at "
                    "FROM dispatch JOIN message_log ON message_log.pec_id = dispatch.pec_id"):
                ends = [name for name, at in zip((DELIVERED, FAILED, TIMED_OUT), times) if at is not None]
                found.setdefault(subject, {})[recipient] = ends[0] if len(ends) == 1 else ends
        self.assertEqual(found, ENDS)

    def test_who_has_a_delivery_has_the_message_and_one_take_charge(self):
        envelopes = Counter((PecMessage(raw).header("Subject"), user) for user, mail in self.mail.items()
                            for raw in mail if PecMessage(raw).kind == ENVELOPE)
        taken = Counter()
        for provider in (self.box.alfa, self.box.beta):
            for raw in self.mail[provider.service_mailbox]:
                message = PecMessage(raw)
                if message.kind == "presa-in-carico":
                    taken.update((certified(message).findtext("intestazione/oggetto"), node.text)
                                 for node in certified(message).iterfind("dati/ricezione"))
        delivered = Counter((subject, recipient) for subject, ends in ENDS.items()
                            for recipient, end in ends.items() if end == DELIVERED)
        self.assertEqual(envelopes, Counter({(f"POSTA CERTIFICATA: {subject}", user): count
                                             for (subject, user), count in delivered.items()}))
        # alfa takes charge of what its own users send to it before it knows that there is no such mailbox.
        taken_only = Counter([("rimbalzo", "nessuno@pec.alfa.example")])
        self.assertEqual(taken, delivered + taken_only)

    def test_no_mailbox_lost_anything_or_has_it_twice(self):
        for address, mail in self.mail.items():
            ids = Counter(PecMessage(raw).message_id for raw in mail)
            self.assertEqual(self.before[address] - ids, Counter(), address)
            self.assertEqual([each for each, count in ids.items() if count > 1], [], address)
        anomalies = [raw for raw in self.mail[ELENA] if PecMessage(raw).kind == "errore"]
        self.assertEqual([PecMessage(raw).header("Subject") for raw in anomalies],
                         ["ANOMALIA MESSAGGIO: anomala"])

    def test_what_was_done_has_come_again(self):
        """else nothing of the above says anything about it"""
        [(pec_id,)] = set(self.box.alfa.query(
            "SELECT pec_id FROM message_log WHERE subject = 'torna' AND kind = 'accettazione'"))
        for provider, role, reason in ((self.box.alfa, "receipts", "accettazione"),
                                       (self.box.alfa, "incoming", "received avvenuta-consegna"),
                                       (self.box.alfa, "incoming", "received presa-in-carico"),
                                       (self.box.beta, "incoming", "envelope"),
                                       (self.box.beta, "receipts", "presa-in-carico")):
            self.assertRegex(provider.milter_log(),
                             rf'role={role} .*pecid=<{re.escape(pec_id)}>.*reason="{reason}')

    def test_a_saved_message_has_its_receipt_with_the_time_in_the_journal(self):
        receipts = {(certified(message).findtext("intestazione/oggetto"),
                     certified(message).findtext("dati/consegna")): message
                    for message in map(PecMessage, self.mail[ANNA]) if message.kind == DELIVERY}
        for subject, recipient in SAVED:
            [saved] = owed(aged(stored_journal(recipient), self.now))
            self.assertEqual(int(certified_time(receipts[subject, recipient]).timestamp()), saved)

    def test_the_log_has_all_its_lines(self):
        for provider in (self.box.alfa, self.box.beta):
            old = self.old[provider.domain.split(".")[1]]
            before = set(rows_of(old, f"SELECT {LINE} FROM event"))
            after = set(provider.query(f"SELECT {LINE} FROM message_log"))
            self.assertEqual(before - after, set())
            self.assertTrue(before)
            listed = {(pec_id, kind, tuple(recipients.split("\n"))) for pec_id, kind, recipients
                      in rows_of(old, "SELECT pec_id, kind, recipients FROM event")}
            self.assertEqual(listed, {(pec_id, kind, recipients_in(provider, pec_id, kind))
                                      for pec_id, kind, _ in listed})

    def test_what_was_issued_keeps_its_identity(self):
        for provider in (self.box.alfa, self.box.beta):
            old = self.old[provider.domain.split(".")[1]]
            issued = rows_of(old, "SELECT pec_id, kind, message_id, at FROM receipt")
            known = set(provider.query("SELECT pec_id, kind, generated_id, at FROM message_log "
                                       "WHERE direction = 'issued'"))
            self.assertEqual(set(issued) - known, set())
            self.assertTrue(issued)

    def test_dispatches_and_incidents_stay(self):
        for provider in (self.box.alfa, self.box.beta):
            old = self.old[provider.domain.split(".")[1]]
            columns = ("pec_id, recipient, accepted_at, taken_in_charge_at, delivered_at, failed_at, "
                       "warned_at, timed_out_at")
            after = {row[:2]: row[2:] for row in provider.query(f"SELECT {columns} FROM dispatch")}
            for row in rows_of(old, f"SELECT {columns} FROM dispatch"):
                for before, now in zip(row[2:], after[row[:2]]):
                    self.assertIn(before, (None, now), row)
            self.assertEqual(self.incidents[provider.domain], rows_of(
                old, "SELECT what, pec_id, recipient FROM incident WHERE resolved_at IS NULL"))
            self.assertEqual(provider.query("SELECT what, pec_id, recipient FROM incident WHERE "
                                            "resolved_at IS NULL"), [])
        self.assertEqual(len(self.incidents[self.box.alfa.domain]), 1)

    def test_mailboxes_and_domains_stay(self):
        found = 0
        for provider in (self.box.alfa, self.box.beta):
            old = self.old[provider.domain.split(".")[1]]
            for table in ("mailbox", "mailbox_event", "domain"):
                columns = [name for _, name, *_ in rows_of(old, f"PRAGMA table_info({table})")
                           if name != "told"]  # pec-policyd has told that one was blocked
                sql = f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1, 2, 3"
                self.assertEqual(provider.query(sql), rows_of(old, sql), table)
                found += len(rows_of(old, sql))
        self.assertGreaterEqual(found, 5)


class UpgradeOnPostgresql(Upgrade):
    @classmethod
    def bring_server(cls, folder: Path) -> None:
        if programs() is None:
            raise unittest.SkipTest("PostgreSQL is not installed")
        cls.server = Postgresql(folder / "postgresql")
        cls.addClassCleanup(cls.server.end)

    @classmethod
    def ask(cls, provider: Provider, key: str) -> None:
        provider.query = lambda sql, *values: cls.server.rows(key, sql, *values)


def recipients_in(provider: Provider, pec_id: str, kind: str) -> tuple[str, ...]:
    """Of the message that the log's lines of this kind are about, as the old ledger wrote them."""
    return tuple(f"{'certificato' if certified_one else 'esterno'} {address}"
                 for address, certified_one, _ in provider.query(
                     "SELECT DISTINCT address, certified, position FROM party JOIN message_log ON "
                     "party.message = message_log.message WHERE position > 0 AND pec_id = ? AND kind = ? "
                     "ORDER BY position", pec_id, kind))


def owed(journal: str) -> list[int]:
    """The times of what was saved and is not done."""
    last = {line.split()[1]: line.split()[2:4] for line in journal.splitlines()[1:]}
    return [int(at) for state, at in last.values() if state == "saved"]


def stored_ids(state: Path, address: str) -> Counter:
    """The Message-IDs of what lies in a mailbox, by its files."""
    found = Counter()
    for file in state.glob(f"*/homes/{address}/sdbox/mailboxes/INBOX/dbox-Mails/u.*"):
        [known] = re.findall(rb"(?mi)^message-id:\s*(<[^>]+>)",
                             re.split(rb"\r?\n\r?\n", file.read_bytes())[0])
        found[known.decode()] += 1
    return found


if __name__ == "__main__":
    harness.main()
