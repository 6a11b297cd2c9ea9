# SPDX-License-Identifier: GPL-2.0-or-later
"""Ordinary mail that can't be delivered, in the name of somebody who is then to get the bounce."""

import smtplib
from collections import Counter
from contextlib import closing

from bystander import Bystander
from support.at_once import messages_at_once
from support.box import Box
from support.pec_mail import ORDINARY, Mailboxes, letter
from verdict import Attack, Strength

VICTIM = "gianni@ordinaria.example"
LINE = b"x" * 70 + b"\r\n"


class FullMailbox(Attack):
    name = "full-mailbox"
    tries = "ordinary mail for a mailbox that is nearly full, in somebody else's name"

    def prepare(self, box: Box) -> None:
        self._carla = box.alfa.users[2]
        self._mailboxes = Mailboxes(box)
        # With certified mail: its room is not asked for, and what was asked pec-milter knows for ten seconds.
        anna = box.alfa.users[0]
        box.alfa.submit(anna, [self._carla], self._letter(anna, 4000))
        self._mailboxes.new()
        box.alfa.fill_up(self._carla, 95)

    def run(self, box: Box, strength: Strength, bystander: Bystander) -> str:
        def connect(number: int) -> smtplib.SMTP:
            return box.alfa.connect("mx", f"127.0.4.{1 + number % strength.addresses}")

        answers = messages_at_once(connect, VICTIM, [self._carla], self._letter(VICTIM, 10), 10 * strength.addresses)
        codes = Counter(code for code, _ in answers)
        return "" if set(codes) == {552} else f"answers were {dict(codes)}"

    def look_back(self, box: Box) -> str:
        with closing(self._mailboxes):
            came = self._mailboxes.new().kinds()
        return "; ".join(f"{address} got {came[address]}" for address in (ORDINARY, self._carla)
                         if address in came)

    def _letter(self, sender: str, lines: int) -> bytes:
        return letter(sender, to=[self._carla], subject="Prova", body=b"\r\n" + LINE * lines)


BOUNCES = [FullMailbox()]
