# SPDX-License-Identifier: GPL-2.0-or-later
"""What ledgers.py says of ledgers that contradict themselves or the mailboxes. (The rest of the
judging has its tests in tests/integration/closure_test.py.)"""

import dataclasses
import sqlite3
import unittest

from facts import Found, World
from ledgers import judge, lost_receipts, not_kept

ANNA, DARIO, INFO = "anna@alfa.example", "dario@beta.example", "info@beta.example"
WORLD = World(frozenset((ANNA, DARIO)), {}, "ordinary", {INFO: DARIO})
PEC_ID = "1@alfa.example"
TABLES = """
CREATE TABLE message_log (pec_id, kind, direction, recipient, generated_id, sender, message);
CREATE TABLE party (message, position, mailbox, certified);
CREATE TABLE incident (what, pec_id, recipient, detail, resolved_at);
CREATE TABLE message (pec_id, msgid);
CREATE TABLE dispatch (pec_id, recipient, accepted_at, delivered_at, failed_at, timed_out_at);
"""


class Ledger:
    def __init__(self):
        self._database = sqlite3.connect(":memory:")
        self._database.executescript(TABLES)

    def query(self, sql: str, *values) -> list[tuple]:
        return self._database.execute(sql, values).fetchall()

    def log(self, kind: str, direction: str, recipient: str, made: str, sender: str = ANNA,
            recipients: str = INFO) -> None:
        self.query("INSERT INTO party VALUES (?, 1, ?, 1)", recipients, recipients)
        self.query("INSERT INTO message_log VALUES (?, ?, ?, ?, ?, ?, ?)", PEC_ID, kind, direction,
                   recipient, made, sender, recipients)


class Ledgers(unittest.TestCase):
    """One message, to an alias."""

    def setUp(self):
        self.alfa, self.beta = Ledger(), Ledger()
        self.alfa.log("posta-certificata", "issued", "", PEC_ID)
        self.alfa.log("accettazione", "issued", "", "a@alfa.example")
        self.alfa.query("INSERT INTO dispatch VALUES (?, ?, 1, 2, NULL, NULL)", PEC_ID, INFO)
        for ledger, direction in ((self.beta, "issued"), (self.alfa, "received")):
            ledger.log("avvenuta-consegna", direction, INFO, "d@beta.example")
            ledger.log("presa-in-carico", direction, INFO, "t@beta.example")
        to = ((INFO, True),)
        self.found = [
            Found(ANNA, "accettazione", "<a@alfa.example>", "<1@c>", PEC_ID, recipients=to),
            Found(DARIO, "posta-certificata", f"<{PEC_ID}>", "<1@c>", PEC_ID, recipients=to),
            Found(ANNA, "avvenuta-consegna", "<d@beta.example>", "<1@c>", PEC_ID, about=INFO,
                  recipients=to),
            Found(ANNA, "non-accettazione", "<n@alfa.example>", "<2@c>", "2@alfa.example"),
            Found(DARIO, "errore", "<3@c>", "<3@c>")]

    def check(self, *expected: str, world: World = WORLD) -> None:
        found = judge({"alfa": self.alfa, "beta": self.beta}, self.found, world)
        self.assertEqual(len(found), len(expected), found)
        for complaint, pattern in zip(found, expected):
            self.assertRegex(complaint, pattern)

    def test_all_is_well(self):
        self.check()

    def test_a_delivery_that_no_log_has(self):
        for ledger in (self.alfa, self.beta):
            ledger.query("DELETE FROM message_log WHERE kind = 'avvenuta-consegna'")
        self.check("the log has .., the mailbox")

    def test_a_dispatch_that_is_open(self):
        self.alfa.query("UPDATE dispatch SET delivered_at = NULL")
        self.check("in the ledger by .., and not by one thing")

    def test_another_sender_or_other_recipients(self):
        self.beta.log("rilevazione-virus", "issued", "", "", sender="eve@alfa.example")
        self.check("beta's log on 1@alfa.example: 2 senders, 1 lists")
        self.setUp()
        self.alfa.log("rilevazione-virus", "received", "", "", recipients=DARIO)
        self.check("alfa's log on 1@alfa.example: 1 senders, 2 lists")

    def test_a_sender_who_has_another_name_now(self):
        """His mail is kept, whatever he is called."""
        self.found = [dataclasses.replace(each, mailbox="now@alfa.example")
                      if each.mailbox == ANNA else each for each in self.found]
        users = frozenset(("now@alfa.example", DARIO))
        self.check(world=dataclasses.replace(WORLD, users=users, homes={ANNA: "now@alfa.example"}))
        self.check(f"{ANNA} has not one acceptance", world=dataclasses.replace(WORLD, users=users))

    def test_lost_receipts(self):
        for what, resolved_at in (("lost accettazione", None), ("lost accettazione", 1), ("presa", None)):
            self.alfa.query("INSERT INTO incident VALUES (?, ?, ?, 'why', ?)", what, PEC_ID, ANNA,
                            resolved_at)
        self.assertEqual(lost_receipts(self.alfa), [("lost accettazione", PEC_ID, ANNA, "why")])

    def test_what_ran_out_of_time_is_kept(self):
        self.alfa.query("INSERT INTO message VALUES (?, '<1@c>')", PEC_ID)
        for kind in ("presa-in-carico", "avvenuta-consegna"):
            self.alfa.query("INSERT INTO incident VALUES (?, ?, ?, 'why', NULL)", f"lost {kind}", PEC_ID,
                            DARIO)
        self.assertEqual(not_kept("alfa", self.alfa, "<1@c>", [DARIO]), [])
        self.alfa.query("UPDATE incident SET pec_id = '2@alfa.example' WHERE what = 'lost presa-in-carico'")
        self.assertEqual(not_kept("alfa", self.alfa, "<1@c>", [DARIO]), [
            f"lost: alfa has no incident that keeps the presa-in-carico of <1@c> for {DARIO}"])
        self.assertEqual(len(not_kept("alfa", self.alfa, "<1@c>", [INFO])), 2)

    def test_taken_in_charge_twice(self):
        self.alfa.log("presa-in-carico", "received", INFO, "t2@beta.example")
        self.check("alfa's log on 1@alfa.example: info@beta.example in 2 take-charge receipts")


if __name__ == "__main__":
    unittest.main(verbosity=2)
