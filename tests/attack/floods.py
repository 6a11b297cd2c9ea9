# SPDX-License-Identifier: GPL-2.0-or-later
"""Large messages from many connections at once, which all end at the same moment: to fill the memory."""

import smtplib
from collections import Counter

from bystander import Bystander
from support.at_once import messages_at_once
from support.box import Box
from support.pec_mail import letter
from support.waiting import PATIENCE
from verdict import Attack, Strength

WRITER = "eva@ordinaria.example"
OF_ONE_ADDRESS = 45  # connections, at full strength; the MX takes fifty
FIELD = b"X-Pieno: " + b"x" * 490 + b"\r\n"
LINE = b"x" * 900 + b"\r\n"


class Flood(Attack):
    """`fields`: lines of each header; `body`: octets, at full strength and in the short form."""

    lines_each = 30.0
    served_within = 10.0  # a gigabyte at once keeps the processors busy
    unhurried = "mx"  # other servers wait for minutes, and the flood is before them in the queue

    def __init__(self, name: str, fields: int, body: tuple[int, int]):
        super().__init__()
        self.name = name
        self.tries = f"messages at the MX, all at once, of {fields} header lines and {body[0] / 1e6:.0f} MB"
        self._fields, self._body = fields, body

    def run(self, box: Box, strength: Strength, bystander: Bystander) -> str:
        carla = box.alfa.users[2]
        body = self._body[0 if strength.is_full else 1]
        message = letter(WRITER, to=[carla], subject="piena", message_id="<piena@client>",
                         fields=self._fields * FIELD, body=b"\r\n" + body // len(LINE) * LINE)

        def connect(number: int) -> smtplib.SMTP:
            source = f"127.0.4.{1 + number % strength.addresses}"
            return smtplib.SMTP(*box.alfa.info["mx"], timeout=5 * PATIENCE,
                                source_address=(source, 0))

        count = strength.addresses * (OF_ONE_ADDRESS if strength.is_full else OF_ONE_ADDRESS // 2)
        self.count(count, len(message))
        answers = messages_at_once(connect, WRITER, [carla], message, count)
        codes = Counter(code for code, _ in answers)
        return "" if {250} <= set(codes) <= {250, 451} else f"answers were {dict(codes)}"


# What is larger than a megabyte lies on disk (common/mime/body_spool.hpp); a header never does.
FLOODS = [Flood("large-bodies", 10, (4_000_000, 2_000_000)),
          Flood("large-in-memory", 1900, (1_000_000, 1_000_000))]
