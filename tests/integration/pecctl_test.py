# SPDX-License-Identifier: GPL-2.0-or-later
"""What pecctl does and says: the mailbox commands, on a ledger of their own. Needs no root.

Settings are looked at with Python's own sqlite3, as another program would.
"""

import os
import re
import sqlite3
import subprocess
import unittest
from contextlib import closing
from pathlib import Path

from support.pecctl_site import ALFA, ANNA, BETA, LedgerCase, built_program, has_open
from support.provider import MILTER_UID
from support.waiting import wait_until


class Mailbox(LedgerCase):
    """Closed mailboxes: RFC 6109, 2.2.2."""

    CLOSED = f"{ANNA}: closed (certified mail only)"
    OPEN = f"{ANNA}: open (ordinary mail, too)"

    def assert_shown(self, state: str, address: str = ANNA) -> None:
        """First; then comes what was done to it."""
        done = self.pecctl("mailbox", "show", address)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.splitlines()[0], state)

    def test_is_open_until_it_is_closed(self):
        self.assert_answer(self.OPEN, "mailbox", "show", ANNA)
        self.assertEqual(self.rows(), [])

    def test_is_closed_and_opened(self):
        self.assert_answer(self.CLOSED, "mailbox", "set", ANNA, "--closed")
        self.assert_shown(self.CLOSED)
        self.assertEqual(self.rows(), [(ANNA, 1)])
        self.assert_answer(self.OPEN, "mailbox", "set", ANNA, "--open")
        self.assert_shown(self.OPEN)
        self.assertEqual(self.rows(), [(ANNA, 0)])

    def test_only_the_named_one_is_changed(self):
        self.assert_answer(self.CLOSED, "mailbox", "set", ANNA, "--closed")
        bruno = "bruno@pec.alfa.example"
        self.assert_answer(f"{bruno}: open (ordinary mail, too)", "mailbox", "set", bruno, "--open")
        self.assertEqual(sorted(self.rows()), [(ANNA, 1), (bruno, 0)])

    def test_case_and_needless_quotes_make_no_other_mailbox(self):
        self.assert_answer(self.CLOSED, "mailbox", "set", '"Anna"@PEC.Alfa.EXAMPLE', "--closed")
        self.assert_shown(self.CLOSED, "ANNA@pec.alfa.example")
        self.assertEqual(self.rows(), [(ANNA, 1)])

    def test_any_domain_that_we_manage(self):
        self.assert_answer("sindaco@comune.example: closed (certified mail only)",
                           "mailbox", "set", "sindaco@comune.example", "--closed")

    def test_the_configuration_may_be_named_last(self):
        done = subprocess.run([built_program("pecctl/pecctl"), "mailbox", "show", ANNA, "--config", self.config],
                              cwd="/", stdout=subprocess.PIPE, text=True, check=True, timeout=60,
                              **self.identity)
        self.assertEqual(done.stdout, self.OPEN + "\n")

    def test_waits_while_another_program_writes(self):
        self.assert_answer(self.OPEN, "mailbox", "show", ANNA)
        with closing(sqlite3.connect(self.ledger, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            process = self.start("mailbox", "set", ANNA, "--closed")
            with self.assertRaises(subprocess.TimeoutExpired):
                process.wait(timeout=0.5)
            other.execute("COMMIT")
            output, errors = process.communicate(timeout=60)
        self.assertEqual((process.returncode, output, errors), (0, self.CLOSED + "\n", ""))

    def test_many_at_once_all_succeed(self):
        mailboxes = [f"user{n}@pec.alfa.example" for n in range(8)]
        running = [self.start("mailbox", "set", mailbox, "--closed") for mailbox in mailboxes]
        outcomes = [(process.communicate(timeout=60), process.returncode) for process in running]
        self.assertEqual(outcomes, [((f"{mailbox}: closed (certified mail only)\n", ""), 0)
                                    for mailbox in mailboxes])
        self.assertEqual(sorted(self.rows()), [(mailbox, 1) for mailbox in mailboxes])


class MailboxComplaints(LedgerCase):
    def assert_both_complain(self, pattern: str, address: str = ANNA) -> None:
        for arguments in (["set", address, "--closed"], ["show", address]):
            with self.subTest(arguments):
                self.assert_complaint(pattern, "mailbox", *arguments)

    def test_no_address(self):
        for address in ("anna", "anna@", "@pec.alfa.example", "<anna@pec.alfa.example>", "",
                        "anna@pec.alfa.example, bruno@pec.alfa.example", "anna@localhost"):
            self.assert_both_complain(f'"{re.escape(address)}" is not a mail address; '
                                      "write it like anna@pec.alfa.example", address)
        self.assertFalse(self.ledger.exists())

    def test_a_control_character_makes_no_second_line(self):
        self.assert_both_complain(r'"a\?b@pec.alfa.example" is not a mail address; .*',
                                  "a\nb@pec.alfa.example")

    def test_a_domain_that_nobody_manages(self):
        self.assert_both_complain(
            f"eve@ordinaria.example: no provider in ldif:{self.directory} manages the domain "
            "ordinaria.example; correct the address, or add the domain to our entry there",
            "Eve@ordinaria.example")
        self.assertFalse(self.ledger.exists())

    def test_a_domain_of_another_provider(self):
        self.assert_both_complain(
            f'dario@pec.beta.example: the domain pec.beta.example is managed by "{BETA}" in '
            f'ldif:{self.directory}, and we are "{ALFA}"; correct the address, or provider.name in the '
            "configuration", "dario@pec.beta.example")
        self.assertFalse(self.ledger.exists())

    def test_a_subdomain_of_ours_is_not_ours(self):
        self.assert_both_complain(".* manages the domain sub.pec.alfa.example; .*",
                                  "anna@sub.pec.alfa.example")

    def test_no_configuration(self):
        self.config.unlink()
        self.assert_both_complain(f"can't read {self.config}: No such file or directory; .*")

    def test_a_mistake_in_the_configuration(self):
        self.write_config(legder__connection="x")
        self.assert_both_complain(rf"{self.config}:\d+:\d+: unknown section \[legder\]; .*")

    def test_no_directory(self):
        self.directory.unlink()
        self.assert_both_complain(f"can't read {self.directory}: No such file or directory; .*")

    def test_a_damaged_directory(self):
        self.directory.write_text("this is none\n")
        self.assert_both_complain(f"{self.directory}: line 1: .*")

    def test_a_ledger_connection_that_is_none(self):
        self.write_config(ledger__connection="ledger.db")
        self.assert_both_complain(rf"{self.config}:\d+:\d+: ledger.connection is not a ledger; .*")

    def test_no_folder_for_the_ledger(self):
        nowhere = self.site / "nowhere"
        self.write_config(ledger__connection=f"sqlite3://{nowhere}/ledger.db")
        self.assert_both_complain(f"can't open ledger {nowhere}/ledger.db: No such file or "
                                  "directory; create its folder, .*", ANNA)

    def test_a_ledger_that_is_none(self):
        self.ledger.write_text("this is no database, and long enough to be seen as none\n" * 20)
        os.chown(self.ledger, self.identity.get("user", -1), -1)
        done = self.pecctl("mailbox", "show", ANNA)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, rf"\Apecctl: ledger {self.ledger} is damaged, or no SQLite "
                                      r"database [^\n]+\n\Z")


class Root(LedgerCase):
    def setUp(self):
        self.root = self.as_root()
        super().setUp()

    def test_does_not_create_the_ledger(self):
        for arguments in (["set", ANNA, "--closed"], ["show", ANNA]):
            self.assert_complaint(
                f"ledger {self.ledger}: No such file or directory; root doesn't create it, since "
                "the service's user couldn't write it: start pec-milter once, or run this as the "
                "service's user",
                "mailbox", *arguments, **self.root)
            self.assertFalse(self.ledger.exists())

    def test_works_as_the_owner_of_the_ledger(self):
        """Else the files that SQLite makes beside it are closed to the service for a moment."""
        self.assertEqual(self.pecctl("mailbox", "show", ANNA).returncode, 0)
        with closing(sqlite3.connect(self.ledger, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            process = self.start("mailbox", "set", ANNA, "--closed", **self.root)
            wait_until(lambda: has_open(process.pid, self.ledger), "the ledger is open")
            status = Path(f"/proc/{process.pid}/status").read_text()
            other.execute("COMMIT")
            _, errors = process.communicate(timeout=60)
        self.assertEqual((process.returncode, errors), (0, ""))
        for kind in ("Uid", "Gid"):
            self.assertRegex(status, rf"\n{kind}:(\t{MILTER_UID}){{4}}\n")
        self.assertRegex(status, r"\nGroups:\s*\n")

    def test_and_the_service_write_side_by_side(self):
        self.assertEqual(self.pecctl("mailbox", "show", ANNA).returncode, 0)
        mailboxes = [f"user{n}@pec.alfa.example" for n in range(12)]
        users = [self.root, self.identity]
        running = [self.start("mailbox", "set", mailbox, "--closed", **users[n % 2])
                   for n, mailbox in enumerate(mailboxes)]
        outcomes = [(process.communicate(timeout=60), process.returncode) for process in running]
        self.assertEqual(outcomes, [((f"{mailbox}: closed (certified mail only)\n", ""), 0)
                                    for mailbox in mailboxes])


class CommandLine(LedgerCase):
    def assert_usage(self, pattern: str, *arguments) -> None:
        done = self.pecctl(*arguments)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        self.assertRegex(done.stderr, pattern)
        self.assertIn("--help", done.stderr)
        self.assertFalse(self.ledger.exists())

    def test_something_to_set_and_no_contradiction(self):
        self.assert_usage("At least 1 option", "mailbox", "set", ANNA)
        self.assert_usage("At least 1 option", "mailbox", "set", ANNA, "--dry-run")
        self.assert_usage("--closed excludes --open", "mailbox", "set", ANNA, "--closed", "--open")

    def test_exactly_one_address(self):
        self.assert_usage("ADDRESS is required", "mailbox", "set", "--closed")
        self.assert_usage("ADDRESS is required", "mailbox", "show")
        self.assert_usage("bruno", "mailbox", "show", ANNA, "bruno@pec.alfa.example")

    def test_a_command(self):
        self.assert_usage("subcommand is required")
        self.assert_usage("subcommand is required", "mailbox")
        self.assert_usage("subcommand is required|not expected", "mailbox", "close", ANNA)

    def test_show_changes_nothing(self):
        self.assert_usage("not expected: --closed", "mailbox", "show", ANNA, "--closed")

    def test_help(self):
        done = self.pecctl("mailbox", "set", "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for word in ("ADDRESS", "--closed", "--open"):
            self.assertIn(word, done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
