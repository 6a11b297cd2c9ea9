# SPDX-License-Identifier: GPL-2.0-or-later
"""Carries out a plan (plan.py) against a stage (stage.py), and puts all right again.

    saboteur = Saboteur(stage)
    saboteur.run(actions, until=over)     # until this threading.Event; then all is put right
    saboteur.done                         # Counter of what was done: "kill cleanup": 3, ...

What is gone when its turn comes (no bounce(8) is running, say) is counted as such: "nobody".
"""

import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from plan import Action
from stage import Stage, set_clock
from support.processes import stat_of
from support.provider import MILTER_UID
from support.waiting import wait_until

HEAL_LIMIT = 60.0  # seconds in which what is put right must become right
# Postfix asks no database for a minute after it has failed once, and takes no mail meanwhile: that is
# much of a round.
ASKED_AGAIN_AFTER = 3.0  # seconds, in which PostgreSQL is there again


class Saboteur:
    def __init__(self, stage: Stage):
        self._stage = stage
        self._undo: list[tuple[float, Callable[[], None]]] = []  # when, and what
        # While a disk is full, another act may fill it again: its own size is what it had before all.
        self._sizes = {name: os.statvfs(disk).f_blocks for name, disk in stage.disks.items()}
        self.done: Counter = Counter()
        self.left_out: Counter = Counter()
        self.nobody: Counter = Counter()

    def run(self, actions: list[Action], until: threading.Event) -> None:
        began = time.monotonic()
        try:
            self._carry_out(actions, began, until)
        finally:
            while self._undo:
                self._undo.pop(0)[1]()

    def _carry_out(self, actions: list[Action], began: float, until: threading.Event) -> None:
        for action in actions:
            if not self._wait(began + action.at, until):
                return
            what = f"{action.what} {action.target.split()[-1]}"
            undo = getattr(self, "_" + action.what.replace("-", "_"))(action)
            if undo is None:
                continue
            self.done[what] += 1
            if action.lasts:
                self._undo.append((began + action.at + action.lasts, undo))
            if "postgresql" in action.target or action.target == "alfa ledger":
                self._undo.append((began + action.at + action.lasts + ASKED_AGAIN_AFTER,
                                   self._have_postfix_ask_again))
        if self._undo:
            self._wait(max(when for when, _ in self._undo), until)

    def _wait(self, moment: float, until: threading.Event) -> bool:
        """Until then, undoing what is due meanwhile; false if all is to end."""
        while True:
            self._undo.sort(key=lambda due: due[0])
            due = min([moment, *(when for when, _ in self._undo[:1])])
            if until.wait(max(0.0, due - time.monotonic())):
                return False
            if due == moment:
                return True
            self._undo.pop(0)[1]()

    # ---- what can be done: each returns how it ends; None: nothing was done ----------------------

    def _kill(self, action: Action) -> Callable | None:
        if action.target == "postgresql-server":
            pids = self._postgresql_processes()
        else:
            pids = self._chosen(action)
        for pid in pids:
            _signal(pid, signal.SIGKILL)
        return _nothing if pids else None

    def _stop(self, action: Action) -> Callable | None:
        pids = self._chosen(action)
        stopped = [(pid, stat_of(pid)) for pid in pids]
        for pid, _ in stopped:
            _signal(pid, signal.SIGSTOP)

        def go_on() -> None:
            for pid, before in stopped:
                now = stat_of(pid)
                if now and before and now.started == before.started:
                    _signal(pid, signal.SIGCONT)

        return go_on if pids else None

    def _cut(self, action: Action) -> Callable | None:
        """Ends connections from within the kernel, so that both sides find them broken."""
        key, port = action.target.split()
        host, number = self._stage.providers[key].info[port]
        done = subprocess.run(
            ["ss", "--kill", "--no-header", "--tcp", "dst", host, "dport", "=", f":{number}"],
            capture_output=True, text=True, check=False)
        if "not " in done.stderr:  # supported, or permitted
            self.left_out[f"cut {action.target}"] += 1
            return None
        if not done.stdout:
            self.nobody[f"cut {action.target}"] += 1
            return None
        return _nothing

    def _fill(self, action: Action) -> Callable | None:
        if action.target not in self._stage.disks:
            self.left_out[f"fill {action.target}"] += 1
            return None
        folder = self._stage.disks[action.target]
        size = self._sizes[action.target]

        def is_full() -> bool:
            """Makes the disk as large as what is on it: as a file that takes the rest would, but at
            once. Refused if more has been written meanwhile."""
            status = os.statvfs(folder)
            _resize(folder, max(1, status.f_blocks - status.f_bfree))  # 0 would be no limit at all
            return os.statvfs(folder).f_bfree == 0

        wait_until(is_full, f"{action.target} is full")

        def enlarge() -> None:
            _resize(folder, size)
            if os.statvfs(folder).f_blocks != size:
                raise AssertionError(f"{action.target} does not get its size back")

        return enlarge

    def _read_only(self, action: Action) -> Callable:
        if action.target == "alfa ledger":
            return self._read_only_postgresql()
        return self._read_only_sqlite()

    def _read_only_postgresql(self) -> Callable:
        server = self._stage.postgresql
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'alfa'"

        def set_read_only(value: str) -> None:
            def is_set() -> bool:
                try:  # the server itself may have been killed a moment ago
                    server.query("postgres", f"ALTER DATABASE alfa SET default_transaction_read_only"
                                             f" = {value}")
                    server.query("postgres", cut)
                    return True
                except AssertionError:
                    return False

            wait_until(is_set, f"the ledger is read-only: {value}", HEAL_LIMIT)

        set_read_only("on")
        return lambda: set_read_only("off")

    def _read_only_sqlite(self) -> Callable:
        """Nobody but root may write there, and pec-milter must open it again: rights are asked for
        only then."""
        provider = self._stage.box.beta
        folder = Path(provider.info["ledger"]).parent
        rights = {folder: 0o2550, **{file: 0o440 for file in folder.glob("ledger.db*")}}
        before = {}
        for path, mode in rights.items():
            with _gone_is_fine():
                before[path] = path.stat()
                os.chown(path, 0, before[path].st_gid)
                path.chmod(mode)
        for name in (provider.milter_name, provider.policy_name):
            _signal(self._stage.box.programs.pid(name), signal.SIGKILL)

        def writable() -> None:
            for path, was in before.items():
                with _gone_is_fine():
                    os.chown(path, MILTER_UID, was.st_gid)
                    path.chmod(was.st_mode & 0o7777)

        return writable

    def _damage(self, _: Action) -> Callable:
        self._stage.directory_file.damage()
        return self._stage.directory_file.mend

    def _clock(self, action: Action) -> Callable | None:
        clock = self._stage.clocks.get(action.target.split()[0])
        if clock is None:
            self.left_out[f"clock {action.target}"] += 1
            return None
        if not self._stage.all_signers_known.is_set():
            # What is taken in charge now is judged as of that time: a wrong one is a wrong judgement.
            self.nobody[f"clock {action.target}, while a certificate is replaced"] += 1
            return None
        set_clock(clock, action.jump)
        return lambda: set_clock(clock, 0)

    def _have_postfix_ask_again(self) -> None:
        for pid in self._processes("alfa proxymap"):
            _signal(pid, signal.SIGKILL)

    # ---- whom it befalls ------------------------------------------------------------------------

    def _chosen(self, action: Action) -> list[int]:
        """Of the processes that are the target, by their pids; none if there is none."""
        found = sorted(self._processes(action.target))
        if not found:
            self.nobody[f"{action.what} {action.target}"] += 1
            return []
        return found if action.which >= 0.5 else [found[int(2 * action.which * len(found))]]

    def _processes(self, target: str) -> Iterator[int]:
        programs = self._stage.box.programs
        if target == "postgresql-backend":
            return iter(self._postgresql_processes()[1:])
        if target in ("slapd", "clamd"):
            return iter([programs.pid(target)])
        key, program = target.split()
        if program in ("pec-milter", "pec-policyd", "pec-scanner"):
            return iter([programs.pid(f"{program}-{key}")])
        if program == "worker":
            scanner = programs.pid(f"pec-scanner-{key}")
            return (pid for pid in _of_session(scanner, "pec-scanner") if pid != scanner)
        if program == "dovecot-lmtp":
            return _of_session(programs.pid(f"dovecot-{key}"), "lmtp")
        return _of_session(programs.pid(f"postfix-{key}"), program)

    def _postgresql_processes(self) -> list[int]:
        """The server, and then its children."""
        server = self._stage.postgresql_pid()
        if server is None or stat_of(server) is None:
            return []
        return [server, *(pid for pid in _all_pids() if _parent(pid) == server)]


def _nothing() -> None:
    """Who was killed is started again by others, and who was cut off connects again."""


def _signal(pid: int, number: int) -> None:
    with _gone_is_fine():
        os.kill(pid, number)


@contextmanager
def _gone_is_fine() -> Iterator[None]:
    """A process may end by itself at any moment, and take a file with it."""
    try:
        yield
    except (ProcessLookupError, FileNotFoundError):
        pass


def _all_pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _parent(pid: int) -> int | None:
    with _gone_is_fine():
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _of_session(leader: int, program: str) -> Iterator[int]:
    for pid in _all_pids():
        stat = stat_of(pid)
        if stat and stat.session == leader and stat.state not in "ZX":
            with _gone_is_fine():
                if Path(f"/proc/{pid}/comm").read_text().strip() == program:
                    yield pid


def _resize(disk: Path, blocks: int) -> None:
    size = blocks * os.statvfs(disk).f_frsize
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], capture_output=True, check=False)
