# SPDX-License-Identifier: GPL-2.0-or-later
"""Namespaces of a test's own: processes, mounts, network. All that runs in them ends with the test, even
when the test is killed.

    with Enclosure() as enclosure:
        enclosure.run("ip", "link", "set", "lo", "up")          # its output, or a CommandError
        imap = enclosure.in_network(lambda: imaplib.IMAP4("192.0.2.10"))

The first process of the process namespace reads a pipe that only the test holds. When the pipe closes, that
process ends, and the kernel kills all others in the namespace. Then the mounts are gone, too, and with them
each tmpfs. The control groups are mounted as systemd wants them (version 2), whatever the machine has.

A method may be called from any thread.
"""

import ctypes
import os
import subprocess
import threading
from concurrent.futures import Future
from pathlib import Path

from support.processes import stat_of
from support.waiting import wait_until

CLONE_NEWNET = 0x40000000
CLEAN = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8",
         "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
GROUPS = "pec-test-"  # how our control groups begin
CONTROL_GROUPS = "umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup"
SET_UP = f"""\
{CONTROL_GROUPS} && mkdir /sys/fs/cgroup/{GROUPS}$1 &&
mkdir -p /run/systemd/nspawn && mount -t tmpfs -o mode=0755 tmpfs /run/systemd/nspawn
"""
# Control groups are in none of the namespaces. Those of killed tests go here, too.
SWEEP = f"""\
{CONTROL_GROUPS} || exit
for group in /sys/fs/cgroup/{GROUPS}*; do
  if ! [ -e "/proc/${{group##*-}}" ]; then find "$group" -depth -type d -exec rmdir {{}} ";"; fi
done
"""


class CommandError(Exception):
    """A command failed: its status, and what it wrote."""

    def __init__(self, command, status: int, output: str):
        super().__init__(f"exit status {status}: {' '.join(map(str, command))}\n{output}")
        self.status = status
        self.output = output


def run(command: list, *, stdin: str | None = None, patience: float = 600, env: dict | None = None) -> str:
    """What the command writes to both outputs; a CommandError if it fails or takes longer than `patience`
    seconds."""
    words = [str(each) for each in command]
    feed = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                              errors="replace", timeout=patience, env=env or CLEAN, **feed)
    except subprocess.TimeoutExpired as error:
        said = error.stdout or b""
        raise CommandError(words, -1, f"not done within {patience} s\n{said}") from error
    if done.returncode != 0:
        raise CommandError(words, done.returncode, done.stdout)
    return done.stdout


def children_of(pid: int) -> list[int]:
    found = []
    for name in os.listdir("/proc"):
        stat = stat_of(int(name)) if name.isdigit() else None
        if stat is not None and stat.parent == pid and stat.state != "Z":
            found.append(int(name))
    return found


class Enclosure:
    def __init__(self, private_network: bool = True):
        network = ["--net"] if private_network else []
        self._keeper = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--mount-proc", "--ipc", *network,
             "--kill-child", "sh", "-c", "echo here; exec cat >/dev/null"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=CLEAN)
        if self._keeper.stdout.readline() != b"here\n":
            raise RuntimeError("no namespaces: is this run as root?")
        [self.pid] = children_of(self._keeper.pid)  # the first process of the namespace, seen from outside
        self._runs = 0
        try:
            self.run("sh", "-c", SET_UP, "sh", self.pid)
            if private_network:
                self.run("ip", "link", "set", "lo", "up")
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def entering(self, *command) -> list[str]:
        """The command line that runs `command` here."""
        return ["nsenter", "-t", str(self.pid), "-m", "-p", "-n", "-i", "--", *map(str, command)]

    def run(self, *command, **options) -> str:
        return run(self.entering(*command), **options)

    def start(self, *command, log: Path) -> subprocess.Popen:
        """A command that goes on, with its output in a file."""
        with open(log, "ab") as output:
            return subprocess.Popen(self.entering(*command), stdin=subprocess.DEVNULL, stdout=output,
                                    stderr=subprocess.STDOUT, env=CLEAN)

    def nspawn(self, root: Path, *arguments) -> list[str]:
        """The command line that runs systemd-nspawn here, in this network. Each run has a control group of its own."""
        self._runs += 1
        group = f"/sys/fs/cgroup/{GROUPS}{self.pid}/{self._runs}"
        return ["sh", "-c", 'mkdir "$0" && echo $$ > "$0/cgroup.procs" && exec systemd-nspawn "$@"', group, "--quiet",
                f"--directory={root}", "--register=no", "--keep-unit", "--timezone=off", "--link-journal=no",
                "--console=pipe", *map(str, arguments)]

    def path(self, inside: Path) -> Path:
        """A path of the mount namespace as one that we can open. Don't follow symbolic links below it."""
        return Path(f"/proc/{self.pid}/root{inside}")

    def in_network(self, function):
        """Calls it in a thread whose sockets are made in this network. They stay there when the thread ends."""
        answer = Future()

        def call():
            try:
                with open(f"/proc/{self.pid}/ns/net", encoding="ascii") as network:
                    libc = ctypes.CDLL(None, use_errno=True)
                    if libc.setns(network.fileno(), CLONE_NEWNET) != 0:
                        raise OSError(ctypes.get_errno(), "setns")
                answer.set_result(function())
            except BaseException as error:  # pylint: disable=broad-except
                answer.set_exception(error)

        thread = threading.Thread(target=call)
        thread.start()
        thread.join()
        return answer.result()

    def close(self) -> None:
        """Ends all that runs here, and waits until it has ended."""
        self._keeper.stdin.close()
        self._keeper.wait()
        self._keeper.stdout.close()
        wait_until(lambda: stat_of(self.pid) is None, "the end of the namespaces", patience=30)
        run(["unshare", "--mount", "--propagation", "private", "sh", "-c", SWEEP])
