# SPDX-License-Identifier: GPL-2.0-or-later
"""What a message is rests on what is under its signature: whoever has a genuine one may send it again,
as often as he likes, with another outside or in other words, and nothing comes of it. Nor does what he
writes outside make another message vanish. Judged by IMAP, openssl and the ledgers.

PEC_FLOOD says how many copies a flood has (500, if nobody does).
"""

import base64
import hashlib
import hmac
import os
import re
import signal
import smtplib
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

from support import harness
from support.box import Provider
from support.foreign_provider import ORIGINAL, PREFIXES, SENDER, ForeignProvider, data_part
from support.notices import certified_time, ends, incidents, pec_id_of
from support.pec_mail import ORDINARY, all_mailboxes, check_signature, header_lines, letter, plain_text
from support.pec_message import PecMessage
from support.people import anna, dario, elena
from support.processes import stat_of
from support.replays import altered, as_sent, field, framed_again, look_alikes
from support.waiting import wait_until

OUTSIDE = "gianni@ordinaria.example"
CERTIFIED, ACCEPTED, TAKEN, DELIVERED = ("posta-certificata", "accettazione", "presa-in-carico",
                                         "avvenuta-consegna")
OTHER_CONTENT = "un altro messaggio con lo stesso identificativo è già stato ricevuto"
FLOOD = int(os.environ.get("PEC_FLOOD", "500"))
AT_ONCE = 8  # connections
LEDGER_GROWTH = 64 * 1024  # octets that a flood may cost


def setUpModule():
    global box, mailboxes, gamma, service
    box = harness.sandbox()
    service = box.alfa.service_mailbox
    gamma = ForeignProvider(box)
    mailboxes = all_mailboxes(box)


# ---- what an attacker has in hand ----------------------------------------------------------------


@dataclass
class Sent:
    """A message of Anna's, with all that came of it."""

    pec_id: str
    envelope: PecMessage
    acceptance: PecMessage
    taken: PecMessage
    delivered: PecMessage

    def outside(self):
        """For each what it is, the bytes, and where somebody who has them would send them."""
        yield CERTIFIED, as_sent(self.envelope.raw), box.beta, dario
        yield DELIVERED, as_sent(self.delivered.raw), box.alfa, anna
        yield TAKEN, as_sent(self.taken.raw), box.alfa, service
        yield ACCEPTED, as_sent(self.acceptance.raw), box.alfa, anna


def send(subject: str) -> Sent:
    box.alfa.submit(anna, [dario], letter(anna, to=[dario], subject=subject,
                                          message_id=f"<{subject.replace(' ', '-')}@client>"))
    came = mailboxes.new()
    [envelope], [acceptance] = came.of_kind(CERTIFIED, dario), came.of_kind(ACCEPTED, anna)
    [taken], [delivered] = came.of_kind(TAKEN, service), came.of_kind(DELIVERED, anna)
    return Sent(pec_id_of(envelope), envelope, acceptance, taken, delivered)


def bring(to: Provider, recipient: str, message: bytes) -> None:
    gamma.deliver(to, [recipient], message, sender=OUTSIDE)


def forget_deliveries(*of: Provider) -> None:
    """What the delivery journals of its mailboxes knew."""
    for provider in of:
        homes = Path(provider.info["dovecot_config"]).parent / "homes"
        for file in homes.glob("*/pec-delivery-journal.[0-9]*"):
            file.unlink()


# ---- what the ledgers say -------------------------------------------------------------------------


def log_of(pec_id: str) -> list[tuple]:
    """All lines about a message, at both providers; but that a receipt came again under another Message-ID,
    which has a line of its own (incoming_test.py, InTheLog), says nothing new."""
    return [(provider.domain, *row) for provider in (box.alfa, box.beta) for row in provider.query(
        "SELECT direction, kind, recipient, generated_id, at FROM message_log WHERE pec_id = ?"
        " AND generated_id NOT IN (SELECT again.generated_id FROM event_again AS again JOIN message"
        " ON message.id = again.message WHERE message.pec_id = message_log.pec_id)"
        " ORDER BY 1, 2, 3, 4", pec_id)]


