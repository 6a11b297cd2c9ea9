# SPDX-License-Identifier: GPL-2.0-or-later
"""pecctl mailbox: the life of a mailbox. Days pass by libfaketime, a clock put forward from outside.

The ledger is looked at with Python's own sqlite3, JSON is read by Python's json, and a password is
checked by Dovecot's doveadm. Needs no root.
"""

import json
import os
import pty
import re
import select
import sqlite3
import subprocess
import unittest
from contextlib import closing

from support.clock import faketime
from support.pecctl_site import PecctlCase, built_program, new_entry
from support.waiting import PATIENCE

ALFA = "PEC Alfa S.p.A."
ANNA, NEW = "anna@pec.alfa.example", "anna.verdi@pec.alfa.example"


class Case(PecctlCase):
    def setUp(self):
        super().setUp()
        (self.site / "directory.ldif").write_text(new_entry())
        self.configure()
        self.after = ""

    def pecctl(self, *arguments, **options) -> subprocess.CompletedProcess:
        """After the days that self.after says: "+9d"."""
        self.environment = faketime(self.after) if self.after else {}
        return super().pecctl(*arguments, **options)

    def mailbox(self, command: str, *arguments, **options) -> str:
        done = self.pecctl("mailbox", command, *arguments, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        return done.stdout

    def assert_refused(self, pattern: str, command: str, *arguments) -> None:
        """One line says why, and nothing has changed."""
        before = self.rows()
        self.assert_complaint(pattern, "mailbox", command, *arguments)
        self.assertEqual(self.rows(), before)

    def rows(self) -> list[tuple]:
        file = self.site / "ledger.db"
        if not file.exists():
            return []
        with closing(sqlite3.connect(file)) as database:
            return [*database.execute("SELECT * FROM mailbox ORDER BY address"),
                    *database.execute("SELECT * FROM mailbox_event ORDER BY rowid")]

    def shown(self, address: str = ANNA) -> dict:
        return json.loads(self.mailbox("show", address, "--json"))

    def add(self, address: str = ANNA) -> None:
        self.mailbox("add", address, "--holder", "Anna Verdi", "--contacts", "+39 055 000")


class Life(Case):
    def test_an_account(self):
        self.assertEqual(
            self.mailbox("add", "Anna@PEC.alfa.example", "--holder", "Anna Verdì"),
            f'{ANNA}: added; give it a password with "pecctl mailbox passwd"\n')
        self.assertEqual(self.shown() | {"created": "", "events": []}, {
            "address": ANNA, "state": "active", "closed": False, "created": "",
            "holder": "Anna Verdì", "contacts": "", "home": ANNA, "has_password": False,
            "events": []})
        self.mailbox("set", ANNA, "--contacts", "+39 055 111", "--closed")
        found = self.shown()
        self.assertEqual((found["contacts"], found["closed"]), ("+39 055 111", True))
        self.assertEqual([event["what"] for event in found["events"]], ["added", "set"])
        text = self.mailbox("show", ANNA)
        for line in (f"{ANNA}: closed (certified mail only)", "holder: Anna Verdì",
                     "contacts: +39 055 111"):
            self.assertIn(line + "\n", text)
        self.assertRegex(text, r"account since [-0-9]+ [:0-9]+ \+0[12]00, without a password\n")
        self.assert_refused(f"{ANNA}: it is there already", "add", ANNA, "--holder", "Bruno")

    def test_renamed_on_the_ninth_day_but_not_on_the_eleventh(self):
        self.add()
        self.after = "+11d"
        self.assert_refused(f"{ANNA}: it was added on .*, and could be renamed until .*",
                            "rename", ANNA, NEW, "--yes")
        self.after = "+9d"
        self.assert_refused(f"{ANNA}: this can't be undone: the old name stays reserved; .*--yes",
                            "rename", ANNA, NEW)
        self.assertEqual(self.mailbox("rename", ANNA, NEW, "--yes"),
                         f"{ANNA}: renamed to {NEW}; the old name stays reserved\n")
        self.assertEqual(self.shown(NEW)["home"], ANNA)
        self.assertEqual(self.shown()["renamed_to"], NEW)
        self.assert_refused(f"{ANNA}: it is the old name of {NEW}, and stays reserved",
                            "add", ANNA, "--holder", "Another")
        for command in ("restore", "unblock", "passwd"):
            done = self.pecctl("mailbox", command, ANNA, typed="a good password\n")
            self.assertEqual(done.returncode, 1, done)

    def test_revoked_restored_and_purged_across_its_days(self):
        self.add()
        self.mailbox("passwd", ANNA, typed="a good password\n")
        self.assertRegex(self.mailbox("revoke", ANNA, "--reason", "contract ended"),
                         rf"\A{ANNA}: revoked; its holder can read it until [-0-9]+, and it can be "
                         r"restored until [-0-9]+\n\Z")
        self.assertEqual((self.shown()["state"], self.shown()["reason"]),
                         ("revoked", "contract ended"))
        self.after = "+184d"
        self.assert_refused(f"{ANNA}: .* its content must be kept until [-0-9]+", "purge", ANNA,
                            "--yes")
        self.assertRegex(self.mailbox("restore", ANNA), f"{ANNA}: active again; .*reload")
        self.assertTrue(self.shown()["has_password"])
        self.mailbox("revoke", ANNA, "--reason", "once more")
        self.after = "+370d"
        self.assert_refused(f"{ANNA}: .*: it can't be restored any more", "restore", ANNA)
        self.assert_refused(f"{ANNA}: this can't be undone: .*--yes", "purge", ANNA)
        self.assertEqual(self.mailbox("purge", ANNA, "--yes"),
                         f"{ANNA}: purged, its name stays reserved; now delete its mail, which is "
                         f'kept under "{ANNA}"\n')
        self.assert_refused(f"{ANNA}: it was purged on [-0-9]+, and its name is never given out again",
                            "add", ANNA, "--holder", "Another")
        self.assertFalse(self.shown()["has_password"])

    def test_blocked_and_unblocked(self):
        self.add()
        self.mailbox("passwd", ANNA, typed="a good password\n")
        self.mailbox("block", ANNA, "--reason", "stolen\npassword")
        self.assertEqual(self.shown()["state"], "blocked")
        self.assertFalse(self.shown()["has_password"])
        self.assertIn("stolen?password", self.mailbox("show", ANNA).splitlines()[0])
        self.assert_refused(f"{ANNA}: it is blocked already, since .*", "block", ANNA, "--reason", "x")
        done = self.pecctl("mailbox", "passwd", ANNA, typed="a good password\n")
        self.assertRegex(done.stderr, f"{ANNA}: it is blocked: unblock it first")
        self.assertRegex(self.mailbox("unblock", ANNA), f"{ANNA}: active again; .*passwd")
        self.mailbox("passwd", ANNA, typed="another password\n")
        self.assertTrue(self.shown()["has_password"])

    def test_somebody_elses_account_has_a_state_all_the_same(self):
        self.mailbox("block", ANNA, "--reason", "spam")
        self.mailbox("unblock", ANNA)
        self.mailbox("revoke", ANNA, "--reason", "contract ended")
        self.mailbox("restore", ANNA)
        self.assertEqual((self.shown()["state"], "created" in self.shown()), ("active", False))
        for command, *arguments in (["rename", NEW, "--yes"], ["set", "--holder", "Anna"]):
            self.assert_refused(f"{ANNA}: it is not an account of ours: .*", command, ANNA, *arguments)


class Ways(Case):
    """How the commands are used."""

    def test_a_dry_run_changes_nothing(self):
        self.assertEqual(self.mailbox("add", ANNA, "--holder", "A", "--dry-run").partition(";")[0],
                         f"{ANNA}: would be added")
        self.assertEqual(self.rows(), [])
        self.add()
        before = self.rows()
        for command, *arguments in (["block", "--reason", "x"], ["revoke", "--reason", "x"],
                                    ["set", "--closed"], ["rename", NEW]):
            self.assertIn(f"{ANNA}: would be ", self.mailbox(command, ANNA, *arguments, "--dry-run"))
            self.assertEqual(self.rows(), before)
        self.assert_refused(f"{ANNA}: it is not revoked", "restore", ANNA, "--dry-run")

    def test_lists(self):
        self.assertEqual(self.mailbox("list"), "")
        self.assertEqual(json.loads(self.mailbox("list", "--json")), [])
        self.add()
        self.mailbox("revoke", "bruno@pec.alfa.example", "--reason", "contract ended")
        listed = self.mailbox("list").splitlines()
        self.assertEqual(listed[0], f"{ANNA}: open (ordinary mail, too)")
        self.assertRegex(listed[1], r"\Abruno@pec.alfa.example: revoked since [-0-9]+ .* \(contract "
                                    r"ended\), open \(ordinary mail, too\)\Z")
        found = json.loads(self.mailbox("list", "--json"))
        self.assertEqual([(each["address"], each["state"]) for each in found],
                         [(ANNA, "active"), ("bruno@pec.alfa.example", "revoked")])
        self.assertRegex(found[1]["since"], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")

    def test_a_mailbox_of_another_domain(self):
        for command, *arguments in (["add", "--holder", "x"], ["purge"], ["passwd"], ["show"]):
            self.assert_refused(".* manages the domain altrove.example; .*", command,
                                "anna@altrove.example", *arguments)
        self.add()
        self.assert_refused(".* manages the domain altrove.example; .*", "rename", ANNA,
                            "anna@altrove.example", "--yes")

    def test_two_changes_at_once_are_both_on_record_or_one_says_so(self):
        self.add()
        commands = [["block", "--reason", "one"], ["revoke", "--reason", "two"]] * 4
        running = [subprocess.Popen(
            [built_program("pecctl/pecctl"), "--config", self.site / "pec.toml", "mailbox", command, ANNA, *arguments],
            cwd="/", text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **self.identity)
            for command, *arguments in commands]
        outcomes = [(process.communicate(timeout=60), process.returncode) for process in running]
        done = [output for (output, _), status in outcomes if status == 0]
        self.assertEqual(len(self.shown()["events"]), 1 + len(done))
        for (_, errors), status in outcomes:
            if status != 0:
                self.assertRegex(errors, "already|sends nothing anyway|at this moment")


class Passwords(Case):
    def hash(self) -> str:
        with closing(sqlite3.connect(self.site / "ledger.db")) as database:
            return database.execute("SELECT password FROM mailbox").fetchone()[0]

    def test_dovecot_knows_it(self):
        self.add()
        self.assertEqual(self.mailbox("passwd", ANNA, typed="pàssword w1th blanks\nnot this\n"),
                         f"{ANNA}: has a new password\n")
        first = self.hash()
        self.assertRegex(first, r"\A\{CRYPT\}\$y\$")
        for password, right in (("pàssword w1th blanks", True), ("pàssword", False)):
            verdict = subprocess.run(["doveadm", "pw", "-t", first, "-p", password],
                                     capture_output=True, check=False)
            self.assertEqual(verdict.returncode == 0, right, verdict)
        self.mailbox("passwd", ANNA, typed="pàssword w1th blanks\n")
        self.assertNotEqual(self.hash(), first)  # another salt

    def test_bad_ones(self):
        self.add()
        for given in ("", "\n", "short\n", "tab\there is one\n"):
            done = self.pecctl("mailbox", "passwd", ANNA, typed=given)
            self.assertEqual((done.returncode, done.stdout), (1, ""), given)
            self.assertRegex(done.stderr, r"\Apecctl: [^\n]*password[^\n]*\n\Z")
        self.assertEqual(self.hash(), "")

    def type_twice(self, first: str, second: str) -> tuple[int, str]:
        """At a terminal. Returns the status, and all that the terminal shows."""
        terminal, inside = pty.openpty()
        with subprocess.Popen(
                [built_program("pecctl/pecctl"), "--config", self.site / "pec.toml", "mailbox", "passwd", ANNA],
                cwd="/", stdin=inside, stdout=inside, stderr=inside, start_new_session=True,
                **self.identity) as process:
            os.close(inside)
            shown = b""
            for prompt, line in ((b"New password", first), (b"Once more", second)):
                while prompt not in shown or not shown.endswith(b": "):
                    ready, _, _ = select.select([terminal], [], [], PATIENCE)
                    self.assertTrue(ready, shown)
                    shown += os.read(terminal, 1024)
                os.write(terminal, line.encode() + b"\n")
            try:
                while piece := os.read(terminal, 1024):
                    shown += piece
            except OSError:  # the other end is closed
                pass
            status = process.wait(timeout=60)
        os.close(terminal)
        return status, shown.decode()

    def test_at_a_terminal_it_is_asked_for_twice_and_not_shown(self):
        self.add()
        status, shown = self.type_twice("a good password", "a good passwort")
        self.assertEqual(status, 1)
        self.assertIn("not the same", shown)
        status, shown = self.type_twice("a good password", "a good password")
        self.assertEqual(status, 0, shown)
        self.assertIsNone(re.search("good", shown))
        self.assertTrue(self.shown()["has_password"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
