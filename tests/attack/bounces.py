"""Ordinary mail that can't be delivered, in the name of somebody who is then to get the bounce."""

import smtplib
from collections import Counter
from contextlib import closing

import harness
from bystander import Bystander
from support.at_once import messages_at_once
from support.pec_mail import ORDINARY, Mailboxes, letter
from verdict import Attack, Strength

VICTIM = "gianni@ordinaria.example"
LINE = b"x" * 70 + b"\r\n"


class FullMailbox(Attack):
    name = "full-mailbox"
    tries = "ordinary mail for a mailbox that is nearly full, in somebody else's name"

    def prepare(self, box: harness.Box) -> None:
        self._carla = box.alfa.users[2]
        self._mailboxes = Mailboxes(box)
        with box.alfa.connect("mx") as connection:
            connection.sendmail(VICTIM, [self._carla], self._letter(4000))
        self._mailboxes.new()
        with box.alfa.mailbox(self._carla) as mailbox:
            box.alfa.set_quota(self._carla, f"{mailbox.octets_used() * 100 // 95}B")

    def run(self, box: harness.Box, strength: Strength, bystander: Bystander) -> str:
        def connect(number: int) -> smtplib.SMTP:
            source = f"127.0.4.{1 + number % strength.addresses}"
            return smtplib.SMTP(*box.alfa.info["mx"], timeout=harness.PATIENCE, source_address=(source, 0))

        answers = messages_at_once(connect, VICTIM, [self._carla], self._letter(10), 10 * strength.addresses)
        codes = Counter(code for code, _ in answers)
        return "" if set(codes) == {552} else f"answers were {dict(codes)}"

    def look_back(self, box: harness.Box) -> str:
        with closing(self._mailboxes):
            came = self._mailboxes.new().kinds()
        return "; ".join(f"{address} got {came[address]}" for address in (ORDINARY, self._carla)
                         if address in came)

    def _letter(self, lines: int) -> bytes:
        return letter(VICTIM, to=[self._carla], subject="Prova", body=b"\r\n" + LINE * lines)


BOUNCES = [FullMailbox()]
