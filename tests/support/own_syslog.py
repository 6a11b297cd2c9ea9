# SPDX-License-Identifier: GPL-2.0-or-later
"""The system's log of one program: what it says by syslog(3) goes to a file. Needs root.

    syslog = OwnSyslog(folder)
    box.restart_dovecot(box.alfa, syslog.within)
    syslog.lines()      # as rsyslog writes them: "Nov 30 22:05:30 mx dovecot-pec: imap-login: ..."
    syslog.close()

The program has a /dev of its own, with a socket `log`.
"""

import re
import socket
import subprocess
import sys
from pathlib import Path

from support.paths import ROOT

HOST = "mx"
OWN_DEV = """\
set -e
mount -t tmpfs -o mode=755 tmpfs "$0/dev"
cp -a /dev/null /dev/zero /dev/random /dev/urandom "$0/dev"
ln -s "$0/log" "$0/dev/log"
mount --move "$0/dev" /dev
exec "$@"
"""


class OwnSyslog:
    def __init__(self, folder: Path):
        (folder / "dev").mkdir()
        self._file = folder / "lines"
        self.within = ("unshare", "--mount", "sh", "-c", OWN_DEV, folder)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as lines, self._file.open("wb") as file:
            lines.bind(str(folder / "log"))
            (folder / "log").chmod(0o666)
            self._reader = subprocess.Popen([sys.executable, ROOT / "tests" / "support" / "mail_log.py"],
                                            stdin=lines, stdout=file)

    def close(self) -> None:
        self._reader.kill()
        self._reader.wait()

    def lines(self) -> list[str]:
        """Without the priority in front, and with the host's name."""
        text = self._file.read_text(errors="replace")
        return re.findall(r"(?m)^.+$", re.sub(r"(?m)^<\d+>(\w+ [ \d]\d [\d:]+) ", rf"\1 {HOST} ", text))
