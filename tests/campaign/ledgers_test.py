"""What ledgers.py says of ledgers that contradict themselves or the mailboxes. (The rest of the
judging has its tests in tests/integration/closure_test.py.)"""

import sqlite3
import unittest

import paths  # noqa: F401
from facts import Found, World
from ledgers import judge

ANNA, DARIO, INFO = "anna@alfa.example", "dario@beta.example", "info@beta.example"
WORLD = World(frozenset((ANNA, DARIO)), {}, "ordinary", {INFO: DARIO})
PEC_ID = "1@alfa.example"
TABLES = """
CREATE TABLE message_log (pec_id, kind, direction, recipient, generated_id, sender, message);
CREATE TABLE party (message, position, mailbox, certified);
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

    def check(self, *expected: str) -> None:
        found = judge({"alfa": self.alfa, "beta": self.beta}, self.found, WORLD)
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

    def test_taken_in_charge_twice(self):
        self.alfa.log("presa-in-carico", "received", INFO, "t2@beta.example")
        self.check("alfa's log on 1@alfa.example: info@beta.example in 2 take-charge receipts")


if __name__ == "__main__":
    unittest.main(verbosity=2)