def count_of(provider: Provider, name: str) -> int:
    """As `pecctl status` shows it: what was counted up to the milter's last end."""
    found = re.search(rf" count: (\d+) {name}$", provider.status(), re.MULTILINE)
    return int(found[1]) if found else 0


def size_of(provider: Provider) -> int:
    [(pages,)], [(size,)] = provider.query("PRAGMA page_count"), provider.query("PRAGMA page_size")
    return pages * size


def warnings_in(log: str) -> list[str]:
    return [line for line in log.splitlines() if "[warning]" in line]


class Identity(harness.Case):
    def assert_nothing_came(self, sent: Sent, before: list[tuple]) -> None:
        self.assertEqual(mailboxes.new().kinds(), {})
        self.assertEqual(log_of(sent.pec_id), before)
        for provider in (box.alfa, box.beta):
            self.assertEqual(incidents(provider, sent.pec_id), [])

    def assert_one_more_copy_at_most(self, sent: Sent, name: str, recipient: str,
                                     before: list[tuple]) -> None:
        """An envelope that the log knows for long comes no more. A receipt may have failed at a full
        mailbox, and be sent again weeks later: where no journal knows it any more, it is stored, and that
        is all that follows."""
        self.assertEqual(mailboxes.new().kinds(), {} if name == CERTIFIED else {recipient: [name]})
        self.assertEqual(log_of(sent.pec_id), before)
        for provider in (box.alfa, box.beta):
            self.assertEqual(incidents(provider, sent.pec_id), [])


class Replays(Identity):
    """Of an envelope and of each receipt, from outside, by somebody who has no key."""

    def test_at_once(self):
        sent = send("Subito")
        before = log_of(sent.pec_id)
        for name, message, provider, recipient in sent.outside():
            for how, replay in look_alikes(message, name):
                with self.subTest(name, how=how):
                    bring(provider, recipient, replay)
                    self.assert_nothing_came(sent, before)

    def test_with_something_else_shown(self):
        """An envelope that is stored comes no more. Anything else comes once, in an anomaly envelope."""
        sent = send("Mostrato altro")
        before = log_of(sent.pec_id)
        for name, message, provider, recipient in sent.outside():
            first = name != CERTIFIED
            at = provider.operators if recipient == service else recipient
            for what, replay in altered(message, name):
                with self.subTest(name, changed=what):
                    bring(provider, recipient, replay)
                    came = mailboxes.new()
                    self.assertEqual(came.kinds(), {at: ["errore"]} if first else {})
                    if first:
                        self.assertTrue(came.by_address[at][0].postacert() == replay)
                    self.assertEqual(log_of(sent.pec_id), before)
                    first = False

    def test_when_the_journal_has_forgotten(self):
        """Within the week a mailbox may then have it twice, since the ledger's word is not enough; the
        receipts are the same ones. After it, the ledger's word holds for envelopes."""
        sent = send("Dimenticato")
        before = log_of(sent.pec_id)
        forget_deliveries(box.beta)
        envelope = as_sent(sent.envelope.raw)
        bring(box.beta, dario, envelope)
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {dario: [CERTIFIED]})
        self.assertEqual(as_sent(came.by_address[dario][0].raw), envelope)
        self.assertEqual(log_of(sent.pec_id), before)
        with box.milter_clock(box.beta, "+8d"), box.milter_clock(box.alfa, "+8d"):
            for name, message, provider, recipient in sent.outside():
                for how, replay in look_alikes(message, name):
                    with self.subTest(name, how=how):
                        forget_deliveries(box.alfa, box.beta)
                        bring(provider, recipient, replay)
                        self.assert_one_more_copy_at_most(sent, name, recipient, before)

    def test_after_forty_days(self):
        sent = send("Quaranta giorni")
        before = log_of(sent.pec_id)
        with box.milter_clock(box.beta, "+40d"), box.milter_clock(box.alfa, "+40d"):
            envelopes = count_of(box.beta, "duplicate envelope")
            receipts = count_of(box.alfa, "duplicate receipt")
            forget_deliveries(box.alfa, box.beta)
            for name, message, provider, recipient in sent.outside():
                with self.subTest(name):
                    bring(provider, recipient, message)
                    self.assert_one_more_copy_at_most(sent, name, recipient, before)
                    bring(provider, recipient, message)
                    self.assert_nothing_came(sent, before)
        self.assertEqual(count_of(box.beta, "duplicate envelope") - envelopes, 2)
        self.assertEqual(count_of(box.alfa, "duplicate receipt") - receipts, 6)


