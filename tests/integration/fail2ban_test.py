# SPDX-License-Identifier: GPL-2.0-or-later
"""fail2ban/, by Debian's fail2ban-regex, on what a real Postfix and a real Dovecot have logged under the names of
their instances. Clients have addresses of loopback of their own, each for one thing that it does."""

import shutil
import smtplib
import socket
import sqlite3
import subprocess
import unittest
from pathlib import Path

from support import harness
from support.changed_postfix import ChangedPostfix
from support.folders import temporary_folder
from support.imap_from import ImapFrom
from support.own_syslog import OwnSyslog
from support.paths import ROOT
from support.people import anna, bruno
from support.waiting import PATIENCE, wait_until

OURS = ROOT / "fail2ban"
DEBIANS = Path("/etc/fail2ban")
ACCOUNTS = """\
passdb {{
  driver = sql
  args = {}
}}
"""


def setUpModule():
    global box, folder, fail2ban, accounts
    if not shutil.which("fail2ban-regex"):
        raise unittest.SkipTest("fail2ban is not installed")
    box = harness.sandbox()
    folder = temporary_folder(unittest.addModuleCleanup)
    fail2ban = folder / "fail2ban"
    shutil.copytree(DEBIANS, fail2ban)
    for file in OURS.rglob("*.conf"):
        shutil.copy(file, fail2ban / file.relative_to(OURS))
    accounts = folder / "accounts.db"
    take_accounts_from_sql()


def take_accounts_from_sql() -> None:
    """As accounts in the ledger: another process of Dovecot asks for them, and words its lines in its way."""
    with sqlite3.connect(accounts) as table:
        table.execute("CREATE TABLE account (name, password)")
        table.executemany("INSERT INTO account VALUES (?, ?)",
                          [(name, "{PLAIN}" + password) for name, password in box.alfa.passwords.items()])
    folder.chmod(0o755)
    accounts.chmod(0o644)
    query = folder / "accounts.conf.ext"
    query.write_text(f"driver = sqlite\nconnect = {accounts}\n"
                     "password_query = SELECT password FROM account WHERE name = '%u'\n")
    config = Path(box.alfa.info["dovecot_config"])
    before, _, after = config.read_text().partition("passdb {\n")
    config.write_text(before + ACCOUNTS.format(query) + after.partition("}\n")[2] + "log_path = syslog\n")


def rename_table(name: str, new: str) -> None:
    with sqlite3.connect(accounts) as table:
        table.execute(f"ALTER TABLE {name} RENAME TO {new}")


def banned(file: Path, jail_filter: str) -> set[str]:
    """The addresses in the lines that the filter finds."""
    done = subprocess.run(["fail2ban-regex", "-c", fail2ban, "-o", "ip", file, jail_filter], capture_output=True,
                          text=True, check=False, timeout=PATIENCE)
    if done.returncode not in (0, 1):  # 1: it finds none
        raise AssertionError(done.stdout + done.stderr)
    return set(done.stdout.split())


def from_journal(lines: list[str]) -> list[str]:
    """As fail2ban words what it reads there: without the date, which it has from elsewhere."""
    return [line.split(maxsplit=3)[3] for line in lines]


class Logins(harness.Case):
    def setUp(self):
        self.syslog = OwnSyslog(temporary_folder(self.addCleanup))
        self.addCleanup(self.syslog.close)
        box.restart_dovecot(box.alfa, self.syslog.within)

    def by_imap(self, source: str, user: str, password: str) -> None:
        imap = ImapFrom(source, box.tls, *box.alfa.info["imaps"])
        try:
            imap.login(user, password)
        except ImapFrom.error:
            pass
        finally:
            imap.shutdown()

    def by_smtp(self, source: str, user: str, password: str) -> None:
        with box.alfa.connect("smtps", source) as smtp:
            smtp.ehlo()
            smtp.user, smtp.password = user, password
            try:
                smtp.auth("PLAIN", smtp.auth_plain)
            except smtplib.SMTPAuthenticationError:
                pass

    def found(self, jail_filter: str = "pec-logins") -> set[str]:
        file = folder / "logins.log"
        file.write_text("".join(line + "\n" for line in self.syslog.lines()))
        return banned(file, jail_filter)

    def logged(self, words: str, times: int) -> None:
        wait_until(lambda: sum(words in line for line in self.syslog.lines()) >= times, f"{times} times \"{words}\"")

    def test_failures_have_the_clients_address_and_successes_do_not_count(self):
        right = box.alfa.passwords
        self.by_imap("127.0.6.1", anna, "wrong")
        self.by_smtp("127.0.6.2", anna, "wrong")
        self.by_imap("127.0.6.3", "nobody@pec.alfa.example", "any")
        self.by_smtp("127.0.6.4", "nobody@pec.alfa.example", "any")
        self.by_imap("127.0.6.5", anna, right[anna])
        self.by_smtp("127.0.6.6", bruno, right[bruno])
        # Somebody else's address in a name is not taken for the client's.
        for name in ("x,198.51.100.7", "x,198.51.100.7,<a>): unknown user", "x,198.51.100.7): Password mismatch"):
            self.by_imap("127.0.6.7", name, "any")
        self.logged("Password mismatch", 2)
        self.logged("unknown user", 2)
        self.logged("rip=127.0.6.7", 3)
        found = self.found()
        self.assertLessEqual({"127.0.6.1", "127.0.6.2", "127.0.6.3", "127.0.6.4"}, found)
        self.assertLessEqual(found, {"127.0.6.1", "127.0.6.2", "127.0.6.3", "127.0.6.4", "127.0.6.7"})
        # The host's own Dovecot has another name.
        self.assertEqual(self.found("dovecot"), set())
        (folder / "journal.log").write_text("\n".join(from_journal(self.syslog.lines())) + "\n")
        self.assertEqual(banned(folder / "journal.log", "pec-logins[logtype=journal]"), found)

    def test_nobody_is_shut_out_because_passwords_can_not_be_looked_up(self):
        rename_table("account", "away")
        self.addCleanup(rename_table, "away", "account")
        self.by_imap("127.0.6.11", bruno, box.alfa.passwords[bruno])
        self.by_smtp("127.0.6.12", anna, box.alfa.passwords[anna])
        for source in ("127.0.6.11", "127.0.6.12"):
            self.logged(f"sql({anna if source.endswith('2') else bruno},{source}", 1)
        self.assertEqual(self.found(), set())


