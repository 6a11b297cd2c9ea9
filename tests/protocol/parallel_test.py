# SPDX-License-Identifier: GPL-2.0-or-later
"""Many connections to pec-milter at once, in all roles, without a mail server: each session is answered
with its own message and no other's, whatever the others do meanwhile.

Built with ThreadSanitizer or AddressSanitizer, the program must also have nothing to report.
"""

import threading
import unittest
from pathlib import Path

from support.milter_client import Message, Milter, Outcome
from support.milter_program import DOMAIN, SERVICE, SIGNING, START_LIMIT, Program

CONNECTIONS = 64  # in each role, each with several messages
LARGE = "7"  # what the numbers of users begin with who send large messages
MESSAGES = 2  # of each user
ROLES = ("access", "receipts", "incoming", "bounces")
REPORTS = ("ThreadSanitizer", "AddressSanitizer", "LeakSanitizer", "runtime error:")


def letter(number: str) -> Message:
    """An original. Some are large enough to be kept in a file (over 1 MiB)."""
    sender, recipient = f"anna{number}@{DOMAIN}", f"bruno{number}@{DOMAIN}"
    lines = 15_000 if number.startswith(LARGE) else 1
    return Message.parse(sender, [recipient], (
        f"From: {sender}\r\nTo: {recipient}\r\nSubject: prova {number}\r\n"
        f"Message-ID: <{number}@client.example>\r\nDate: Sun, 22 Nov 2026 05:11:00 +0100\r\n"
        f"Content-Type: text/plain\r\n\r\nmarker-{number}-end\r\n" + lines * ("x" * 76 + "\r\n")).encode())


def bounce(of: Message, recipient: str) -> Message:
    """As the mail server writes it through its own cleanup service."""
    return Message.parse("", [of.sender], (
        f"From: Mail Delivery System <MAILER-DAEMON@{DOMAIN}>\r\nTo: {of.sender}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=\"=r=\"\r\n\r\n"
        "--=r=\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.pec.alfa.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nOriginal-Recipient: rfc822;{recipient}\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 unknown\r\n\r\n"
        "--=r=\r\nContent-Type: message/rfc822\r\n\r\n").encode() + of.wire() + b"\r\n--=r=--\r\n")


class Life:
    """One user's messages, each from submission to its notice, over a connection for each role."""

    def __init__(self, test: unittest.TestCase, path: Path, number: int):
        self._test, self._path, self._number = test, path, number

    def run(self, start: threading.Barrier) -> None:
        connections = {role: Milter(self._path, f"pec-{role}") for role in ROLES}
        try:
            start.wait(START_LIMIT)  # all of them are open now
            for message in range(MESSAGES):
                self._live(connections, f"{self._number}x{message}")
        finally:
            for connection in connections.values():
                connection.close()

    def _live(self, via: dict[str, Milter], number: str) -> None:
        original = letter(number)
        [recipient] = original.recipients
        via["access"].give_up(letter("given-up"), login=original.sender)
        envelope = via["access"].send(original, number, login=original.sender)
        self._is(envelope, "posta-certificata", "X-Trasporto", original.sender)
        self._mine(envelope, number)
        acceptance, taking = self._internal(envelope, "accettazione", "presa")

        came = Message(original.sender, [recipient], envelope.message.headers, envelope.message.body)
        kept = via["incoming"].send(came, number)
        self._test.assertEqual((kept.verdict, kept.edits), ("continue", 0))
        self._internal(kept, "presa")
        self._receipt(via, envelope, acceptance, "accettazione", to=original.sender)
        self._receipt(via, envelope, taking, "presa-in-carico", to=SERVICE)

        again = via["incoming"].send(came, number)
        self._test.assertEqual((again.verdict, again.edits, again.added), ("continue", 0, []))
        anomaly = via["incoming"].send(letter(number), number)
        self._is(anomaly, "errore", "X-Trasporto", original.sender)
        self._mine(anomaly, number)

        notice = via["bounces"].send(bounce(came, recipient), number)
        self._is(notice, "errore-consegna", "X-Ricevuta", SIGNING)
        self._test.assertEqual(notice.message.recipients, [original.sender])
        self._test.assertEqual(notice.message.header("X-Riferimento-Message-ID"), f"<{number}@client.example>")

    def _receipt(self, via: dict[str, Milter], envelope: Outcome, internal: str, kind: str, to: str) -> None:
        """Asked twice, it is the same receipt."""
        copy = Message(envelope.message.sender, [internal], envelope.message.headers, envelope.message.body)
        first, second = (via["receipts"].send(copy) for _ in range(2))
        self._is(first, kind, "X-Ricevuta", SIGNING)
        self._test.assertEqual(first.message.recipients, [to])
        self._test.assertEqual(first.message, second.message)
        forged = Message(copy.sender, [internal.replace("anna", "bruno").replace("presa", "accettazione")],
                         copy.headers, copy.body)
        if forged.recipients != copy.recipients:
            self._test.assertIn(via["receipts"].send(forged).verdict, ("reject", "tempfail"))

    def _is(self, outcome: Outcome, kind: str, field: str, sender: str) -> None:
        self._test.assertEqual(outcome.verdict, "continue", outcome.reply)
        self._test.assertEqual(outcome.message.header(field), kind)
        self._test.assertEqual(outcome.message.sender, sender)

    def _mine(self, outcome: Outcome, number: str) -> None:
        self._test.assertIn(f"prova {number}", outcome.message.header("Subject"))
        self._test.assertEqual(outcome.message.body.count(b"marker-"), 1)
        self._test.assertIn(f"marker-{number}-end".encode(), outcome.message.body)

    def _internal(self, outcome: Outcome, *events: str) -> list[str]:
        added = sorted(outcome.added, key=lambda each: events.index(each.split(".")[-3]))
        self._test.assertEqual([each.split(".")[-3] for each in added], list(events))
        return added


class Parallel(unittest.TestCase):
    def test_each_session_has_its_own_message(self):
        program = Program()
        self.addCleanup(program.remove)
        start = threading.Barrier(CONNECTIONS + 1)
        failures: list[BaseException] = []

        def live(number: int) -> None:
            try:
                Life(self, program.socket, number).run(start)
            except BaseException as error:  # pylint: disable=broad-except
                failures.append(error)
                start.abort()

        threads = [threading.Thread(target=live, args=(number,)) for number in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        start.wait(START_LIMIT)
        while any(thread.is_alive() for thread in threads):
            program.reload()  # while they are at it
            next((thread for thread in threads if thread.is_alive()), threads[0]).join(0.2)
        if failures:
            raise AssertionError(program.log()[-5000:]) from failures[0]
        status, log = program.stop(), program.log()
        begin = min((log.index(report) for report in REPORTS if report in log), default=None)
        self.assertIsNone(begin, log[begin:][:20000] if begin is not None else "")
        self.assertEqual(status, 0, log[-20000:])
        self.assertIn("was reloaded", log)


if __name__ == "__main__":
    unittest.main(verbosity=2)
