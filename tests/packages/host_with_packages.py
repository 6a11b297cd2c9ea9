# SPDX-License-Identifier: GPL-2.0-or-later
"""An ordinary host that has booted, with our packages in /root, not installed yet; what tests of packages begin with.

    class Mine(HostWithPackages):
        def test_something(self):
            self.install()
            self.host.run("pecctl", "--version")
            self.assertEqual(self.host.etc().since(self.before), [...])

A second address, `self.host.addresses[1]`, is there for certified mail.
"""

import os
import unittest

from building import packages_in, up_to_date
from ordinary_host import OrdinaryHost
from steps import step
from trees import Trees
from wire import Wire

RELEASE = os.environ.get("PEC_HOSTS_RELEASE", "bookworm")
# Ours. They stay when the packages go: a number that owned evidence must not be given to somebody else.
ACCOUNTS = ("pec", "pec-scanner", "vmail")
NEW_ACCOUNTS = {f"new {kind} {name}" for kind in ("user", "group") for name in ACCOUNTS}


class HostWithPackages(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        trees = Trees(RELEASE)
        output = up_to_date(trees)
        self.wire = Wire()
        self.addCleanup(self.wire.close)
        self.host = OrdinaryHost(trees, self.wire)
        self.addCleanup(self.host.close)
        self.packages = [path.name for path in packages_in(output)]
        step("what the packages need is downloaded", lambda: trees.download(
            self.host.layers, [f"./{name}" for name in self.packages], output))
        step("an ordinary host boots", self.host.boot)
        self.host.addresses.append(self.wire.new_address(self.host.enclosure))
        self.before = self.host.etc()
        self.packages_before = self.installed()
        for path in packages_in(output):
            self.host.put(path, f"/root/{path.name}")

    def installed(self) -> set[str]:
        return set(self.host.run("dpkg-query", "-W", "-f", "${Package}\\n").split())

    def install(self, *how: str) -> str:
        """`how`: more options of apt."""
        return step(f"apt install {' '.join(how)}".strip(), lambda: self.host.apt(
            "install", *how, *(f"/root/{name}" for name in self.packages)))
