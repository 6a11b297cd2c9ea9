# SPDX-License-Identifier: GPL-2.0-or-later
"""Making certified mail fail, for as long as a test lasts, and what its sender must be told.

    class Full(FailureCase):
        def test_it(self):
            self.fill(box.beta, elena)
            came = self.send("Piena", elena)
            self.check_told(came, full_mailbox(elena, box.beta))
"""

import re
from contextlib import ExitStack

from support import harness
from support.box import Box, Provider
from support.changed_postfix import ChangedPostfix
from support.foreign_provider import DOMAIN as GAMMA
from support.notices import NON_DELIVERY, NoticeCase, Told, about, dispatches, incidents, pec_id_of
from support.pec_mail import Arrivals, Mailboxes, all_mailboxes, check_signature, letter, recipients_of
from support.pec_message import PecMessage
from support.smtp_sink import SmtpSink

KILOBYTE = 1024
SHORT = "2s"  # a queue's lifetime
LINE = 98 * b"x" + b"\r\n"


def filler(size: int) -> bytes:
    """A body of about this size."""
    return b"\r\n" + size // len(LINE) * LINE


def start() -> tuple[Box, Mailboxes]:
    """A sandbox for the module, and all its mailboxes."""
    box = harness.sandbox()
    FailureCase.mailboxes = all_mailboxes(box)
    return box, FailureCase.mailboxes


class FailureCase(NoticeCase):
    """Alfa's first user, if no other, sends something that doesn't arrive."""

    mailboxes: Mailboxes

    def stack(self) -> ExitStack:
        """What is entered here ends with the test."""
        stack = ExitStack()
        self.addCleanup(stack.close)
        return stack

    def change(self, provider: Provider) -> ChangedPostfix:
        return self.stack().enter_context(ChangedPostfix(provider))

    def host_for_gamma(self) -> SmtpSink:
        """Gamma's own mail server, known to alfa for this test."""
        sink = self.stack().enter_context(SmtpSink())
        self.change(self.box.alfa).route(GAMMA, sink.address)
        return sink

    def fill(self, provider: Provider, address: str) -> None:
        provider.set_quota(address, "1K")
        self.addCleanup(provider.set_quota, address)

    def send(self, subject: str, *to: str, ordinary: int = 0, body: bytes = b"\r\nCiao.\r\n",
             sender: str = "") -> Arrivals:
        sender = sender or self.box.alfa.users[0]
        name = re.sub(r"\W", "", subject)
        self.box.alfa.submit(sender, list(to), letter(sender, to=to, subject=subject, body=body,
                                                      message_id=f"<{name}@client>"))
        return self.mailboxes.new(ordinary)

    def check_told(self, came: Arrivals, *told: Told, sender: str = "") -> PecMessage:
        """The acceptance, and exactly these notices; returns the acceptance."""
        sender = sender or self.box.alfa.users[0]
        [acceptance] = came.of_kind("accettazione", at=sender)
        check_signature(acceptance, self.box.ca_file)
        notices = {about(notice): notice for notice in came.of_kind(NON_DELIVERY, at=sender)}
        self.assertEqual(sorted(notices), sorted(each.recipient for each in told))
        for each in told:
            self.check_notice(notices[each.recipient], acceptance, each)
            if (each.recipient, "certificato") in recipients_of(acceptance):
                closed = dispatches(self.box.alfa, pec_id_of(acceptance))[each.recipient]
                self.assertIsNotNone(closed["failed_at"])
        self.assertEqual(incidents(self.box.alfa, pec_id_of(acceptance)), [])
        return acceptance
