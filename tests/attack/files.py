# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that strangers could write or read: nothing starts with them, and what is said mends it."""

import os
import stat
import subprocess
from contextlib import contextmanager
from pathlib import Path

from bystander import Bystander
from support.box import Box
from support.provider import MILTER_UID
from support.waiting import PATIENCE
from verdict import Attack, Strength


class Files(Attack):
    name = "open-files"
    tries = "a pec.toml that anybody may write, and a key that others may read"

    def run(self, box: Box, strength: Strength, bystander: Bystander) -> str:
        config = Path(box.alfa.info["config"])
        key = box.ca_file.with_name("alfa-signing.key")
        return "; ".join(filter(None, [self._refused(box, config, 0o666, f'run "chmod go-w {config}"'),
                                       self._refused(box, key, 0o444, f'run "chmod 600 {key}"')]))

    def _refused(self, box: Box, file: Path, mode: int, remedy: str) -> str:
        """By --check and by a start. While the file is as it should be, --check finds nothing."""
        self.count(3)  # starts
        command = box.alfa.info["milter_command"]
        if said := self._says([*command, "--check"]):
            return f"--check of what is right said {said!r}"
        with changed(file, mode):
            for arguments in (["--check"], []):
                said = self._says([*command, *arguments])
                if str(file) not in said or remedy not in said:
                    return f"{file.name} of mode {mode:o}: pec-milter {' '.join(arguments)} said {said!r}"
        return ""

    @staticmethod
    def _says(command: list[str]) -> str:
        """What it complains of; empty: it is content. A start that goes on is ended."""
        try:
            done = subprocess.run(command, user=MILTER_UID, group=MILTER_UID, extra_groups=[], cwd="/",
                                  capture_output=True, text=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            return "nothing, and ran"
        return done.stderr if done.returncode != 0 else ""


@contextmanager
def changed(file: Path, mode: int):
    before = stat.S_IMODE(file.stat().st_mode)
    os.chmod(file, mode)
    try:
        yield
    finally:
        os.chmod(file, before)


FILES = [Files()]
