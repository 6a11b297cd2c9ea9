# SPDX-License-Identifier: GPL-2.0-or-later
"""More messages of one login than the site lets pass in an hour, by sessions that end at one moment."""

import sqlite3
import time
from collections import Counter
from contextlib import closing

from bystander import Bystander
from support.at_once import messages_at_once
from support.box import Box
from support.pec_mail import letter
from support.waiting import PATIENCE
from verdict import Attack, Strength

RATE = 1000  # in an hour: the bystander has one of his own, and comes nowhere near it
LEFT = 10  # of it, when the attack begins
SESSIONS = 30


class SubmissionRate(Attack):
    name = "submission-rate"
    lines_each = 35.0
    tries = f"{SESSIONS} sessions of one login end their messages at once, where {LEFT} more may be sent"

    def prepare(self, box: Box) -> None:
        box.reconfigure(box.alfa, policy={"rate_minutes": 60, "rate_messages": RATE})
        with closing(sqlite3.connect(box.alfa.info["ledger"], timeout=PATIENCE)) as ledger:
            ledger.executemany(
                "INSERT INTO submission (pec_id, login, at, recipients, level, fingerprint)"
                " VALUES (?, ?, ?, 1, 'not spam', '')",
                [(f"{number}@earlier", box.alfa.users[0], int(time.time()) - 60)
                 for number in range(RATE - LEFT)])
            ledger.commit()

    def run(self, box: Box, strength: Strength, bystander: Bystander) -> str:
        anna, carla = box.alfa.users[0], box.alfa.users[2]
        message = letter(anna, to=[carla], subject="insieme", message_id="<insieme@client>")
        for left in [LEFT] + (10 if strength.is_full else 1) * [0]:
            self.count(SESSIONS, len(message))
            answers = messages_at_once(lambda _: box.alfa.login(anna), anna, [carla], message, SESSIONS)
            codes = Counter(code for code, _ in answers)
            if codes != Counter({250: left, 450: SESSIONS - left}):
                return f"answers were {dict(codes)}, and {left} more may be sent"
        return ""


RATES = [SubmissionRate()]
