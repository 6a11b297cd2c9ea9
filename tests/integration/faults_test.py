# SPDX-License-Identifier: GPL-2.0-or-later
"""The milter dies while mail flows, and a message is large: nothing is lost, nothing comes twice, and
memory stays small. Numbers in brackets are sections of RFC 6109.
"""

import json
import re
import smtplib
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from support import harness
from support.box import Provider
from support.pec_mail import all_mailboxes, check_signature, letter
from support.people import anna, bruno, dario
from support.waiting import PATIENCE, wait_until

CLIENTS = 4
EACH = 10  # messages for each client
MEGABYTE = 1024 * 1024


def setUpModule():
    global box, mailboxes, service
    box = harness.sandbox()
    service = box.alfa.service_mailbox
    mailboxes = all_mailboxes(box)


class Client:
    """Submits its messages one after the other, as a mail client does with an outbox: what is put off
    goes out again, until it is taken."""

    def __init__(self, number: int):
        self.subjects = [f"message {number}.{each}" for each in range(EACH)]
        self.accepted: list[str] = []
        self.put_off: list[bytes] = []
        self._pause = threading.Event()

    def run(self) -> None:
        for subject in self.subjects:
            while not self._submit(subject):
                self._pause.wait(0.05)
            self.accepted.append(subject)

    def _submit(self, subject: str) -> bool:
        """Any answer but 250 and 4xx, and any connection that just ends, is an exception."""
        message = letter(anna, to=[dario], subject=subject, message_id=f"<{subject.split()[1]}@client>")
        try:
            box.alfa.submit(anna, [dario], message)
            return True
        except smtplib.SMTPRecipientsRefused as refused:
            [(code, text)] = refused.recipients.values()
        except smtplib.SMTPResponseException as refused:
            code, text = refused.smtp_code, refused.smtp_error
        if code // 100 != 4:
            raise AssertionError(f"{subject}: {code} {text}")
        self.put_off.append(text)
        return False


class MilterKilled(harness.Case):
    def setUp(self):
        self.clients = [Client(number) for number in range(CLIENTS)]

    def accepted(self) -> int:
        return sum(len(client.accepted) for client in self.clients)

    def put_off(self) -> int:
        return sum(len(client.put_off) for client in self.clients)

    def kill(self, provider: Provider) -> None:
        """Kills the milter, and starts it again after its absence was felt."""
        log = Path(provider.info["maillog"])

        def felt():
            return len(re.findall("connect to Milter service", log.read_text()))

        before = felt()
        box.kill_milter(provider)
        try:
            wait_until(lambda: felt() > before, f"{provider.name} without its milter")
        finally:
            box.start_milter(provider)

    def flush_until_quiet(self) -> None:
        """Doesn't wait for the next attempt of what was put off, but asks for it now and then: not
        more often than a session that was begun without the milter is kept for reuse."""
        def delivered():
            for provider in (box.alfa, box.beta):
                provider.flush()
            try:
                return wait_until(lambda: not (box.alfa.queue() or box.beta.queue()),
                                  "empty queues", patience=2.5)
            except AssertionError:
                return False  # ask once more

        wait_until(delivered, "all delivered")

    def test_every_message_is_certified_once(self):
        """[3.1.4, 3.1.5, 3.2.1, 3.3.2] One envelope, one acceptance, one take-charge and one delivery
        receipt for each message, whenever which role dies."""
        with ThreadPoolExecutor(CLIENTS) as pool:
            running = [pool.submit(client.run) for client in self.clients]
            for count, provider in ((3, box.alfa), (10, box.beta), (18, box.alfa), (26, box.beta),
                                    (34, box.alfa)):
                wait_until(lambda: self.accepted() >= count or any(
                    future.done() for future in running), f"{count} messages accepted")
                self.kill(provider)
            for future in running:
                future.result(timeout=PATIENCE)
        # What was accepted last is still under way: receipts are being made.
        for provider in (box.beta, box.alfa):
            box.kill_milter(provider)
            box.start_milter(provider)
        self.flush_until_quiet()

        self.assertGreater(self.put_off(), 0, "no client felt anything")
        came = mailboxes.new()
        total = CLIENTS * EACH
        self.assertEqual(came.kinds(), {
            anna: total * ["accettazione"] + total * ["avvenuta-consegna"],
            dario: total * ["posta-certificata"], service: total * ["presa-in-carico"]})
        for subject in (subject for client in self.clients for subject in client.subjects):
            self.assertEqual(came.about(subject).kinds(), {
                anna: ["accettazione", "avvenuta-consegna"], dario: ["posta-certificata"],
                service: ["presa-in-carico"]}, subject)
        ids = Counter(message.message_id for message in came.all())
        self.assertEqual(set(ids.values()), {1})

    def test_a_session_begun_without_the_milter_is_not_kept(self):
        """Postfix would answer 451 in it for ever; the receipts service's clients reuse sessions."""
        box.kill_milter(box.alfa)
        self.addCleanup(box.start_milter, box.alfa)
        with box.alfa.connect("receipts") as connection:
            connection.ehlo()
            self.assertEqual(connection.mail(anna)[0], 451)
            self.assertEqual(connection.mail(anna)[0], 421)
            with self.assertRaises(smtplib.SMTPServerDisconnected):
                connection.noop()


