# SPDX-License-Identifier: GPL-2.0-or-later
"""A Debian host with a real systemd: booted from a tree that stays clean, on a wire of its own.

    with Wire() as wire, Host("mail.alfa.example", Trees("bookworm"), Recipe(("postfix",)), wire) as host:
        host.write("/etc/motd", "hello")      # before or after the boot
        host.boot()
        host.run("systemctl", "is-active", "postfix")       # its output, or a CommandError with it
        host.reboot()
        smtp = host.from_inside(lambda: smtplib.SMTP("127.0.0.1"))

What the host changes stands in memory and is gone with it. A failing test prints `host.logs()`.
"""

import subprocess
import uuid
from pathlib import Path

from enclosure import CLEAN, CommandError, Enclosure, children_of, run
from etc_state import EtcState
from support.folders import temporary_folder
from support.waiting import wait_until
from trees import ARCHIVES, Recipe, Trees, mount_overlay
from wire import Address, Wire

REBOOT = 133  # systemd-nspawn's exit status for a host that wants to be started again
PATIENCE = 120  # seconds to boot or stop on a busy machine
UP = ("running", "degraded")


class Host:
    def __init__(self, name: str, trees: Trees, recipe: Recipe, wire: Wire | None = None):
        """`name`: with its domain. Packages are installed, but nothing runs before boot()."""
        self.name = name
        self.trees = trees
        self.layers = trees.layers(recipe)
        self.addresses: list[Address] = []  # on the wire
        self._leader: int | None = None  # the host's first process
        self._nspawn: subprocess.Popen | None = None
        self._cleanup = []
        self._folder = temporary_folder(lambda done: self._cleanup.append(done))
        self.enclosure = Enclosure()
        self._cleanup.append(self.enclosure.close)
        try:
            self._root = mount_overlay(self.enclosure, trees.mount_point, self.layers)
            self.write("/etc/hostname", name.partition(".")[0] + "\n")
            self.write("/etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {name} {name.partition('.')[0]}\n"
                       "::1 localhost ip6-localhost ip6-loopback\n")
            self.write("/etc/machine-id", uuid.uuid4().hex + "\n", "444")  # not that of the tree
            if wire is not None:
                wire.attach(self.enclosure)
                self.addresses = [wire.new_address(self.enclosure)]
                self.write("/etc/resolv.conf", f"nameserver {wire.address.v4}\n")
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        """As if the power went and the disk burnt."""
        while self._cleanup:
            self._cleanup.pop()()
        if self._nspawn is not None:
            self._nspawn.wait()

    # Power

    def boot(self, healthy: bool = True) -> None:
        """Returns when systemd has started all it means to. `healthy`: no unit may have failed."""
        self._nspawn = self.enclosure.start(*self.enclosure.nspawn(
            self._root, "--boot", f"--machine={self.name}", "--network-namespace-path=/proc/self/ns/net",
            "--capability=CAP_NET_ADMIN", "--resolv-conf=off", f"--bind={self.trees.archives}:{ARCHIVES}"),
            log=self._folder / "console")
        self._leader = wait_until(self._find_leader, f"{self.name} begins to boot", PATIENCE)
        wait_until(self._answers, f"systemd of {self.name} answers", PATIENCE)
        state = self._state()
        if state not in UP or (healthy and state != "running"):
            failed = self.run("systemctl", "--failed", "--no-pager")
            raise AssertionError(f"{self.name} is {state}\n{failed}\n{self.logs()}")

    def reboot(self, healthy: bool = True) -> None:
        self._end("reboot", REBOOT)
        self.boot(healthy)

    def power_off(self) -> None:
        self._end("poweroff", 0)

    def cut_power(self) -> None:
        """Every process is killed at once. What was written stays: this is no test of disks."""
        run(["kill", "-KILL", str(self._leader)])
        self._nspawn.wait(PATIENCE)
        self._leader = None

    @property
    def running(self) -> bool:
        return self._leader is not None

    def _end(self, how: str, status: int) -> None:
        try:
            self.run("systemctl", how)
        except CommandError as error:  # it may have been ended by what it asked for
            if error.status != 137:
                raise
        self._leader = None
        found = self._nspawn.wait(PATIENCE)
        if found != status:
            raise AssertionError(f"{self.name}: after {how} systemd-nspawn ended with {found}, not {status}\n"
                                 f"{self.logs()}")

    def _find_leader(self) -> int | None:
        if self._nspawn.poll() is not None:
            raise AssertionError(f"{self.name} did not boot\n{self.logs()}")
        for shell in children_of(self._nspawn.pid):  # of nsenter: it became systemd-nspawn
            if _program_of(shell) == "systemd-nspawn":
                for leader in children_of(shell):
                    if _program_of(leader) == "systemd":
                        return leader
        return None

    def _answers(self) -> bool:
        try:
            return self._state() in (*UP, "maintenance", "stopping")
        except CommandError:
            return False

    def _state(self) -> str:
        """Waits until the boot is over, if systemd answers at all."""
        return self.run("sh", "-c", "systemctl is-system-running --wait 2>/dev/null || true").strip()

    # Commands and files

    def run(self, *command, user: str = "root", **options) -> str:
        """On the running host; of a host that is off, in its file tree. `stdin`: text for the command."""
        words = command if user == "root" else ("runuser", "-u", user, "--", *command)
        return run(self._entering(*words), **options)

    def _entering(self, *command) -> list[str]:
        clean = ["env", "-i", *(f"{key}={value}" for key, value in CLEAN.items())]
        if not self.running:
            return self.enclosure.entering("chroot", self._root, *clean, *command)
        return ["nsenter", "-t", str(self._leader), "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "--",
                *clean, *command]

    def read(self, path: str) -> str:
        return self.run("cat", path)

    def write(self, path: str, text: str, mode: str = "644", owner: str = "root:root") -> None:
        self.run("sh", "-c", 'umask 077 && cat > "$1" && chown "$2" "$1" && chmod "$3" "$1"', "sh", path, owner, mode,
                 stdin=text)

    def put(self, source: Path, path: str) -> None:
        """A file of this machine, of any content."""
        with open(source, "rb") as content:
            subprocess.run(self._entering("sh", "-c", 'cat > "$1"', "sh", path), stdin=content, check=True, env=CLEAN)

    def etc(self) -> EtcState:
        return EtcState.of(self.enclosure.path(self._root) / "etc")

    def apt(self, *arguments) -> str:
        """apt-get, which finds in its archives what was downloaded before: see Trees.download()."""
        return self.run("apt-get", "-qy", "--no-install-recommends", *arguments, patience=900)

    # Network, logs

    def from_inside(self, function):
        """Calls it in a thread whose sockets are the host's own."""
        return self.enclosure.in_network(function)

    def logs(self) -> str:
        """The console, and the journal or what it has left."""
        said = [f"--- console of {self.name}", (self._folder / "console").read_text(errors="replace")[-4000:]]
        if self.running:
            said += ["--- journal", self.run("sh", "-c", "journalctl --no-pager -b | tail -n 200")]
        return "\n".join(said)


def _program_of(pid: int) -> str:
    """Empty if there is no such process any more."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""
