# SPDX-License-Identifier: GPL-2.0-or-later
"""What pecctl works on, for tests of a command: a folder with a configuration and its files. As root the
program runs as the service's user, whom the folder belongs to.

    class Publish(PecctlCase):
        def test_it(self):
            self.configure(provider__name="PEC Alfa S.p.A.")
            done = self.pecctl("directory", "publish")
"""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from support.paths import BUILD_DIR
from support.provider import MILTER_UID
from start_test import OPTIONS


def copy_of_pecctl(folder: Path) -> Path:
    """Where the service's user can run it."""
    folder.chmod(0o755)
    return Path(shutil.copy(BUILD_DIR / "pecctl" / "pecctl", folder))


class PecctlCase(unittest.TestCase):
    program: Path

    def setUp(self):
        keeper = tempfile.TemporaryDirectory(prefix="pec-")
        self.addCleanup(keeper.cleanup)
        self.site = Path(keeper.name)
        (self.site / "internal.secret").write_text(64 * "a" + "\n")
        self.options = {key: value.format(self.site) for key, value in OPTIONS.items()}
        self.identity = {}
        if os.geteuid() == 0:
            self.identity = {"user": MILTER_UID, "group": MILTER_UID, "extra_groups": []}
            for path in (self.site, self.site / "internal.secret"):
                os.chown(path, MILTER_UID, MILTER_UID)

    def configure(self, more: str = "", **changes) -> None:
        """`provider__name="x"` sets an option; `more` is TOML that follows."""
        self.options |= {key.replace("__", "."): value for key, value in changes.items()}
        sections: dict[str, str] = {}
        for key, value in self.options.items():
            section, name = key.split(".")
            sections[section] = sections.get(section, "") + f'{name} = "{value}"\n'
        (self.site / "pec.toml").write_text(
            "".join(f"[{name}]\n{text}" for name, text in sections.items()) + more)

    def pecctl(self, *arguments) -> subprocess.CompletedProcess:
        return subprocess.run([self.program, "--config", self.site / "pec.toml", *arguments], cwd="/",
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                              check=False, **self.identity)

    def answer_to(self, *arguments) -> str:
        """What it prints, once it has done it."""
        done = self.pecctl(*arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        return done.stdout

    def assert_complaint(self, pattern: str, *arguments) -> None:
        """It does nothing, and says why in one line."""
        done = self.pecctl(*arguments)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        self.assertRegex(done.stderr, rf"\Apecctl: {pattern}\n\Z")