class Poison(Identity):
    """A Message-ID is anybody's to write: it makes nothing of another's vanish."""

    def gammas(self) -> tuple[str, bytes]:
        envelope = gamma.envelope([elena], to=elena)
        return PecMessage(envelope).message_id, envelope

    def check_both(self, name: str, make) -> None:
        for first in ("before", "after"):
            message_id, envelope = self.gammas()
            poison, kind = make(message_id.encode())
            with self.subTest(name, poison=first):
                came = []
                for message in ((poison, envelope) if first == "before" else (envelope, poison)):
                    bring(box.beta, elena, message)
                    came += mailboxes.new(ordinary=2 * (message == envelope)).by_address[elena]
                self.assertEqual(sorted(each.kind for each in came), sorted([kind, CERTIFIED]))
                [found] = [each for each in came if each.kind == CERTIFIED]
                self.assertTrue(found.raw.endswith(envelope))
                self.assertEqual(incidents(box.beta, message_id.strip("<>")), [])

    def test_a_receipt(self):
        """Genuine, of a message of Dario's, and each time one that Elena does not have."""
        def make(message_id: bytes):
            box.beta.submit(dario, [anna], letter(dario, to=[anna], subject="Ricevuta"))
            [receipt] = mailboxes.new().of_kind(DELIVERED, at=dario)
            return field(as_sent(receipt.raw), b"Message-ID", message_id), DELIVERED

        self.check_both("receipt", make)

    def test_ordinary_mail(self):
        self.check_both("anomaly", lambda message_id: (
            letter(OUTSIDE, to=[elena], subject="Altro", message_id=message_id.decode()), "errore"))

    def test_an_envelope_that_waits(self):
        """In alfa's queue, because beta's milter is away: the receipt comes while it is on its way."""
        old = send("Vecchia")
        box.kill_milter(box.beta)
        try:
            box.alfa.submit(anna, [elena], letter(anna, to=[elena], subject="In viaggio"))
            [acceptance] = box.alfa.wait_for(anna, 1, containing=b"Subject: ACCETTAZIONE: In viaggio")
            waiting = pec_id_of(PecMessage(acceptance))
            poison = field(as_sent(old.delivered.raw), b"Message-ID", f"<{waiting}>".encode())
            bring(box.alfa, anna, poison)
        finally:
            box.start_milter(box.beta)
        bring(box.beta, elena, letter(OUTSIDE, to=[elena], subject="x", message_id=f"<{waiting}>"))
        box.alfa.flush()
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {elena: ["errore", CERTIFIED], service: [TAKEN],
                                        anna: [ACCEPTED, DELIVERED]})
        self.assertEqual(came.of_kind(CERTIFIED, elena)[0].message_id, f"<{waiting}>")


# ---- what only a provider can do ------------------------------------------------------------------


def said_again(receipt: PecMessage, subject: str, later: int = 0) -> bytes:
    """Beta's receipt in other words, by its own key: as a newer program would make it. `later`: by so
    many minutes is its certified time another one."""
    at = certified_time(receipt)
    xml = receipt.data().replace(b"<oggetto>", b"<oggetto>" + subject.encode() + b" ")
    if later:
        moved = at + timedelta(minutes=later)
        xml = xml.replace(f"{at:%H:%M:%S}".encode(), f"{moved:%H:%M:%S}".encode())
        xml = xml.replace(f"{at:%d/%m/%Y}".encode(), f"{moved:%d/%m/%Y}".encode())
        at = moved
    shown = xml.partition(b"<oggetto>")[2].partition(b"<")[0].decode()
    content = (b'Content-Type: multipart/mixed; boundary="dentro"\r\n\r\n--dentro\r\n'
               b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nIn altre parole.\r\n\r\n--dentro\r\n"
               + data_part(xml) + b"\r\n--dentro--\r\n")
    fields = b"".join(line for name in ("X-Riferimento-Message-ID", "X-TipoRicevuta")
                      for line in header_lines(receipt.raw, name))
    header = (f"From: {receipt.header('From')}\r\nTo: {receipt.header('To')}\r\n"
              f"Subject: {PREFIXES[receipt.kind]}: {shown}\r\nMessage-ID: <{time.time_ns()}@x.example>\r\n"
              f"Date: {format_datetime(at)}\r\nX-Ricevuta: {receipt.kind}\r\n").encode()
    key = str(box.ca_file.with_name("beta-signing"))
    return header + fields + gamma.signed(content, gamma.sign(content, key))


