#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The packages on an ordinary host, without set-up: they change nothing there, and leave it as it was."""

import re
import unittest

from enclosure import CommandError
from host_with_packages import NEW_ACCOUNTS, HostWithPackages
from steps import step
from trees import ROOT

NAMES = ["dovecot-pec", "pec-suite"]
PROGRAMS = ("pec-milter", "pec-policyd", "pec-scanner", "pecctl")
# What an administrator has who followed dovecot-conf/README.md on the host's own Dovecot.
OWN_DROP_IN = "/etc/dovecot/conf.d/99-pec.conf"
TIMER = "pec-crl.timer"
DOVECOT_LDA = "/usr/lib/dovecot/dovecot-lda"


class OnAnOrdinaryHost(HostWithPackages):
    def purge(self) -> str:
        """Also what came with ours: `apt autoremove` leaves packages that some other package suggests."""
        said = step("apt purge", lambda: self.host.apt("purge", *NAMES))
        step("apt autoremove", lambda: self.host.apt("autoremove", "--purge"))
        kept = sorted(self.installed() - self.packages_before)
        step(f"apt purge {' '.join(kept)}", lambda: self.host.apt("purge", *kept))
        return said

    def test_installed_they_do_nothing_yet_and_purged_they_leave_nothing(self):
        self.install()
        step("ordinary mail", self.host.prove)
        for program in PROGRAMS:
            self.assertIn(program, self.host.run(program, "--help"))
        units = self.host.run("sh", "-c", "systemctl list-units --all --no-legend 'pec-*' 'dovecot-pec*'")
        self.assertNotIn(" active ", units)
        self.assertEqual(self.host.run("systemctl", "is-system-running").strip(), "running")
        step("reboot", self.host.reboot)
        step("ordinary mail", self.host.prove)
        said = self.purge()
        self.assertNotIn("evidence is kept", said)
        self.assertEqual(self.host.run("sh", "-c", "ls -d /etc/pec /var/lib/pec* /run/pec 2>/dev/null || true"), "")
        self.assert_as_before()
        step("ordinary mail", self.host.prove)

    def test_purge_keeps_evidence_and_says_where(self):
        self.install()
        evidence = ["/etc/pec/provider.key", "/var/lib/pec/ledger.db", "/var/lib/pec/viruses/one"]
        self.host.run("mkdir", "-p", "/etc/pec", "/var/lib/pec/viruses")
        owner = self.host.run("stat", "-c", "%U:%G %a", "/var/lib/pec")
        for path in evidence:
            self.host.write(path, path, "600")
        said = self.purge()
        self.assertRegex(said, "(?s)evidence is kept.*/etc/pec: .*keys.*/var/lib/pec: ledger")
        for path in evidence:
            self.assertEqual(self.host.read(path), path)
        self.assertEqual(owner, "pec:postfix 2750\n")
        self.assertEqual(self.host.run("stat", "-c", "%U:%G %a", "/var/lib/pec"), owner)
        self.host.run("rm", "-r", "/etc/pec", "/var/lib/pec")
        self.assert_as_before()

    def test_an_upgrade_restarts_what_runs_and_a_removal_stops_it(self):
        self.install()
        self.host.run("systemctl", "enable", "--now", TIMER)
        started = self.started(TIMER)
        self.install("--reinstall")
        self.assertEqual(self.host.run("systemctl", "is-active", TIMER).strip(), "active")
        self.assertGreater(self.started(TIMER), started)
        self.assertEqual(self.started("pec-timeouts.timer"), 0)  # set-up has not started it
        step("apt remove", lambda: self.host.apt("remove", "pec-suite"))
        self.assertNotIn(TIMER, self.host.run("systemctl", "list-units", "--no-legend", "pec-*"))

    def started(self, unit: str) -> int:
        """Microseconds after the boot; 0: never."""
        return int(self.host.run("systemctl", "show", "--value", "-p", "ActiveEnterTimestampMonotonic", unit))

    def test_dovecot_loads_the_plugins(self):
        self.install()
        self.host.run("doveadm", "-o", "mail_plugins=pec_limits", "mailbox", "list", "-u", "rosa")
        message = "Subject: through the plugins\n\nhello\n"
        self.host.run(DOVECOT_LDA, "-o", "mail_plugins=pec_limits pec", "-d", "rosa", stdin=message)
        self.host.wait_for("rosa", "through the plugins")
        with self.assertRaises(CommandError):  # else what is above would prove nothing
            self.host.run(DOVECOT_LDA, "-o", "mail_plugins=pec_nothing", "-d", "rosa", stdin=message)

    def test_the_packages_own_tests_pass(self):
        # As autopkgtest runs them.
        [tests] = re.findall(r"^Tests: (.*)", (ROOT / "debian/tests/control").read_text(), re.MULTILINE)
        self.install()
        self.host.run("mkdir", "/root/tests")
        for test in tests.split(", "):
            self.host.put(ROOT / "debian/tests" / test, f"/root/tests/{test}")
            step(f"debian/tests/{test}", lambda name=test: self.host.run(
                "sh", "-c", 'chmod 755 "$1" && AUTOPKGTEST_TMP=$(mktemp -d) "$1"', "sh", f"/root/tests/{name}"))

    def test_a_host_whose_own_dovecot_uses_the_plugins_delivers_when_they_are_removed(self):
        self.install()
        self.host.write(OWN_DROP_IN, "mail_plugins = $mail_plugins pec_limits\n")
        self.host.run("systemctl", "restart", "dovecot")
        step("ordinary mail, with a plugin", self.host.prove)
        said = step("apt remove", lambda: self.host.apt("remove", "dovecot-pec"))
        self.assertIn(f"{OWN_DROP_IN}.withdrawn", said)
        step("ordinary mail, without it", self.host.prove)
        self.install()
        self.assertIn("pec_limits", self.host.run("doveconf", "-h", "mail_plugins"))

    def assert_as_before(self):
        """Apart from our accounts."""
        self.assertEqual([each for each in self.host.etc().since(self.before) if each not in NEW_ACCOUNTS], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