class TheCertificateEnds(harness.Case):
    """The sandbox's certificates are good for 90 days."""

    def test_it_is_told_from_thirty_days_before(self):
        with box.milter_clock(box.alfa, "+61d"):
            self.assertRegex(box.alfa.status(), r" signing: BAD since .*-signing\.pem ends on .*: have it renewed")
            box.alfa.submit(anna, [dario], letter(anna, to=[dario], subject="Ancora"))
            self.assertEqual(mailboxes.new().kinds(), {
                anna: ["accettazione", "avvenuta-consegna"], dario: ["posta-certificata"],
                service: ["presa-in-carico"]})
        wait_until(lambda: " signing: good since " in box.alfa.status(), "a good certificate")

    def test_in_its_last_two_days_nothing_is_signed_and_mail_waits(self):
        """What others sent has its take-charge and its receipt once the certificate is renewed."""
        with box.milter_clock(box.beta, "+88d"):
            self.assertRegex(box.beta.status(), " signing: BAD since .*: nothing is signed any more, and "
                             "mail waits: the signing certificate in ")
            with self.assertRaises(smtplib.SMTPDataError) as refused:
                box.beta.submit(dario, [anna], letter(dario, to=[anna], subject="Tardi"))
            self.assertEqual(refused.exception.smtp_code, 451)
            box.alfa.submit(anna, [dario], letter(anna, to=[dario], subject="Aspetta"))
            wait_until(lambda: "the signing certificate in" in "".join(
                line for line in box.beta.milter_log().splitlines() if "role=receipts" in line),
                "a receipt that waits")
        box.beta.flush()
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {
            anna: ["accettazione", "avvenuta-consegna"], dario: ["posta-certificata"],
            service: ["presa-in-carico"]})


class MoreThanItBears(harness.Case):
    """pec-milter has all the connections that outsiders may have."""

    CONNECTIONS = 16
    OUTSIDE = 12

    def setUp(self):
        command = box.alfa.info["milter_command"]
        self.addCleanup(box.reconfigure, box.alfa)
        self.addCleanup(box.alfa.info.update, milter_command=command)
        files = 128 + 3 * self.CONNECTIONS
        box.alfa.info["milter_command"] = ["prlimit", f"--nofile={files}:{files}", *command]
        box.reconfigure(box.alfa)

    def test_newcomers_are_put_off_and_receipts_are_made(self):
        with ExitStack() as flood, box.alfa.login(anna) as session:
            for _ in range(self.OUTSIDE - 1):
                flood.enter_context(box.alfa.connect("mx")).noop()
            with box.alfa.connect("mx") as newcomer:
                newcomer.ehlo()
                self.assertEqual(newcomer.mail("gianni@ordinaria.example")[0], 451)
            with self.assertRaises(smtplib.SMTPAuthenticationError) as put_off:
                box.alfa.submit(bruno, [anna], letter(bruno, to=[anna], subject="in the flood"))
            self.assertEqual(put_off.exception.smtp_code, 454)
            session.sendmail(anna, [bruno], letter(anna, to=[bruno], subject="in the flood"))
            self.assertEqual(mailboxes.new().kinds(), {
                anna: ["accettazione", "avvenuta-consegna"], bruno: ["posta-certificata"],
                service: ["presa-in-carico"]})
        self.assertRegex(box.alfa.milter_log(), r"\[warning\] too many connections at once, at most 16")
        box.alfa.submit(bruno, [anna], letter(bruno, to=[anna], subject="after it"))
        self.assertEqual(len(mailboxes.new().of_kind("posta-certificata", at=anna)), 1)


class Memory(harness.Case):
    """A message that is large lies on disk: the milter's own memory hardly grows."""

    LIMIT = 20 * MEGABYTE
    SIZE = 50 * MEGABYTE

    @classmethod
    def setUpClass(cls):
        limit = 2 * cls.SIZE
        box.reconfigure(box.alfa, limits={"message_size": limit, "total_size": limit})

    def setUp(self):
        self.pids = {}
        programs = json.loads((box.directory / "processes.json").read_text())
        for provider in (box.alfa, box.beta):
            self.pids[provider.name] = programs[provider.milter_name][0]

    def anonymous(self, pid: int) -> int:
        """Bytes of memory that no file stands behind."""
        status = Path(f"/proc/{pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) * 1024

    def certify(self, subject: str, body: bytes):
        box.alfa.submit(anna, [dario], letter(anna, to=[dario], subject=subject, body=body))
        came = mailboxes.new()
        self.assertEqual(len(came.all()), 4)
        return came

    def test_fifty_megabytes(self):
        self.certify("small", b"\r\nhello\r\n")  # so that all that is kept for ever is there
        before = {name: self.anonymous(pid) for name, pid in self.pids.items()}
        peak = dict(before)
        ended = threading.Event()

        def watch():
            while not ended.wait(0.005):
                for name, pid in self.pids.items():
                    peak[name] = max(peak[name], self.anonymous(pid))

        line = 900 * b"x" + b"\r\n"
        with ThreadPoolExecutor(1) as pool:
            watching = pool.submit(watch)
            try:
                came = self.certify("large", b"\r\n" + self.SIZE // len(line) * line)
            finally:
                ended.set()
                watching.result()
        [envelope] = came.by_address[dario]
        receipt = came.delivery_receipt(at=anna, about=dario)
        for each in (envelope, receipt):
            self.assertGreater(len(each.raw), self.SIZE)
            check_signature(each, box.ca_file)
        for name, pid in self.pids.items():
            self.assertLess(peak[name] - before[name], self.LIMIT, f"{name}, at most")
            self.assertLess(self.anonymous(pid) - before[name], self.LIMIT, f"{name}, at the end")
            print(f"{name}: RssAnon {before[name] // 1024} kB before, at most {peak[name] // 1024} kB")


if __name__ == "__main__":
    harness.main()