class OtherWords(Identity):
    def test_the_same_receipt(self):
        sent = send("Con altre parole")
        before = log_of(sent.pec_id)
        for receipt, to in ((sent.delivered, anna), (sent.taken, service)):
            with self.subTest(receipt.kind):
                again = said_again(receipt, "Nuova stesura:")
                self.assertEqual(check_signature(PecMessage(again), box.ca_file),
                                 f"posta-certificata@{box.beta.domain}")
                bring(box.alfa, to, again)
                self.assert_nothing_came(sent, before)

    def test_another_time_is_another_receipt(self):
        """So it is the time that makes the difference, and the message above was one that arrives."""
        sent = send("A un'altra ora")
        bring(box.alfa, anna, said_again(sent.delivered, "Un'altra:", later=2))
        self.assertEqual(mailboxes.new().kinds(), {anna: [DELIVERED]})
        self.assertEqual(ends(box.alfa, sent.acceptance), {dario: "delivered_at"})


class OtherContent(Identity):
    """Two messages of one PEC msgid, for one recipient, by one signer."""

    def pair(self) -> tuple[str, list[bytes]]:
        pec_id = gamma.new_id()
        made = []
        for text in (b"Ciao.", b"Addio."):
            content = gamma.mixed(gamma.xml(CERTIFIED, pec_id, [dario]),
                                  ORIGINAL.replace(b"Ciao.", text) % pec_id.encode())
            made.append(gamma.header(f"X-Trasporto: {CERTIFIED}", pec_id)
                        + gamma.signed(content, gamma.sign(content)))
        return pec_id, made

    def test_the_first_one_stays(self):
        pec_id, (first, second) = self.pair()
        gamma.deliver(box.beta, [dario], first)
        self.assertEqual(mailboxes.new(ordinary=2).kinds(),
                         {dario: [CERTIFIED], ORDINARY: [DELIVERED, TAKEN]})
        before = log_of(pec_id)
        known = box.beta.milter_log()
        gamma.deliver(box.beta, [dario], second)
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {dario: ["errore"]})
        [anomaly] = came.by_address[dario]
        self.assertEqual(check_signature(anomaly, box.ca_file), f"posta-certificata@{box.beta.domain}")
        self.assertTrue(anomaly.postacert() == second)
        self.assertIn(OTHER_CONTENT, " ".join(plain_text(anomaly).split()))
        self.assertEqual(log_of(pec_id), before)
        self.assertEqual(incidents(box.beta, pec_id), [("other content", dario)])
        self.assertIn(f"other content  {pec_id}  {dario}", box.beta.pecctl("incidents"))
        gamma.deliver(box.beta, [dario], first)
        gamma.deliver(box.beta, [dario], second)
        self.assertNotIn(ORDINARY, mailboxes.new().kinds())
        self.assertEqual(log_of(pec_id), before)
        self.assertEqual(incidents(box.beta, pec_id), [("other content", dario)])
        new = box.beta.milter_log()[len(known):]
        self.assertEqual(len([line for line in warnings_in(new) if pec_id in line]), 1, new)

    def test_while_the_first_one_waits_for_its_receipts(self):
        """Neither is known when both come in. Evidence is made of one, whichever is first."""
        pec_id, (first, second) = self.pair()
        with receipts_wait(box.beta):
            gamma.deliver(box.beta, [dario], first)
            wait_until(lambda: len(box.beta.queue()) == 1, "it waits")
            gamma.deliver(box.beta, [dario], second)
            wait_until(lambda: len(box.beta.queue()) == 2, "both wait")
        came = mailboxes.new(ordinary=2)
        receipts = came.by_address[ORDINARY]
        self.assertEqual(sorted(each.kind for each in receipts), [DELIVERED, TAKEN])
        self.assertEqual(incidents(box.beta, pec_id), [("other content", dario)])


