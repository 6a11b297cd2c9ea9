# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs of a sandbox: starting them, waiting until they answer, ending all of them.

Each program leads a session of its own, and all that it forks stays in that session. So the set of
processes that belong to a sandbox can be told at any time from /proc, even if a leader has died or
`up` itself was killed. The leaders are noted in a file as they start, with their start time: a pid
that was given to somebody else meanwhile is never touched.

    programs = Programs(directory / "processes.json")
    programs.start("milter-alfa", ["pec-milter", ...], log=..., uid=...)
    programs.wait_for("milter-alfa", (host, port))
    programs.end_all()
"""

import errno
import json
import os
import select
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

START_LIMIT = 10.0  # seconds until a program must answer
KILL_LIMIT = 5.0  # seconds that the kernel has to take a killed one away
STOP_LIMIT = 30.0  # seconds to end in order: libmilter looks every five whether it is to


def as_user(uid: int | None) -> dict:
    """What subprocess needs to run a program as user and group `uid` alone; None: as oneself."""
    return {"user": uid, "group": uid, "extra_groups": []} if uid is not None else {}


class ProgramError(Exception):
    """A program of the sandbox didn't start, didn't answer, or couldn't be ended."""


@dataclass(frozen=True)
class ProcessStat:
    state: str
    parent: int
    session: int
    started: int  # clock ticks since boot


