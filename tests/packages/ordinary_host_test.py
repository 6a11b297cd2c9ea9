#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The ordinary host works before anything of ours is on it. Without this, the other tests would prove nothing."""

import os
import unittest

from ordinary_host import OrdinaryHost
from steps import step
from support.waiting import wait_until
from trees import Trees
from wire import Wire

RELEASE = os.environ.get("PEC_HOSTS_RELEASE", "bookworm")


class BeforeUs(unittest.TestCase):
    def setUp(self):
        wire = Wire()
        self.addCleanup(wire.close)
        self.host = OrdinaryHost(Trees(RELEASE), wire)
        self.addCleanup(self.host.close)

    def test_ordinary_mail_works_and_a_reboot_changes_nothing(self):
        host = self.host
        step("an ordinary host boots", host.boot)
        step("ordinary mail", host.prove)
        before = host.etc()
        self.assertIn("postfix/main.cf", before.entries)
        self.assertIn("rosa", before.users)
        mornings = self._mornings(host)
        step("reboot", host.reboot)
        step("ordinary mail", host.prove)
        wait_until(lambda: self._mornings(host) > mornings, "cron has told root that the host has started")
        self.assertEqual(host.etc().since(before), [])

    def test_the_proof_fails_where_something_is_broken(self):
        host = self.host
        host.boot()
        host.prove()
        host.run("cp", "-a", "/etc/postfix/main.cf", "/root")
        repair = "cp -a /root/main.cf /etc/postfix; systemctl restart postfix"
        for damage, undo, told in (
                ("postconf -e 'mynetworks = 0.0.0.0/0 [::]/0'; systemctl restart postfix", repair, "may relay"),
                ("postconf -e inet_protocols=ipv4; systemctl restart postfix", repair, "refused"),
                ("mv /var/mail/piero /root", "mv /root/piero /var/mail", "piero .* sees 0 old messages"),
                ("systemctl stop dovecot", "systemctl start dovecot", "refused")):
            host.run("sh", "-ec", damage)
            with self.subTest(damage=damage), self.assertRaisesRegex((AssertionError, OSError), told):
                host.prove()
            host.run("sh", "-ec", undo)
        host.prove()

    @staticmethod
    def _mornings(host: OrdinaryHost) -> int:
        return sum(subject.startswith("Cron <root@mail> echo") for subject in host.subjects("rosa"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
