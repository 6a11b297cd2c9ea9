# SPDX-License-Identifier: GPL-2.0-or-later
"""What `pecctl status` says, and its exit status. Needs no root.

The states are written here with Python's own sqlite3, as another program would.
"""

import os
import re
import sqlite3
import unittest
from contextlib import closing
from pathlib import Path

from pecctl_test import has_open
from support.pecctl_site import ANNA, LedgerCase
from support.provider import MILTER_UID
from support.waiting import wait_until

MX1, MX2 = "mx1.pec.alfa.example", "mx2.pec.alfa.example"
WINTER = 1795320682  # 2026-11-22 04:11:22 UTC
SUMMER = 1784696400  # 2026-07-22 05:00:00 UTC
NOTHING = "nothing has reported yet: start pec-milter"


class StatusCase(LedgerCase):
    def setUp(self):
        super().setUp()
        self.assertEqual(self.pecctl("mailbox", "show", ANNA).returncode, 0)

    def note(self, node: str, component: str, good: bool, text: str, at: int = WINTER) -> None:
        with closing(sqlite3.connect(self.ledger)) as database:
            database.execute("INSERT OR REPLACE INTO state (node, component, good, text, at)"
                             " VALUES (?, ?, ?, ?, ?)", (node, component, int(good), text, at))
            database.commit()

    def assert_status(self, exit_status: int, lines: list[str], **options) -> None:
        done = self.pecctl("status", **options)
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (exit_status, "".join(line + "\n" for line in lines), ""))


class Lines(StatusCase):
    GOOD = f"{MX1} antivirus: good since 2026-11-22 05:11:22 +0100: 120 signatures"
    BAD = f"{MX2} antivirus: BAD since 2026-07-22 07:00:00 +0200: no database in /var/lib/clamav"

    def note_good(self):
        self.note(MX1, "antivirus", True, "120 signatures")

    def note_bad(self):
        self.note(MX2, "antivirus", False, "no database in /var/lib/clamav", SUMMER)

    def test_nothing_has_reported(self):
        self.assert_status(1, [NOTHING])

    def test_good(self):
        self.note_good()
        self.assert_status(0, [self.GOOD])

    def test_bad(self):
        self.note_bad()
        self.assert_status(1, [self.BAD])

    def test_one_bad_among_good_ones_is_enough(self):
        self.note_bad()
        self.note_good()
        self.assert_status(1, [self.GOOD, self.BAD])

    def test_what_became_good_is_good(self):
        self.note_bad()
        self.assert_status(1, [self.BAD])
        self.note(MX2, "antivirus", True, "120 signatures")
        self.assert_status(0, [self.GOOD.replace(MX1, MX2)])

    def test_sorted_by_node_and_component(self):
        for node, component in ((MX2, "antivirus"), (MX1, "directory"), (MX1, "antivirus")):
            self.note(node, component, True, "fine")
        self.assert_status(0, [f"{where}: good since 2026-11-22 05:11:22 +0100: fine" for where in
                               (f"{MX1} antivirus", f"{MX1} directory", f"{MX2} antivirus")])

    def test_the_configured_zone(self):
        self.note_good()
        self.write_config(provider__time_zone="Asia/Tokyo")
        self.assert_status(0, [self.GOOD.replace("05:11:22 +0100", "13:11:22 +0900")])

    def test_what_was_reported_makes_no_line_and_moves_no_cursor(self):
        self.note(MX1, "anti\nvirus", False, "a\r\nb\x1b[2J")
        self.assert_status(1, [f"{MX1} anti?virus: BAD since 2026-11-22 05:11:22 +0100: a??b?[2J"])

    def test_asking_changes_nothing(self):
        self.note_good()
        self.assert_status(0, [self.GOOD])
        with closing(sqlite3.connect(self.ledger)) as database:
            self.assertEqual(database.execute("SELECT * FROM state").fetchall(),
                             [(MX1, "antivirus", 1, "120 signatures", WINTER)])


class Complaints(StatusCase):
    def test_no_configuration(self):
        self.config.unlink()
        self.assert_complaint(f"can't read {self.config}: No such file or directory; .*", "status")

    def test_an_unknown_zone(self):
        self.write_config(provider__time_zone="Europe/Roma")
        self.assert_complaint('time zone "Europe/Roma" is not known .*', "status")

    def test_no_folder_for_the_ledger(self):
        self.write_config(ledger__connection=f"sqlite3://{self.site}/nowhere/ledger.db")
        self.assert_complaint(f"can't open ledger {self.site}/nowhere/ledger.db: No such file or "
                              "directory; .*", "status")

    def test_a_ledger_that_is_none(self):
        for path in self.site.glob("ledger.db*"):
            path.unlink()
        self.ledger.write_text("this is no database, and long enough to be seen as none\n" * 20)
        os.chown(self.ledger, self.identity.get("user", -1), -1)
        done = self.pecctl("status")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, rf"\Apecctl: ledger {self.ledger} is damaged, [^\n]+\n\Z")

    def test_states_that_cannot_be_read(self):
        self.note(MX1, "antivirus", True, "fine")
        with closing(sqlite3.connect(self.ledger)) as database:
            database.execute("ALTER TABLE state RENAME TO away")
        self.assert_complaint(rf"ledger {self.ledger} .*no such table: state.*", "status")

    def test_no_argument(self):
        done = self.pecctl("status", MX1)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, f"not expected: {re.escape(MX1)}")

    def test_help_tells_the_exit_status(self):
        done = self.pecctl("status", "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"Exit status: 0 if all is good; 1 if .*\s.*")


class Root(StatusCase):
    def setUp(self):
        self.root = self.as_root()
        super().setUp()

    def test_does_not_create_the_ledger(self):
        for path in self.site.glob("ledger.db*"):
            path.unlink()
        self.assert_complaint(f"ledger {self.ledger}: No such file or directory; root doesn't "
                              "create it, .*", "status", **self.root)
        self.assertFalse(self.ledger.exists())

    def test_reads_as_the_owner_of_the_ledger(self):
        self.note(MX1, "antivirus", True, "fine")
        with closing(sqlite3.connect(self.ledger, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            process = self.start("status", **self.root)
            wait_until(lambda: has_open(process.pid, self.ledger), "the ledger is open")
            status = Path(f"/proc/{process.pid}/status").read_text()
            other.execute("COMMIT")
            output, errors = process.communicate(timeout=60)
        self.assertEqual((process.returncode, output, errors),
                         (0, f"{MX1} antivirus: good since 2026-11-22 05:11:22 +0100: fine\n", ""))
        for kind in ("Uid", "Gid"):
            self.assertRegex(status, rf"\n{kind}:(\t{MILTER_UID}){{4}}\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