class InParts(Identity):
    """A replay to one of several recipients, while nobody knows of the true one yet."""

    def test_each_recipient_is_told_once_and_each_receipt_is_one(self):
        envelope = gamma.envelope([dario, elena])
        with receipts_wait(box.beta):
            for n, recipients in enumerate(([dario], [dario, elena], [elena], [dario, elena]), 1):
                gamma.deliver(box.beta, recipients, envelope)
                wait_until(lambda n=n: len(box.beta.queue()) == n, "they wait")
        came = mailboxes.new(ordinary=4)
        receipts = came.of_kind(TAKEN, ORDINARY)
        said = {}  # by whom a receipt speaks of: Postfix may make two attempts of one
        for receipt in receipts:
            speaks_of = frozenset(each.text for each in receipt.certification().iter("ricezione"))
            self.assertEqual(said.setdefault(receipt.message_id, speaks_of), speaks_of)
        told = [recipient for speaks_of in said.values() for recipient in speaks_of]
        self.assertEqual(sorted(told), sorted([dario, elena]))
        pec_id = pec_id_of(came.of_kind(CERTIFIED, dario)[0])
        logged = {(row[3], f"<{row[4]}>") for row in log_of(pec_id) if row[2] == TAKEN}
        self.assertEqual(logged, {(recipient, message_id) for message_id, speaks_of in said.items()
                                  for recipient in speaks_of})
        self.assertEqual(incidents(box.beta, pec_id), [])


@contextmanager
def receipts_wait(provider: Provider):
    """What is for the receipts service stays in Postfix's queue meanwhile, or at Dovecot's door."""
    set_option(provider, "defer_transports=pecmany pecone")
    try:
        yield
    finally:
        set_option(provider, "defer_transports=")
        provider.flush()


def set_option(provider: Provider, option: str) -> None:
    """Of main.cf."""
    subprocess.run(["/usr/sbin/postconf", "-c", provider.info["postfix_config"], "-e", option],
                   check=True)
    provider.reload_postfix()


# ---- thousands --------------------------------------------------------------------------------------


class Floods(Identity):
    """Over several connections at once, many messages in each."""

    def flood(self, provider: Provider, recipient: str, copies) -> None:
        """`copies`: a function that makes the n-th one."""
        def pour(connection_number: int) -> None:
            with provider.connect("mx") as connection:
                for number in range(connection_number, FLOOD, AT_ONCE):
                    connection.sendmail(OUTSIDE, [recipient], copies(number))

        began = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done in [pool.submit(pour, number) for number in range(AT_ONCE)]:
                done.result()
        seconds = time.monotonic() - began
        print(f"{FLOOD} copies in {seconds:.1f} s, {FLOOD / seconds:.0f} each second")

    def check_flood(self, sent: Sent, provider: Provider, recipient: str, counted: str,
                    copies) -> None:
        """Each is counted, and nothing else comes of any."""
        box.stop_milter(provider)  # so that what was counted before is in the ledger
        box.start_milter(provider)
        before, size = log_of(sent.pec_id), size_of(provider)
        known, count = len(provider.milter_log()), count_of(provider, counted)
        self.flood(provider, recipient, copies)
        self.assert_nothing_came(sent, before)
        box.stop_milter(provider)
        box.start_milter(provider)
        self.assertEqual(count_of(provider, counted) - count, FLOOD)
        self.assertLess(size_of(provider) - size, LEDGER_GROWTH)
        warnings = [line for line in warnings_in(provider.milter_log()[known:])
                    if "files may be open" not in line]  # pec-milter's own, when it starts where few may be
        numbers = [line for line in warnings if "alert: " in line]  # how many were not told
        self.assertLessEqual(len(warnings) - len(numbers), 1, warnings)
        self.assertLessEqual(len(numbers), 1, warnings)

    def test_of_an_envelope(self):
        sent = send("Piena di buste")
        envelope = as_sent(sent.envelope.raw)
        self.check_flood(sent, box.beta, dario, "duplicate envelope", lambda _: envelope)

    def test_of_a_receipt(self):
        sent = send("Piena di ricevute")
        receipt = as_sent(sent.delivered.raw)
        self.check_flood(sent, box.alfa, anna, "duplicate receipt", lambda _: receipt)

    def test_of_a_receipt_with_another_outside_each_time(self):
        sent = send("Piena di ricevute diverse")
        receipt = as_sent(sent.delivered.raw)
        self.check_flood(sent, box.alfa, anna, "duplicate receipt", lambda number: framed_again(
            field(receipt, b"Message-ID", b"<%d@client.example>" % number), b"confine-%d" % number))

    def test_with_another_subject_each_time(self):
        """One anomaly envelope comes of it, whatever provider's message it is."""
        sent = send("Piena di oggetti")
        receipt, unknown = as_sent(sent.delivered.raw), gamma.envelope([elena], to=elena)
        for message, provider, recipient in ((receipt, box.alfa, anna), (unknown, box.beta, elena)):
            with self.subTest(recipient):
                def copy(number: int) -> bytes:
                    return field(message, b"Subject", b"Altro %d" % number)

                bring(provider, recipient, copy(FLOOD))
                self.assertEqual(mailboxes.new().kinds(), {recipient: ["errore"]})
                self.check_flood(sent, provider, recipient, "duplicate anomaly", copy)


