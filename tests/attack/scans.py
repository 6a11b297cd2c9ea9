# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages that take long to scan, many at once from one login or from outside, to keep the scanner from
all others."""

import os
import smtplib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from bystander import Bystander
from support.at_once import messages_at_once
from support.box import Box
from support.clamav import takes_long
from support.foreign_provider import ForeignProvider
from support.pec_mail import letter
from support.waiting import PATIENCE, wait_until
from verdict import Attack, Strength

WRITER = "eva@ordinaria.example"
LARGE = 50_000_000  # octets: no message has so many, but takes_long() when it is unpacked


class LongScans(Attack):
    name = "long-scans"
    tries = "messages of one login that take long to scan, all at once"

    def run(self, box: Box, strength: Strength, bystander: Bystander) -> str:
        anna = box.alfa.users[0]
        # 20 MB each as they are sent, in base64.
        noise, count = (14_000_000, 12) if strength.is_full else (1_000_000, 3)
        message = letter(anna, to=[anna], subject="lunga", message_id="<lunga@client>",
                         body=takes_long(noise))
        self.count(count, len(message))
        before, most = bystander.served, 0

        def ended() -> bool:
            nonlocal most
            most = max(most, unpacked(box))
            return sending.done()

        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(messages_at_once, lambda _: box.alfa.login(anna), anna, [anna], message,
                                  count)
            wait_until(ended, "all are answered", 5 * PATIENCE)
        codes = Counter(code for code, _ in sending.result())
        if not {250} <= set(codes) <= {250, 451}:
            return f"answers were {dict(codes)}"
        if most != 1:
            return f"{most} of them were scanned at once"
        return bystander.unserved_since(before)


class LongScansFromOutside(Attack):
    """The bystander is another provider, too: none of its envelopes is put off."""

    name = "long-scans-mx"
    tries = "ordinary messages from several addresses that take long to scan, all at once"
    lines_each = 80.0
    unhurried = "mx"  # ordinary mail, which they are

    OF_EACH = 4
    BETWEEN = 0.5  # seconds from one envelope to the next

    def prepare(self, box: Box) -> None:
        self._gamma = ForeignProvider(box)
        box.alfa.pecctl("mailbox", "set", box.alfa.users[0], "--closed")

    def run(self, box: Box, strength: Strength, bystander: Bystander) -> str:
        closed, _, carla = box.alfa.users[:3]
        count = self.OF_EACH * strength.addresses
        body = takes_long(10_000_000 if strength.is_full else 1_000_000)

        def send_to(user: str) -> Counter[int]:
            message = letter(WRITER, to=[user], subject="lunga", message_id="<lunga@client>", body=body)
            self.count(count, len(message))
            return Counter(code for code, _ in messages_at_once(connect, WRITER, [user], message, count))

        def connect(number: int) -> smtplib.SMTP:
            return smtplib.SMTP(*box.alfa.info["mx"], timeout=5 * PATIENCE,
                                source_address=(f"127.0.4.{1 + number % strength.addresses}", 0))

        if set(refused := send_to(closed)) != {550}:
            return f"at a closed mailbox, answers were {dict(refused)}"
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(send_to, carla)
            wait_until(lambda: unpacked(box) > 0 or sending.done(), "they are scanned", PATIENCE)
            put_off, taken = self._certified_meanwhile(box, carla, sending)
        if not set(sending.result()) <= {250, 451}:
            return f"answers were {dict(sending.result())}"
        return put_off or ("" if taken else "it was over before an envelope came")

    def _certified_meanwhile(self, box: Box, user: str, sending) -> tuple[str, int]:
        """What an envelope was refused with, and how many were taken."""
        taken = 0
        while not sending.done():
            try:
                self._gamma.deliver(box.alfa, [user], self._gamma.envelope([user], to=user))
                taken += 1
                self.count(1)
            except smtplib.SMTPDataError as refused:
                return f"after {taken} envelopes another one was answered {refused}", taken
            wait([sending], self.BETWEEN)
        return "", taken


def unpacked(box: Box) -> int:
    """How many the scanner has in hand; what is in the archive shows which they are."""
    count = 0
    for folder, _, files in os.walk(Path(box.alfa.info["config"]).with_name("scanner-temp")):
        for name in files:
            try:
                count += os.stat(os.path.join(folder, name)).st_size > LARGE
            except FileNotFoundError:
                pass  # it was scanned
    return count


SCANS = [LongScans(), LongScansFromOutside()]
