# SPDX-License-Identifier: GPL-2.0-or-later
"""What an attack costs the host: memory, disk, lines of log."""

import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from support.box import Box

LOOK_EVERY = 0.2  # seconds
MILTER_MAY_TAKE = 300  # MB that pec-milter may have allocated, whatever comes


@dataclass(frozen=True)
class Bound:
    """What is too much."""
    disk: float  # MB
    log_lines: float


@dataclass(frozen=True)
class Spent:
    all_programs: float  # MB of RssAnon at the most, beyond the beginning
    milter: float  # MB of RssAnon at the most
    disk: float  # MB
    log_lines: int

    def faults(self, bound: Bound) -> list[str]:
        faults = []
        if self.milter > MILTER_MAY_TAKE:
            faults.append(f"pec-milter took {self.milter:.0f} MB")
        if self.disk > bound.disk:
            faults.append(f"{self.disk:.0f} MB of disk, and {bound.disk:.0f} would do")
        if self.log_lines > bound.log_lines:
            faults.append(f"{self.log_lines} log lines, and {bound.log_lines:.0f} would do")
        return faults

    def __str__(self) -> str:
        return (f"cost: memory +{self.all_programs:.0f} MB, pec-milter {self.milter:.0f} MB, "
                f"disk {self.disk:+.1f} MB, {self.log_lines} log lines")


class Cost:
    def __init__(self, box: Box):
        self._box = box
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._most = {"all": 0.0, "milter": 0.0}

    def begin(self) -> None:
        self._memory_before = self._memory()
        self._disk_before, self._lines_before = self._disk(), self._lines()
        self._thread.start()

    def end(self) -> Spent:
        self._end.set()
        self._thread.join()
        return Spent(max(0.0, self._most["all"] - self._memory_before), self._most["milter"],
                     self._disk() - self._disk_before, self._lines() - self._lines_before)

    def _watch(self) -> None:
        while not self._end.wait(LOOK_EVERY):
            self._most["all"] = max(self._most["all"], self._memory())
            pid = self._box.programs.pid(self._box.alfa.milter_name)
            self._most["milter"] = max(self._most["milter"], anonymous_memory(pid))

    def _memory(self) -> float:
        return sum(map(anonymous_memory, self._box.programs.members()))

    def _disk(self) -> float:
        return disk_of(self._box.directory)

    def _lines(self) -> int:
        info = self._box.alfa.info
        logs = [info[name] for name in ("maillog", "milter_log", "policy_log", "scanner_log",
                                        "dovecot_log")]
        return sum(Path(log).read_bytes().count(b"\n") for log in logs)


def disk_of(directory: Path) -> float:
    """MB that its files take."""
    blocks = 0
    for folder, _, files in os.walk(directory):
        for name in files:
            try:
                blocks += os.lstat(os.path.join(folder, name)).st_blocks
            except FileNotFoundError:
                pass  # a queue file: it has gone on
    return blocks * 512 / 1e6


def anonymous_memory(pid: int) -> float:
    """RssAnon in MB; 0: it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    found = re.search(r"RssAnon:\s+(\d+)", status)
    return int(found[1]) / 1e3 if found else 0.0
