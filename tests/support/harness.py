# SPDX-License-Identifier: GPL-2.0-or-later
"""What the integration tests stand on: one sandbox for each module.

    def setUpModule():
        global box
        box = harness.sandbox()

    class Flow(harness.Case):
        def test_a_message_arrives(self):
            box.alfa.submit(anna, [dario], message)
            [envelope] = box.beta.wait_for(dario, 1, containing=b"<id@client>")

    if __name__ == "__main__":
        harness.main()

Nothing is waited for by time: a condition is looked at often, until it holds or a deadline passes, and
then the logs of all programs are printed.
"""

import os
import sys
import unittest

from support.box import Box
from support.folders import temporary_folder
from support.own_network import enter as enter_own_network

SKIPPED = 77  # what ctest takes for "skipped"


def main(own_network: bool = False) -> None:
    """Runs the module's tests, or says aloud why it can't. `own_network`: where there is no other network
    but a loopback of its own."""
    if os.geteuid() != 0:
        print("SKIPPED: integration tests start Postfix and Dovecot, which must start as root")
        sys.exit(SKIPPED)
    if own_network:
        enter_own_network()
    unittest.main(verbosity=2)


def sandbox(milter: str = "pec") -> Box:
    """Brings a sandbox up for the module; it goes down after the module's last test."""
    Case.box = Box.bring_up(temporary_folder(unittest.addModuleCleanup), milter)
    unittest.addModuleCleanup(Case.box.down)
    return Case.box


class Case(unittest.TestCase):
    """A test whose failure shows the logs of the sandbox."""

    box: Box

    def run(self, result=None):
        found = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > found:
            self.box.print_logs()
