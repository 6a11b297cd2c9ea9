# SPDX-License-Identifier: GPL-2.0-or-later
"""What systemd is to a daemon with Type=notify and WatchdogSec: an address where the daemon says that it is
ready, and that it still answers.

    systemd = Systemd(folder, watchdog=2.0)
    subprocess.Popen(command, env=systemd.environment)
    systemd.next()        # "READY=1", when the daemon says so
    systemd.received()    # what has been said and nobody has read: ["WATCHDOG=1", ...]
    systemd.close()
"""

import os
import socket
from pathlib import Path

from support.waiting import PATIENCE


class Systemd:
    def __init__(self, folder: Path, watchdog: float = 0.0):
        """`folder`: where any user may go to. `watchdog`: WatchdogSec."""
        address = folder / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(address))
        address.chmod(0o666)
        self.environment = os.environ | {"NOTIFY_SOCKET": str(address)}
        if watchdog:
            self.environment["WATCHDOG_USEC"] = str(int(watchdog * 1_000_000))

    def close(self) -> None:
        self._socket.close()

    def next(self) -> str:
        self._socket.settimeout(PATIENCE)
        return self._socket.recv(4096).decode()

    def received(self) -> list[str]:
        self._socket.setblocking(False)
        words = []
        try:
            while True:
                words.append(self._socket.recv(4096).decode())
        except BlockingIOError:
            return words
