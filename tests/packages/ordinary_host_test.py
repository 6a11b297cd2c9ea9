#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The ordinary host works before anything of ours is on it. Without this, the other tests would prove nothing."""

import os
import unittest

from ordinary_host import OrdinaryHost
from support.waiting import wait_until
from trees import Trees
from wire import Wire

RELEASE = os.environ.get("PEC_HOSTS_RELEASE", "bookworm")


class BeforeUs(unittest.TestCase):
    def test_ordinary_mail_works_and_a_reboot_changes_nothing(self):
        wire = Wire()
        self.addCleanup(wire.close)
        host = OrdinaryHost(Trees(RELEASE), wire)
        self.addCleanup(host.close)
        host.boot()
        host.prove()
        before = host.etc()
        self.assertIn("postfix/main.cf", before.entries)
        self.assertIn("rosa", before.users)
        mornings = self._mornings(host)
        host.reboot()
        host.prove()
        wait_until(lambda: self._mornings(host) > mornings, "cron has told root that the host has started")
        self.assertEqual(host.etc().since(before), [])

    @staticmethod
    def _mornings(host: OrdinaryHost) -> int:
        return sum(subject.startswith("Cron <root@mail> echo") for subject in host.subjects("rosa"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
