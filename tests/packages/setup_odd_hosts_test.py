#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`pecctl setup` on hosts that are odd, and real: after each the host is as it was, and its mail goes on."""

import unittest

from certified_mail import DOMAIN
from enclosure import CommandError
from setup_test import Setup
from steps import step

OWN = ("postfix@-.service", "dovecot.service")


class OddHost(Setup):
    def setUp(self):
        super().setUp()
        self.install()
        self.before = self.host.etc()  # with the packages

    def set_up_at(self, *addresses: str) -> str:
        return self.host.run("pecctl", "setup", "--trial", "--yes", "--domain", DOMAIN, "--addresses",
                             " ".join(addresses), patience=600)

    def revert(self) -> str:
        return self.host.run("pecctl", "setup", "revert", "--yes", patience=300)

    def states(self, *units: str) -> list[str]:
        return self.host.run("sh", "-c", f"systemctl is-active {' '.join(units)} || true").split()

    def damage(self, script: str) -> None:
        self.host.run("sh", "-ec", script)


class WithoutIpV6(OddHost):
    """A service that is told to listen at ::1 does not start where there is none."""

    def test_the_hosts_own_services_go_on(self):
        self.damage("for device in lo eth0; do ip -6 address flush dev $device; done")
        step("pecctl setup --trial --yes", lambda: self.set_up_at(self.host.addresses[1].v4))
        self.assertEqual(self.states(*OWN), ["active", "active"])
        self.assertNotIn("::1", self.host.read("/etc/dovecot/conf.d/95-certified-mail.conf"))
        step("revert", self.revert)
        self.assertEqual(self.states(*OWN), ["active", "active"])
        self.assert_as(self.before)


class WithAStrictUmask(OddHost):
    def test_our_services_can_read_what_is_theirs(self):
        ours = " ".join(self.host.addresses[1])
        step("pecctl setup --trial --yes", lambda: self.host.run(
            "sh", "-c", f"umask 077; exec pecctl setup --trial --yes --domain {DOMAIN} --addresses '{ours}'",
            patience=600))
        self.assertEqual(self.host.run("stat", "-c", "%a", "/etc/pec"), "755\n")


class WithALinkAndAStoppedDovecot(OddHost):
    def test_both_stay_so(self):
        self.damage("mv /etc/postfix/main.cf /etc/main.cf.kept; ln -s ../main.cf.kept /etc/postfix/main.cf\n"
                    "systemctl --quiet disable dovecot; systemctl stop dovecot")
        self.before = self.host.etc()
        step("pecctl setup --trial --yes", lambda: self.set_up_at(*self.host.addresses[1]))
        self.assertEqual(self.host.run("readlink", "/etc/postfix/main.cf"), "../main.cf.kept\n")
        self.assertEqual(self.states(*OWN), ["active", "inactive"])
        step("revert", self.revert)
        self.assertEqual(self.states(*OWN), ["active", "inactive"])
        self.assert_as(self.before)


class WithAServiceThatFails(OddHost):
    """The host's own Dovecot does not start with the file of set-up: it must run again afterwards."""

    FAILS = ("[Service]\nExecStartPre=/bin/sh -c '! test -e /etc/dovecot/conf.d/95-certified-mail.conf'\n")

    def test_all_goes_back_and_runs(self):
        self.damage("mkdir -p /run/systemd/system/dovecot.service.d")
        self.host.write("/run/systemd/system/dovecot.service.d/fails.conf", self.FAILS)
        self.damage("systemctl daemon-reload")
        with self.assertRaisesRegex(CommandError, "the host's mail is as it was"):
            step("pecctl setup fails", lambda: self.set_up_at(*self.host.addresses[1]))
        self.assertEqual(self.states(*OWN), ["active", "active"])
        self.assert_as(self.before)
        step("ordinary mail", self.host.prove)


class WithSettingsThatOverrideOurs(OddHost):
    def test_each_is_refused_by_its_name(self):
        ours = self.host.addresses[1].v4
        for title, damage, repair, told in (
                ("local.conf", "echo 'listen = *' > /etc/dovecot/local.conf", "rm /etc/dovecot/local.conf",
                 "/etc/dovecot/local.conf sets where the host's own Dovecot listens"),
                ("an address in master.cf",
                 f"postconf -Me '{ours}:465/inet={ours}:465 inet n - y - - smtpd'; postconf -MX submissions/inet\n"
                 f"postconf -e inet_interfaces={self.host.addresses[0].v4}; systemctl restart postfix@-",
                 "true", "a service in the master.cf")):
            with self.subTest(title):
                self.damage(damage)
                with self.assertRaisesRegex(CommandError, told):
                    step(title, lambda: self.set_up_at(ours))
                self.damage(repair)
        self.assertEqual(self.host.run("sh", "-c", "ls -d /var/lib/pec-setup 2>/dev/null || true"), "")


class PurgedWithoutRevert(OddHost):
    def test_ordinary_mail_goes_on(self):
        step("pecctl setup --trial --yes", lambda: self.set_up_at(*self.host.addresses[1]))
        said = step("apt purge", lambda: self.host.apt("purge", "pec-suite", "dovecot-pec"))
        self.assertIn("certified mail is still set up on this host", said)
        step("ordinary mail", self.host.prove)
        step("reboot", lambda: self.host.reboot(healthy=False))
        step("ordinary mail", self.host.prove)
        self.install()
        step("revert", self.revert)
        self.assert_as(self.before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
