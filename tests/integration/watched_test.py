# SPDX-License-Identifier: GPL-2.0-or-later
"""What pec-milter and pec-policyd tell systemd: that they are ready, when they answer at their sockets; and that
they still answer, as long as they do. A daemon that listens and does not answer any more must fall silent, so
that systemd starts it again. Needs no root.
"""

import ctypes
import os
import socket
import subprocess
import unittest
from contextlib import contextmanager
from pathlib import Path

from support.folders import temporary_folder
from support.milter_client import Milter
from support.milter_program import Program
from support.paths import BUILD_DIR
from support.systemd import Systemd
from support.waiting import PATIENCE, wait_until

WATCHDOG = 1.0  # seconds; an answer that takes half of it is late, as it may be on a busy machine
LONG_WATCHDOG = 20.0  # no answer is late
SILENCE = "no answer at its own socket"
QUESTION = b"request=smtpd_access_policy\nprotocol_state=DATA\npolicy_context=submission\nsasl_username=a@b.example\n\n"

PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
WAIT_FOR_THREADS = 0x40000000  # __WALL


def trace(request: int, thread: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    if libc.ptrace(request, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), f"ptrace {request} of {thread}")


@contextmanager
def hanging(threads: list[int]):
    """These threads of a program do nothing meanwhile; its other threads go on. (SIGSTOP stops all of them.)"""
    for thread in threads:
        trace(PTRACE_SEIZE, thread)
        trace(PTRACE_INTERRUPT, thread)
        os.waitpid(thread, WAIT_FOR_THREADS)
    try:
        yield
    finally:
        for thread in threads:
            trace(PTRACE_DETACH, thread)


def threads_but_the_watch(pid: int) -> list[int]:
    folders = Path(f"/proc/{pid}/task").iterdir()
    return [int(folder.name) for folder in folders if (folder / "comm").read_text().strip() != "self-watch"]


class Watched(unittest.TestCase):
    def setUp(self):
        self.folder = temporary_folder(self.addCleanup)

    def systemd(self, watchdog: float = WATCHDOG) -> Systemd:
        systemd = Systemd(self.folder, watchdog)
        self.addCleanup(systemd.close)
        return systemd

    def milter(self, systemd: Systemd) -> Program:
        program = Program(environment=systemd.environment, wait=False)
        self.addCleanup(program.remove)
        return program

    def check_watch(self, systemd: Systemd, threads, log) -> None:
        """A daemon that is ready says that it is alive; not while these threads of it hang; and again after."""
        for _ in range(3):
            self.assertEqual(systemd.next(), "WATCHDOG=1")
        before = log().count(SILENCE)
        with hanging(threads()):
            wait_until(lambda: log().count(SILENCE) > before, "it notices that it does not answer")
            systemd.received()  # from before
            wait_until(lambda: log().count(SILENCE) > before + 3, "it goes on to notice")
            self.assertEqual(systemd.received(), [])
        self.assertEqual(systemd.next(), "WATCHDOG=1")


class PecMilter(Watched):
    def test_ready_when_it_answers(self):
        systemd = self.systemd()
        program = self.milter(systemd)
        self.assertEqual(systemd.next(), "READY=1")
        Milter(program.socket, "pec-access").close()
        self.assertEqual(program.stop(), 0, program.log())

    def test_silent_while_nobody_takes_its_connections(self):
        systemd = self.systemd()
        program = self.milter(systemd)
        self.assertEqual(systemd.next(), "READY=1")
        self.check_watch(systemd, lambda: [program.pid], program.log)  # its first thread takes all connections
        self.assertEqual(program.stop(), 0, program.log())

    def test_the_watch_leaves_no_trace_in_its_log(self):
        systemd = self.systemd(LONG_WATCHDOG)
        program = self.milter(systemd)
        self.assertEqual(systemd.next(), "READY=1")
        before = program.log()
        for _ in range(2):
            self.assertEqual(systemd.next(), "WATCHDOG=1")
        self.assertEqual(program.log(), before)

    def test_it_may_end_while_it_is_asked(self):
        """It answers no more then, and no wonder. (libmilter takes up to five seconds to end, so it is asked.)"""
        systemd = self.systemd(LONG_WATCHDOG)
        program = self.milter(systemd)
        self.assertEqual(systemd.next(), "READY=1")
        self.assertEqual(program.stop(), 0, program.log())
        self.assertNotIn(SILENCE, program.log())

    def test_without_a_watchdog_it_is_ready_all_the_same(self):
        systemd = self.systemd(watchdog=0.0)
        program = self.milter(systemd)
        self.assertEqual(systemd.next(), "READY=1")
        self.assertEqual(program.stop(), 0, program.log())
        self.assertEqual(systemd.received(), [])


class PecPolicyd(Watched):
    def start(self, systemd: Systemd) -> None:
        self.site = Program()  # pec-milter itself has nothing to do here; its configuration is shared
        self.addCleanup(self.site.remove)
        config = self.site.folder / "pec.toml"
        self.socket = self.site.folder / "policy"
        config.write_text(f'{config.read_text()}[policy]\nlisten = "unix:{self.socket}"\n')
        self.log_file = self.site.folder / "policy.log"
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [BUILD_DIR / "policyd" / "pec-policyd", "--config", config], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, cwd="/", env=systemd.environment)
        self.addCleanup(self.end)

    def end(self) -> None:
        self.process.terminate()
        try:
            self.assertEqual(self.process.wait(PATIENCE), 0, self.log())
        finally:
            self.process.kill()

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def test_ready_when_it_answers(self):
        systemd = self.systemd()
        self.start(systemd)
        self.assertEqual(systemd.next(), "READY=1")
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE)
            client.connect(str(self.socket))
            client.sendall(QUESTION)
            self.assertTrue(client.recv(100).startswith(b"action="))

    def test_silent_while_nobody_answers(self):
        systemd = self.systemd()
        self.start(systemd)
        self.assertEqual(systemd.next(), "READY=1")
        self.check_watch(systemd, lambda: threads_but_the_watch(self.process.pid), self.log)

    def test_the_watch_leaves_no_trace_in_its_log(self):
        systemd = self.systemd(LONG_WATCHDOG)
        self.start(systemd)
        self.assertEqual(systemd.next(), "READY=1")
        wait_until(lambda: "policy: listening" in self.log(), "it has said how it does")
        before = self.log()
        for _ in range(2):
            self.assertEqual(systemd.next(), "WATCHDOG=1")
        self.assertEqual(self.log(), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
