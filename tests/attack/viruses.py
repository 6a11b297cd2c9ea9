# SPDX-License-Identifier: GPL-2.0-or-later
"""Infected messages of one login, to fill the disk: the provider must keep them for thirty months."""

import smtplib
from pathlib import Path

from bystander import Bystander
from cost import disk_of
from support.box import Box
from support.clamav import literal, write_database
from support.pec_mail import letter, wait_until_quiet
from verdict import Attack, Strength

INFECTED = b"a pattern that is a virus here"
LINE = b"x" * 76 + b"\r\n"
MOST_MESSAGES, MOST_OCTETS = 30, 200_000_000  # the day's quota, as the table of options has it
BESIDE = 20.0  # MB: notices, ledger, logs and what the bystander gets


class Viruses(Attack):
    """`size`: octets of each message. `same`: how often the first one comes, before others do."""

    lines_each = 40.0

    def __init__(self, name: str, size: int, same: int):
        super().__init__()
        self.name = name
        self.tries = f"infected messages of {size / 1e6:.1f} MB from one login, the same one and others"
        self._size, self._same = size, same
        self.only_full = size > 1_000_000

    def prepare(self, box: Box) -> None:
        write_database(Path(box.alfa.info["config"]).with_name("clamav"), "test.ndb",
                       [literal("Test.Attack", INFECTED)])
        box.reconfigure(box.alfa)

    def run(self, box: Box, strength: Strength, bystander: Bystander) -> str:
        anna = box.alfa.users[0]
        before = disk_of(box.directory)
        taken, refusal = 0, ""
        most = min(MOST_MESSAGES, MOST_OCTETS // self._size)
        while not refusal and taken < 2 * most:
            self.count(1, self._size)
            refusal = self._submit(box, anna, max(0, taken - self._same + 1))
            taken += not refusal
        wait_until_quiet(box)
        if taken != most + 1:  # the one that is beyond has its notice, too
            return f"{taken} were taken, and the quota is {most}; then {refusal!r}"
        if not refusal.startswith("550 5.7.1"):
            return f"the mailbox is blocked, and was answered {refusal}"
        return self._kept(box, taken - self._same + 1, disk_of(box.directory) - before)

    def _submit(self, box: Box, anna: str, number: int) -> str:
        """What it is refused with; empty: it is taken, and has a notice."""
        message = letter(anna, to=[anna], subject=f"n. {number}", message_id=f"<{number}@client>",
                         body=b"\r\n" + INFECTED + b"\r\n" + self._size // len(LINE) * LINE)
        try:
            box.alfa.submit(anna, [anna], message)
            return ""
        except smtplib.SMTPRecipientsRefused as refused:
            [(code, text)] = refused.recipients.values()
        except smtplib.SMTPResponseException as refused:
            code, text = refused.smtp_code, refused.smtp_error
        return f"{code} {text.decode()}"

    def _kept(self, box: Box, different: int, disk: float) -> str:
        kept = len(list(Path(box.alfa.info["config"]).with_name("viruses").glob("*.eml")))
        if kept != different:
            return f"{kept} are kept of {different} different ones"
        bound = different * self._size / 1e6 + BESIDE
        return f"{disk:.0f} MB of disk, and {bound:.0f} would do" if disk > bound else ""


# The quota of messages ends small ones, that of octets large ones.
VIRUSES = [Viruses("viruses-small", 300_000, 10), Viruses("viruses-large", 18_000_000, 3)]
