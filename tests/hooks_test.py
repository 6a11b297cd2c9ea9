# SPDX-License-Identifier: GPL-2.0-or-later
"""hooks/, with a systemctl of the test's own. Needs no build; any user."""

import os
import subprocess
import unittest

from support.folders import temporary_folder
from support.paths import ROOT

DOVECOT, POSTFIX = "dovecot-pec.service", "postfix@postfix-pec.service"
# `stopped` and `broken`: files with the units that do not run, and those that can't reload.
SYSTEMCTL = """\
#!/bin/sh
cd "${0%/*}"
echo "$*" >> asked
case "$1" in
  is-active) ! grep -qxF "$3" stopped ;;
  reload) ! grep -qxF "$2" broken ;;
  *) exit 64 ;;
esac
"""


class TlsRenewed(unittest.TestCase):
    def setUp(self):
        self.folder = temporary_folder(self.addCleanup)
        (self.folder / "systemctl").write_text(SYSTEMCTL)
        (self.folder / "systemctl").chmod(0o755)
        self.set()

    def set(self, stopped: str = "", broken: str = "") -> None:
        (self.folder / "stopped").write_text(stopped + "\n")
        (self.folder / "broken").write_text(broken + "\n")

    def run_hook(self) -> subprocess.CompletedProcess:
        """As certbot has it: with variables of its own, and any working directory."""
        return subprocess.run([ROOT / "hooks" / "tls-renewed"], capture_output=True, text=True, check=False,
                              cwd="/", env={"PATH": f"{self.folder}:{os.environ['PATH']}",
                                            "RENEWED_LINEAGE": "/etc/letsencrypt/live/mx.pec.alfa.example"})

    def reloaded(self) -> list[str]:
        asked = (self.folder / "asked").read_text().splitlines()
        return [line.partition(" ")[2] for line in asked if line.startswith("reload ")]

    def test_both_instances_take_the_new_certificate(self):
        done = self.run_hook()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.reloaded(), [DOVECOT, POSTFIX])
        for unit in (DOVECOT, POSTFIX):
            self.assertIn(f"pec-suite: {unit} has the renewed certificate\n", done.stdout)

    def test_an_instance_that_does_not_run_has_not_failed(self):
        self.set(stopped=POSTFIX)
        done = self.run_hook()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.reloaded(), [DOVECOT])
        self.assertIn(f"{POSTFIX} does not run; it takes the renewed certificate when it starts\n", done.stdout)

    def test_one_that_does_not_reload_is_named_and_the_other_one_goes_on(self):
        self.set(broken=DOVECOT)
        done = self.run_hook()
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, rf'^pec-suite: {DOVECOT} did not reload and has the old certificate still; '
                                      rf'look at "systemctl status {DOVECOT}"')
        self.assertEqual(self.reloaded(), [DOVECOT, POSTFIX])


if __name__ == "__main__":
    unittest.main(verbosity=2)