# ---- known means stored ------------------------------------------------------------------------------


def processes_of(provider: Provider, program: str) -> list[int]:
    """Of this provider's Postfix."""
    leader = box.programs.pid(f"postfix-{provider.domain.split('.')[1]}")
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        stat = stat_of(int(entry))
        if stat and stat.session == leader and stat.state not in "ZX":
            name = Path(f"/proc/{entry}/comm")
            if name.exists() and name.read_text().strip() == program:
                found.append(int(entry))
    return found


class KnownMeansStored(Identity):
    """The mail server dies after a role has written what it saw: who sent it comes again, and is heard."""

    def receipt_of_gamma(self) -> tuple[str, bytes]:
        box.alfa.submit(anna, [SENDER], letter(anna, to=[SENDER], subject="A gamma"))
        [envelope] = mailboxes.new(ordinary=1).by_address[ORDINARY]
        pec_id = envelope.message_id.strip("<>")
        return pec_id, gamma.receipt(DELIVERED, pec_id, [SENDER], sender=anna, receipt="completa",
                                     facts=f"<consegna>{SENDER}</consegna>")

    def test_cleanup_dies_between_the_ledger_and_the_commit(self):
        pec_id, receipt = self.receipt_of_gamma()
        set_option(box.alfa, "service_throttle_time=1s")  # of a service that died; a minute else

        def is_logged() -> bool:
            return bool(box.alfa.query("SELECT 1 FROM message_log WHERE pec_id = ? AND kind = ?",
                                       pec_id, DELIVERED))

        with ThreadPoolExecutor(1) as pool:
            with ledger_locked(box.alfa):
                asleep = self.sleepers()
                sending = pool.submit(self.answer, receipt)
                wait_until(lambda: self.sleepers() > asleep, "the milter waits for its ledger")
                stopped = processes_of(box.alfa, "cleanup")
                for pid in stopped:
                    os.kill(pid, signal.SIGSTOP)
            wait_until(is_logged, "the ledger has it")
            for pid in stopped:
                os.kill(pid, signal.SIGKILL)
            self.assertNotEqual(sending.result(), 250)
        self.assertEqual(mailboxes.new().kinds(), {})
        wait_until(lambda: self.answer(receipt) == 250, "the mail server takes it")
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {anna: [DELIVERED]})
        self.assertTrue(came.by_address[anna][0].raw.endswith(receipt))

    @staticmethod
    def sleepers() -> int:
        """Threads of the milter that sleep, which is how SQLite waits for a lock."""
        tasks = Path(f"/proc/{box.programs.pid(box.alfa.milter_name)}/task")
        return sum("nanosleep" in (task / "wchan").read_text() for task in tasks.iterdir())

    @staticmethod
    def answer(message: bytes) -> int | None:
        """None: the connection ended instead."""
        try:
            bring(box.alfa, anna, message)
            return 250
        except smtplib.SMTPResponseException as refused:
            return refused.smtp_code
        except (smtplib.SMTPServerDisconnected, ConnectionError):
            return None


