# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeps programs running as systemd would: one that has ended is started again after a moment, as
often as it takes.

    watch = Watch(box.programs)
    watch.add("slapd", pid=lambda: ..., start=lambda: ...)
    watch.start(); ...; watch.end()
"""

import threading
import time
from collections import Counter
from collections.abc import Callable

from support.processes import ProgramError, Programs, stat_of

DELAY = 0.3  # seconds, between an end that was noticed and the next start
LIMIT = 90.0  # seconds until all must be there again


class Watch:
    def __init__(self, programs: Programs):
        self._programs = programs
        self._watched: dict[str, tuple[Callable, Callable]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch")
        self.restarts: Counter = Counter()
        self.troubles: dict[str, str] = {}  # why a program could not be started the last time

    def add(self, name: str, pid: Callable[[], int | None], start: Callable[[], None]) -> None:
        """`start` may raise ProgramError or AssertionError: it is called again."""
        self._watched[name] = (pid, start)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def lives(self, name: str) -> bool:
        pid = self._watched[name][0]()
        stat = stat_of(pid) if pid else None
        return stat is not None and stat.state not in "ZX"

    def _run(self) -> None:
        while not self._over.wait(DELAY):
            for name, (_, start) in self._watched.items():
                if not self.lives(name):
                    self.restarts[name] += 1
                    try:
                        start()
                        self.troubles.pop(name, None)
                    except (AssertionError, ProgramError) as error:
                        self.troubles[name] = str(error)

    def wait_until_all_live(self) -> None:
        deadline = time.monotonic() + LIMIT
        while absent := [name for name in self._watched if not self.lives(name)]:
            if time.monotonic() > deadline:
                raise ProgramError(f"{absent} don't come back: {self.troubles}")
            self._over.wait(DELAY)
