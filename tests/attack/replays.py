# SPDX-License-Identifier: GPL-2.0-or-later
"""Genuine envelopes and receipts that an outsider has recorded and sends again and again."""

import re
from collections import Counter
from contextlib import closing

from bystander import Bystander
from support.box import Box
from support.foreign_provider import ADDRESS, SENDER, ForeignProvider
from support.parallel import in_parallel
from support.pec_mail import Mailboxes, letter
from support.replays import field, framed_again
from verdict import Attack, Strength

EACH = 25  # copies of each kind by one session


class Replays(Attack):
    name = "replays"
    lines_each, disk_each = 20.0, 0.02
    tries = "an envelope and a receipt again and again, as they were and with another outside"

    def prepare(self, box: Box) -> None:
        """The true ones have come."""
        self._anna, self._carla = box.alfa.users[0], box.alfa.users[2]
        gamma = ForeignProvider(box)
        self._mailboxes = Mailboxes(box)
        self._envelope = gamma.envelope([self._carla], to=self._carla)
        self._known = len(box.alfa.milter_log())
        gamma.deliver(box.alfa, [self._carla], self._envelope)
        box.alfa.submit(self._anna, [SENDER], letter(self._anna, to=[SENDER], subject="Prova",
                                                     message_id="<prova@client>"))
        sent = next(message for message in self._mailboxes.new(ordinary=2).all()
                    if message.header("From").endswith(f"<posta-certificata@{box.alfa.domain}>")
                    and message.kind == "posta-certificata")
        self._receipt = gamma.receipt("avvenuta-consegna", sent.message_id.strip("<>"), [SENDER],
                                      sender=self._anna, receipt="completa",
                                      facts=f"<consegna>{SENDER}</consegna>")
        gamma.deliver(box.alfa, [self._anna], self._receipt, sender=ADDRESS)
        self._mailboxes.new()

    def run(self, box: Box, strength: Strength, bystander: Bystander) -> str:
        def pour(number: int) -> None:
            with box.alfa.connect("mx", f"127.0.4.{1 + number}") as connection:
                for copy in range(number * EACH, (number + 1) * EACH):
                    for recipient, message in self._variants(copy):
                        connection.sendmail("eva@ordinaria.example", [recipient], message)

        self._copies = EACH * strength.addresses
        self.count(4 * self._copies, len(self._envelope))
        in_parallel(strength.addresses, pour)
        return ""

    def _variants(self, number: int):
        yield self._carla, self._envelope
        yield self._carla, field(self._envelope, b"Subject", b"Altro %d" % number)
        yield self._anna, self._receipt
        yield self._anna, framed_again(field(self._receipt, b"Message-ID", b"<%d@client.example>" % number),
                                       b"confine-%d" % number)

    def look_back(self, box: Box) -> str:
        """Once nothing is under way, and the milter has told all that it had gathered."""
        with closing(self._mailboxes):
            came = self._mailboxes.new().kinds()
        box.stop_milter(box.alfa)
        log = box.alfa.milter_log()[self._known:]
        box.start_milter(box.alfa)
        return "; ".join(filter(None, [self._doubled(came), self._told(log), self._counted(box)]))

    def _doubled(self, came: dict[str, list[str]]) -> str:
        return "".join(f"{address} got {Counter(came[address])} of it. "
                       for address in (self._anna, self._carla) if address in came)

    @staticmethod
    def _told(log: str) -> str:
        """Of each kind one alert when the first one came, and one line with the number of the others."""
        alerts = [line for line in log.splitlines() if "[warning]" in line or "[error]" in line]
        numbers = [line for line in alerts if re.search('alert: [0-9]+ more of "', line)]
        if len(numbers) == 1 and len(alerts) == 2:
            return ""
        return f"{len(alerts)} alerts, {len(numbers)} of them numbers: {alerts[:5]}"

    def _counted(self, box: Box) -> str:
        status = box.alfa.status()
        expected = {"duplicate envelope": self._copies, "duplicate receipt": 2 * self._copies,
                    "duplicate anomaly": self._copies, "certified mail without TLS": 4 * self._copies}
        counts = {name: int((re.search(rf" count: (\d+) {name}$", status, re.MULTILINE) or [0, 0])[1])
                  for name in expected}
        few = {name: count for name, count in counts.items() if count < expected[name]}
        return f"counted are {few} only, of {expected}" if few else ""


REPLAYS = [Replays()]