@contextmanager
def ledger_locked(provider: Provider):
    with closing(sqlite3.connect(provider.info["ledger"], isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


# ---- a ledger of yesterday ---------------------------------------------------------------------------


class LedgerOfYesterday(Identity):
    """Beta's is lost under load, and an old copy put in its place."""

    BEFORE, MEANWHILE = 3, 12

    def test_no_event_has_two_receipts(self):
        for number in range(self.BEFORE):
            box.alfa.submit(anna, [dario], self.message(f"Ieri {number}"))
        first = mailboxes.new()
        copy = box.directory / "ledger.yesterday"
        with closing(sqlite3.connect(box.beta.info["ledger"])) as now, \
                closing(sqlite3.connect(copy)) as kept:
            now.backup(kept)
        with ThreadPoolExecutor(4) as pool:
            sending = [pool.submit(box.alfa.submit, anna, [dario], self.message(f"Oggi {number}"))
                       for number in range(self.MEANWHILE)]
            wait_until(lambda: self.receipts_made() > self.MEANWHILE // 2, "receipts are made")
            box.stop_milter(box.beta)
            self.put_back(copy)
            box.start_milter(box.beta)
            for each in sending:
                each.result()
        box.alfa.flush()
        box.beta.flush()
        came = mailboxes.new()
        total = self.MEANWHILE
        self.assertEqual(came.kinds(), {
            anna: total * [ACCEPTED] + total * [DELIVERED], dario: total * [CERTIFIED],
            service: total * [TAKEN]})
        self.ask_again(first)
        self.ask_again(came)

    @staticmethod
    def message(subject: str) -> bytes:
        return letter(anna, to=[dario], subject=subject, message_id=f"<{subject.replace(' ', '-')}@y>")

    @staticmethod
    def receipts_made() -> int:
        return box.beta.query("SELECT COUNT(*) FROM message_log WHERE kind = ? AND msgid LIKE '%@y>'",
                              DELIVERED)[0][0]

    @staticmethod
    def put_back(copy: Path) -> None:
        ledger = Path(box.beta.info["ledger"])
        owner = ledger.stat()
        for beside in ledger.parent.glob(ledger.name + "-*"):
            beside.unlink()
        copy.rename(ledger)
        os.chown(ledger, owner.st_uid, owner.st_gid)
        ledger.chmod(owner.st_mode & 0o7777)

    def ask_again(self, came) -> None:
        """By the internal recipients that were written for each, which only beta's secrets make."""
        expected = []
        for envelope in came.of_kind(CERTIFIED, at=dario):
            pec_id = pec_id_of(envelope)
            for kind, event, at in ((DELIVERED, "consegna", anna), (TAKEN, "presa", service)):
                [receipt] = [each for each in came.of_kind(kind, at=at) if pec_id_of(each) == pec_id]
                expected.append((at, receipt.message_id))
                internal = internal_recipient(event, int(certified_time(receipt).timestamp()), pec_id)
                with box.beta.connect("receipts") as connection:
                    connection.sendmail(anna, [internal], as_sent(envelope.raw))
        self.assertEqual(mailboxes.new().kinds(), {})
        # They were made again and sent, under the same Message-ID; who has them already takes no more.
        log = Path(box.alfa.info["dovecot_log"]).read_text()
        for at, message_id in expected:
            self.assertEqual(re.findall(rf"action=(\w+) to=<{re.escape(at)}> "
                                        rf"msgid={re.escape(message_id)} ", log), ["deliver", "drop"])


def internal_recipient(event: str, stamp: int, pec_id: str) -> str:
    name = "delivery" if event == "consegna" else "internal"
    secret = bytes.fromhex((box.directory / "beta" / f"{name}.secret").read_text())
    text = f"{event}\n{dario}\n{stamp}\n{pec_id}".encode()
    mac = base64.b32encode(hmac.new(secret, text, hashlib.sha256).digest()[:20]).decode().lower()
    return f"{dario}.{stamp}.{mac}.{event}.pec.internal"


if __name__ == "__main__":
    harness.main()