def stat_of(pid: int) -> ProcessStat | None:
    """What /proc says about a process; None: there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(")") + 2:].split()
    return ProcessStat(state=fields[0], parent=int(fields[1]), session=int(fields[3]),
                       started=int(fields[19]))


def free_ports(address: str, count: int) -> list[socket.socket]:
    """Bound sockets on ports that nobody has; close one right before its server takes the port."""
    held = []
    for _ in range(count):
        holder = socket.socket()
        holder.bind((address, 0))
        held.append(holder)
    return held


def free_port() -> int:
    """On loopback."""
    [holder] = free_ports("127.0.0.1", 1)
    with holder:
        return holder.getsockname()[1]


def connect(address: tuple[str, int] | Path) -> socket.socket:
    if isinstance(address, tuple):
        return socket.create_connection(address, timeout=START_LIMIT)
    kind = socket.SOCK_STREAM
    while True:
        connection = socket.socket(socket.AF_UNIX, kind)
        connection.settimeout(START_LIMIT)
        try:
            connection.connect(str(address))
            return connection
        except OSError as error:
            connection.close()
            if error.errno != errno.EPROTOTYPE or kind == socket.SOCK_SEQPACKET:
                raise
            kind = socket.SOCK_SEQPACKET  # pec-scanner's


class Programs:
    def __init__(self, register: Path):
        self._register = register
        self._leaders: dict[str, tuple[int, int]] = {}  # name -> pid, start time
        self._children: dict[str, subprocess.Popen] = {}
        if register.exists():
            noted = json.loads(register.read_text())
            self._leaders = {name: (pid, started) for name, (pid, started) in noted.items()}

    def clear(self) -> None:
        """Forgets programs of an earlier life, which have ended."""
        self._leaders = {}
        self._register.write_text("{}")

    def start(self, name: str, command: list, log: Path, uid: int | None = None,
              stdin=subprocess.DEVNULL) -> None:
        """Starts a program that stays in the foreground, as user and group `uid` alone."""
        with log.open("ab") as output:
            child = subprocess.Popen(
                [str(word) for word in command],
                stdin=stdin,
                stdout=output,
                stderr=output,
                start_new_session=True,
                cwd="/",
                **as_user(uid),
            )
        self._children[name] = child
        self.note(name, child.pid)

    def note(self, name: str, pid: int) -> None:
        """Takes in a program that put itself into the background, leading its own session."""
        stat = stat_of(pid)
        if stat is None or stat.session != pid:
            raise ProgramError(f"{name} (pid {pid}) ended at once, or leads no session of its own")
        self._leaders[name] = (pid, stat.started)
        self._register.write_text(json.dumps(self._leaders))

    def pid(self, name: str) -> int:
        return self._leaders[name][0]

    def wait_for(self, name: str, address: tuple[str, int] | Path) -> None:
        """Returns when the program accepts connections at a host and port, or at a unix socket;
        raises if it ended or takes too long."""
        deadline = time.monotonic() + START_LIMIT
        while True:
            try:
                connect(address).close()
                return
            except (ConnectionRefusedError, FileNotFoundError):
                pass
            if self._ended_within(name, 0.01):
                raise ProgramError(f"{name} ended instead of listening on {address}")
            if time.monotonic() > deadline:
                raise ProgramError(f"{name} doesn't listen on {address} after {START_LIMIT} s")

    def _ended_within(self, name: str, seconds: float) -> bool:
        if name in self._children:
            try:
                self._children[name].wait(seconds)
                return True
            except subprocess.TimeoutExpired:
                return False
        return not wait_for_end([self.pid(name)], seconds)

    def members(self) -> list[int]:
        """All living processes of all programs."""
        sessions = {}
        for pid, started in self._leaders.values():
            stat = stat_of(pid)
            if stat is None or stat.started == started:
                sessions[pid] = started
        return self._living(sessions)

    @staticmethod
    def _living(sessions: dict[int, int]) -> list[int]:
        """Of sessions, by their leaders' pids and start times."""
        found = []
        for entry in os.listdir("/proc"):
            stat = stat_of(int(entry)) if entry.isdigit() else None
            if stat is None or stat.state in "ZX" or stat.session not in sessions:
                continue
            if stat.started >= sessions[stat.session]:
                found.append(int(entry))
        return found

    def kill(self, name: str) -> None:
        """Kills one program's leader without warning, as a crash would, and waits for its end."""
        self._end(name, signal.SIGKILL, KILL_LIMIT)

    def stop(self, name: str) -> None:
        """Has one program's leader end in order, as at a shutdown, and waits for its end. What it has started
        ends with it, as systemd has it: Dovecot's auth would stay for those who are connected to it."""
        session = dict([self._leaders[name]])
        self._end(name, signal.SIGTERM, STOP_LIMIT)
        left = self._living(session)
        for pid in left:
            kill_if_there(pid)
        wait_for_end(left, KILL_LIMIT)

    def _end(self, name: str, number: signal.Signals, limit: float) -> None:
        pid = self.pid(name)
        os.kill(pid, number)
        self._reap(name, limit)
        if wait_for_end([pid], limit):
            raise ProgramError(f"{name} (pid {pid}) is still there after {number.name}")

    def end_all(self) -> None:
        """Kills: what was begun here nobody will need, and a crash is nothing new to these programs."""
        deadline = time.monotonic() + KILL_LIMIT
        while alive := self.members():  # again: a dying program may still have forked
            for pid in alive:
                kill_if_there(pid)
            if wait_for_end(alive, KILL_LIMIT) and time.monotonic() > deadline:
                raise ProgramError(f"processes {alive} are still there after being killed")
        for name in self._children:
            self._reap(name)

    def _reap(self, name: str, limit: float = KILL_LIMIT) -> None:
        if name in self._children:
            self._children[name].wait(limit)


def kill_if_there(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it was faster


def wait_for_end(pids: list[int], seconds: float) -> list[int]:
    """Waits until all have ended, at most so long; returns those that have not."""
    poller = select.poll()
    open_handles = {}
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except OSError as error:
            if error.errno != errno.ESRCH:
                raise
            continue
        open_handles[handle] = pid
        poller.register(handle, select.POLLIN)
    deadline = time.monotonic() + seconds
    while open_handles and (left := deadline - time.monotonic()) > 0:
        for handle, _ in poller.poll(left * 1000):
            poller.unregister(handle)
            os.close(handle)
            del open_handles[handle]
    for handle in open_handles:
        os.close(handle)
    return list(open_handles.values())