class IncomingPoint(harness.Case):
    def setUp(self):
        self.postfix = ChangedPostfix(box.alfa).__enter__()
        self.addCleanup(self.postfix.__exit__)
        # One client is not exempt from postscreen's test.
        self.postfix.set(multi_instance_name="postfix-pec", postscreen_access_list="cidr:{{127.0.6.0/24 permit}}")
        self.log = Path(box.alfa.info["maillog"])
        self.start = self.log.stat().st_size

    def new_lines(self) -> list[str]:
        return self.log.read_bytes()[self.start:].decode(errors="replace").splitlines()

    def found(self, jail_filter: str) -> set[str]:
        file = folder / "mx.log"
        file.write_text("".join(line + "\n" for line in self.new_lines()))
        return banned(file, jail_filter)

    def recipient(self, source: str, address: str) -> int:
        with box.alfa.connect("mx", source) as smtp:
            smtp.ehlo("mx.ordinaria.example")
            smtp.mail("gianni@ordinaria.example")
            return smtp.rcpt(address)[0]

    def test_relays_are_looked_for_and_nonsense_is_sent(self):
        self.assertEqual(self.recipient("127.0.6.21", "anybody@elsewhere.example"), 554)
        with box.alfa.connect("mx", "127.0.6.22") as smtp, self.assertRaises(smtplib.SMTPServerDisconnected):
            while True:
                smtp.docmd("NONSENSE")
        with socket.create_connection(box.alfa.info["mx"], PATIENCE, ("127.0.7.23", 0)) as hasty:
            hasty.sendall(b"EHLO x\r\n")
            wait_until(lambda: any("PREGREET" in line for line in self.new_lines()), "postscreen has seen it")
        # What a provider's host does, whose users mistype.
        self.assertEqual(self.recipient("127.0.6.24", "nobody@pec.alfa.example"), 550)
        with box.alfa.connect("mx", "127.0.6.25") as smtp:
            smtp.ehlo("mx.ordinaria.example")
            smtp.mail("gianni@ordinaria.example")
            with self.assertRaises(smtplib.SMTPServerDisconnected):
                while True:
                    smtp.rcpt("nobody@pec.alfa.example")
        self.assertEqual(self.recipient("127.0.6.26", bruno), 250)
        wait_until(lambda: any("disconnect from" in line and "127.0.6.26" in line for line in self.new_lines()),
                   "the last client's line")
        found = {"127.0.6.21", "127.0.6.22", "127.0.7.23"}
        self.assertEqual(self.found("pec-mx"), found)
        (folder / "journal.log").write_text("\n".join(from_journal(self.new_lines())) + "\n")
        self.assertEqual(banned(folder / "journal.log", "pec-mx[logtype=journal]"), found)

    def test_debians_jail_for_postfix_leaves_providers_alone_as_the_example_says(self):
        self.recipient("127.0.6.31", "nobody@pec.alfa.example")
        wait_until(lambda: any("127.0.6.31" in line and "reject:" in line for line in self.new_lines()), "the refusal")
        self.assertEqual(self.found("postfix"), {"127.0.6.31"})
        [line] = [line for line in (OURS / "jail.d/pec-suite.conf").read_text().splitlines()
                  if line.startswith("#filter = postfix[")]
        self.assertEqual(self.found(line.partition(" = ")[2]), set())


class Jails(unittest.TestCase):
    def test_fail2ban_takes_the_example(self):
        said = subprocess.run(["fail2ban-client", "-c", fail2ban, "-d"], capture_output=True, text=True, check=True,
                              timeout=PATIENCE)
        for jail in ("pec-logins", "pec-mx"):
            self.assertIn(f"['add', '{jail}', 'systemd']", said.stdout)
            self.assertRegex(said.stdout, rf"'set', '{jail}', 'addjournalmatch'")
            self.assertNotIn(jail, said.stderr)


if __name__ == "__main__":
    harness.main()
